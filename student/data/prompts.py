"""The prompts of reinforcement learning: which are asked, in which order, and which are held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from configs.stages import GrpoStage
from records.errors import InputError
from records.prompts import read_prompts
from student.data.asked import AskedProblem, PromptRenderer, check_dropped
from student.data.mixing import seeded

HARDEST = -1.0
"""Stands for a pass rate that is not known."""


@dataclass(frozen=True)
class PromptSet:
    """The prompts of a training."""

    train: list[AskedProblem]
    """In the run's order, or the easiest first."""
    held_out: list[AskedProblem]
    dropped: dict[str, int]
    """Prompts left out, by reason (`student.data.faults`)."""


def prompt_set(folder: Path, renderer: PromptRenderer, config: GrpoStage) -> PromptSet:
    """Return the prompts to train on and those that are held out, which are drawn by a hash with the stage's seed, as
    rows are. Errors: InputError if none is left to train on, or if more are left out than the stage allows."""
    chosen = list(read_prompts(folder))
    asked = [renderer.render(problem) for problem, _ in chosen]
    dropped = check_dropped(asked, config.drop_at_most)
    fitting = [one for one in asked if not one.fault]
    apart = held_out(fitting, config)
    train = [one for one in fitting if one.problem.id not in apart]
    if config.prompts.order == "easy_first":
        rates = {problem.id: HARDEST if rate is None else rate for problem, rate in chosen}
        train.sort(key=lambda one: -rates[one.problem.id])
    return PromptSet(train, [one for one in fitting if one.problem.id in apart], dropped)


def held_out(prompts: Sequence[AskedProblem], config: GrpoStage) -> set[str]:
    """Return the ids of the held-out problems. Errors: InputError if they leave none to train on."""
    if not config.held_out:
        return set()
    problems = sorted({one.problem.id for one in prompts}, key=seeded(config.seed))
    count = int(config.held_out) if config.held_out >= 1 else max(1, round(config.held_out * len(problems)))
    if count >= len(problems):
        raise InputError(f"held_out: {count} of {len(problems)} problems leave none to train on; lower it")
    return set(problems[:count])
