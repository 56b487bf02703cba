"""Problems as the prompts of a student that answers them itself: their text, their tokens, and which are held out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.prompt import Prompt
from configs.stages import GrpoStage
from records.errors import InputError
from records.prompts import read_prompts
from records.rendering import prompt_text, prompt_tokens
from records.rows import Problem
from student.data.mixing import seeded

HARDEST = -1.0
"""Stands for a pass rate that is not known."""


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A problem as the student is asked it. Made here; read by the preflight and the trainer."""

    problem: Problem
    pass_rate: float | None
    text: str
    tokens: list[int]


@dataclass(frozen=True)
class PromptSet:
    """The prompts of a training."""

    train: list[RenderedPrompt]
    """In the run's order, or the easiest first."""
    held_out: list[RenderedPrompt]
    too_long: int
    """Prompts left out because no room is left for a completion."""


def rendered_prompts(folder: Path, tokenizer: Any, prompt: Prompt) -> Iterator[RenderedPrompt]:
    """Render every chosen problem. Errors: InputError if the chat template refuses the prompt."""
    for problem, rate in read_prompts(folder):
        text = prompt_text(tokenizer, prompt.messages(problem.prompt))
        yield RenderedPrompt(problem, rate, text, prompt_tokens(tokenizer, text))


def prompt_set(folder: Path, tokenizer: Any, prompt: Prompt, config: GrpoStage) -> PromptSet:
    """Return the prompts to train on and those that are held out, which are drawn by a hash with the stage's seed, as
    rows are. Errors: InputError if none is left to train on."""
    found = list(rendered_prompts(folder, tokenizer, prompt))
    fitting = [one for one in found if len(one.tokens) <= config.longest_prompt]
    chosen = held_out(fitting, config)
    train = [one for one in fitting if one.problem.id not in chosen]
    if not train:
        raise InputError(f"no prompt is left to train on: {len(found) - len(fitting)} of {len(found)} are too long")
    if config.prompts.order == "easy_first":
        train.sort(key=lambda one: -(HARDEST if one.pass_rate is None else one.pass_rate))
    return PromptSet(train, [one for one in fitting if one.problem.id in chosen], len(found) - len(fitting))


def held_out(prompts: Sequence[RenderedPrompt], config: GrpoStage) -> set[str]:
    """Return the ids of the held-out problems. Errors: InputError if they leave none to train on."""
    if not config.held_out:
        return set()
    problems = sorted({one.problem.id for one in prompts}, key=seeded(config.seed))
    count = int(config.held_out) if config.held_out >= 1 else max(1, round(config.held_out * len(problems)))
    if count >= len(problems):
        raise InputError(f"held_out: {count} of {len(problems)} problems leave none to train on; lower it")
    return set(problems[:count])
