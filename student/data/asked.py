"""Problems as the prompts that a student answers while it is trained, in the very tokens that it meets at inference."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from configs.prompt import Prompt
from records.errors import InputError
from records.rendering import prompt_text, prompt_tokens
from records.rows import Problem
from student.data.faults import PROMPT_CHANGED, PROMPT_INCOMPLETE, PROMPT_TOO_LONG, too_many_dropped
from student.data.reasoning import Reasoning, Switch, is_no_think, switch_of
from student.data.row_check import same_words


@dataclass(frozen=True, slots=True)
class AskedProblem:
    """A problem's prompt for one student. Made by PromptRenderer; read by the preflight and the trainers."""

    problem: Problem
    turns: list[dict[str, str]]
    """As the chat template gets them."""
    text: str
    input_ids: list[int]
    no_think: bool
    """True if the prompt asks for an answer without reasoning."""
    fault: str
    """The reason, from `student.data.faults`, for which it is left out; empty if it is not."""


class PromptRenderer:
    """Renders problems for one student."""

    def __init__(self, tokenizer: Any, prompt: Prompt, reasoning: Reasoning, longest: int) -> None:
        """`longest` is the most tokens of a prompt that leave room for a completion."""
        self.tokenizer, self.prompt, self.reasoning, self.longest = tokenizer, prompt, reasoning, longest
        self.switch = switch_of(tokenizer)

    def render(self, problem: Problem) -> AskedProblem:
        """Render a problem. Errors: InputError if the template refuses the turns."""
        no_think = is_no_think(problem.id, self.reasoning)
        switch = self.switch if no_think else Switch()
        turns = self.prompt.messages(problem.prompt)
        turns = switch.apply(turns) if switch.suffix else list(turns)
        text = prompt_text(self.tokenizer, turns, switch.arguments)
        ids = prompt_tokens(self.tokenizer, text)
        return AskedProblem(problem, turns, text, ids, no_think, self.fault_of(turns, text, ids))

    def fault_of(self, turns: Iterable[dict[str, str]], text: str, ids: list[int]) -> str:
        if any(turn["content"].strip() not in text for turn in turns):
            return PROMPT_INCOMPLETE
        decoded = self.tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        if not same_words(str(decoded), text):
            return PROMPT_CHANGED
        return PROMPT_TOO_LONG if len(ids) > self.longest else ""


def check_dropped(asked: Sequence[AskedProblem], drop_at_most: float) -> dict[str, int]:
    """Return how many prompts are left out, by reason. Errors: InputError if they are all, or more than this share."""
    faulty = [one for one in asked if one.fault]
    dropped = dict(Counter(one.fault for one in faulty).most_common())
    named = {one.fault: f"problem_id {one.problem.id}" for one in reversed(faulty)}
    if refusal := too_many_dropped(dropped, len(asked), drop_at_most, named):
        raise InputError(refusal)
    return dropped
