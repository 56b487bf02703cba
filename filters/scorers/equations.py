"""Checks every equation between numbers in a trace, exactly and without a model.

A step's equations are decided one by one: true, false, or undecided if one holds a variable, is supposed or denied by
the words around it, or may be meant otherwise (`filters/scorers/arithmetic`). No equation that is undecided counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from filters.scorers.arithmetic.amounts import amount_of
from filters.scorers.arithmetic.doubts import doubts_context, doubts_meaning, doubts_text
from filters.scorers.arithmetic.links import holds
from filters.scorers.arithmetic.operands import Operand, links
from filters.scorers.arithmetic.spelling import ITEM, calculations, spelled
from filters.scorers.arithmetic.tokens import Token, tokens_of
from records.steps import split_steps

MOST_CHARACTERS, MOST_EQUATIONS, MOST_STEP = 400_000, 2_000, 20_000
"""Characters and equations, decided or not, of a text beyond which nothing more is decided; characters of a step beyond
which none of it is."""
CONTEXT = 80
"""Characters of the next step that may take an equation back."""
FENCE = re.compile("```|~~~")


@dataclass(frozen=True)
class StepCheck:
    """What the check decided of one step. Made by `check_steps`; read by `step_values`, by the rule and by benches."""

    decided: int = 0
    """Number of its equations that are true or false."""
    false: tuple[str, ...] = ()
    """Its false equations, as they were read."""

    @property
    def value(self) -> float | None:
        """1.0 if all decided equations hold, 0.0 if one is false, None if none was decided."""
        return (0.0 if self.false else 1.0) if self.decided else None


@dataclass(frozen=True)
class TextCheck:
    """What the check decided of a whole text. Made by `summary`; read by the rule and by benches."""

    decided: int
    """Number of its steps with a decided equation."""
    false: int
    """Number of its steps with a false one."""
    steps: int
    first_false: int | None
    """The first step with a false equation, from 0."""

    @property
    def share_decided(self) -> float:
        return self.decided / self.steps if self.steps else 0.0

    @property
    def share_false(self) -> float:
        """Share of the decided steps."""
        return self.false / self.decided if self.decided else 0.0


def step_values(text: str) -> list[float | None]:
    """Return for each step of a text (`records.steps.split_steps`) 1.0 if its decided equations all hold, 0.0 if one is
    false, None if it has none."""
    return [check.value for check in check_steps(text)]


def check_steps(text: str) -> list[StepCheck]:
    """Return the check of each step of a text, in order. Pure, and bounded in time by the text's length."""
    return check_pieces(split_steps(text))


def check_pieces(steps: list[str]) -> list[StepCheck]:
    """Return the check of each given step."""
    is_other = doubts_text("\n".join(steps)[:MOST_CHARACTERS])
    left, read = MOST_EQUATIONS, 0
    found = []
    for index, step in enumerate(steps):
        read += len(step)
        if read > MOST_CHARACTERS or len(step) > MOST_STEP or left <= 0 or FENCE.search(step):
            found.append(StepCheck())
            continue
        following = steps[index + 1][:CONTEXT] if index + 1 < len(steps) else ""
        verdicts = list(islice(equations(step, following, is_other), left))
        left -= len(verdicts)
        decided = [verdict for _, verdict in verdicts if verdict is not None]
        found.append(StepCheck(len(decided), tuple(text for text, verdict in verdicts if verdict is False)))
    return found


def summary(checks: list[StepCheck]) -> TextCheck:
    false = [index for index, check in enumerate(checks) if check.false]
    decided_steps = sum(check.decided > 0 for check in checks)
    return TextCheck(decided_steps, len(false), len(checks), false[0] if false else None)


def equations(step: str, following: str, is_other: bool) -> Iterator[tuple[str, bool | None]]:
    """Yield every relation of a step that has two operands, as it was read, and whether it holds."""
    text, calculated = calculations(step)
    for part in (text, *calculated):
        line = spelled(part)
        tokens = tokens_of(line)
        for left, relation, right in links(tokens):
            if not left.text or not right.text:
                continue
            verdict = verdict_of(left, relation, right)
            if verdict is False and (
                is_other
                or is_doubted(line, tokens, left, right, following)
                or holds_with_sign(tokens, left, relation, right)
            ):
                verdict = None
            yield f"{left.text} {relation.text} {right.text}", verdict


def verdict_of(left: Operand, relation: Token, right: Operand) -> bool | None:
    first = amount_of(left)
    second = amount_of(right) if first else None
    if first is None or second is None:
        return None
    verdict = holds(first, relation.text, second, right.approximate)
    return None if verdict is False and doubts_meaning(left, right, first, second) else verdict


def holds_with_sign(tokens: list[Token], left: Operand, relation: Token, right: Operand) -> bool:
    """Say whether a relation whose left side follows the dash of an item may hold with that as its sign."""
    is_item = left.first > 0 and tokens[left.first - 1].text == ITEM
    return is_item and verdict_of(replace(left, text=f"- {left.text}"), relation, right) is not False


def is_doubted(line: str, tokens: list[Token], left: Operand, right: Operand, following: str) -> bool:
    start, end = tokens[left.first].start, tokens[right.last - 1].end
    return doubts_context(line, start, end, following)
