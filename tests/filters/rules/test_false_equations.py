"""The rule against false equations: off by default, counts steps, and reads the reasoning only if told to."""

from typing import Any

import pytest
from conftest import make_trace

from configs.judging import EquationLimits, Judging
from filters.chain import all_filters
from filters.rules.false_equations import FalseEquations

FALSE, TRUE = "So 5 + 3 = 9.", "So 5 + 3 = 8."


def test_it_is_off_by_default() -> None:
    assert "false_equations" not in [rule.name for rule in all_filters(Judging())]
    named = [rule.name for rule in all_filters(Judging(equations=EquationLimits()))]
    assert "false_equations" in named


@pytest.mark.parametrize(
    ("reasoning", "answer", "limits", "reason"),
    [
        (TRUE, TRUE, {}, ""),
        (TRUE, FALSE, {}, "false_equation"),
        (FALSE, TRUE, {}, "false_equation"),
        (FALSE, TRUE, {"reasoning": False}, ""),
        (FALSE, TRUE, {"max_false_steps": 1}, ""),
        (FALSE, FALSE, {"max_false_steps": 1}, "false_equation"),
        (FALSE, FALSE, {"max_false_steps": 2}, ""),
        (f"{FALSE} And 2 + 2 = 5.", "", {"max_false_steps": 1}, "false_equation"),
    ],
)
def test_it_counts_steps(reasoning: str, answer: str, limits: dict[str, Any], reason: str) -> None:
    verdict = FalseEquations(EquationLimits(**limits)).judge(make_trace(reasoning=reasoning, answer=answer))
    assert (verdict.outcome, verdict.reason) == ("fail" if reason else "pass", reason)
    assert verdict.detail == ("5 + 3 = 9" if reason else "")
