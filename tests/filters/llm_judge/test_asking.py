"""Which traces a judge is asked about: those that may have been rejected wrongly, and a fair sample for comparison."""

from dataclasses import asdict
from typing import Any

import pytest
from conftest import make_trace

from configs.llm_judge import SecondOpinion
from filters.llm_judge.asking import CalibrationSample, contested, verifiers_outcome
from records.rows import Verdict

OVER = ["wrong_answer", "unverifiable", "bad_format"]


def row(*verdicts: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    return asdict(make_trace(verdicts=[Verdict(name, "1", outcome, why) for name, outcome, why in verdicts], **fields))


@pytest.mark.parametrize(
    ("verdicts", "over"),
    [
        ([("length_bounds", "pass", ""), ("math", "fail", "wrong_answer")], "wrong_answer"),
        ([("math", "unknown", "unverifiable")], "unverifiable"),
        ([("math", "unknown", "timeout")], ""),
        ([("math", "pass", "")], ""),
        ([], ""),
        ([("contamination", "fail", "contaminated"), ("math", "fail", "wrong_answer")], ""),
        ([("math", "unknown", "unverifiable"), ("answer_format", "fail", "bad_format")], "bad_format"),
    ],
)
def test_all_reasons_must_be_ones_that_a_judge_may_contradict(verdicts: list[Any], over: str) -> None:
    assert contested(row(*verdicts), OVER) == over
    assert contested(row(*verdicts, closed=False), OVER) == ""


def test_a_verifier_s_outcome_counts_where_all_filters_passed() -> None:
    passed, failed = ("length_bounds", "pass", ""), ("length_bounds", "fail", "too_long")
    assert verifiers_outcome(row(passed, ("math", "fail", "wrong_answer"))) == "fail"
    assert verifiers_outcome(row(passed, ("math", "pass", ""))) == "pass"
    assert verifiers_outcome(row(passed, ("math", "unknown", "timeout"))) == ""
    assert verifiers_outcome(row(failed)) == verifiers_outcome(row(failed, ("math", "pass", ""))) == ""


def sample(size: int, seed: int = 0, problems: int = 40, hinted: bool = False) -> list[tuple[int, str]]:
    """Positions and outcomes of a sample of problems with a wrong and two right traces each."""
    config = SecondOpinion.model_validate(
        {"judge": {"kind": "fake_judge"}, "sampling": {"max_tokens": 9}, "calibration": size, "seed": seed}
    )
    drawn, outcomes = CalibrationSample(config), ["fail", "pass", "pass"] * problems
    for position, outcome in enumerate(outcomes):
        at = row(prompt=f"p{position // 3}", sample_index=position % 3) | {"hinted": hinted}
        drawn.add(position, at, outcome)
    return sorted((position, outcomes[position]) for position in drawn.positions())


def test_half_of_the_sample_passed_and_no_problem_is_in_it_twice() -> None:
    found = sample(10)
    assert [outcome for _, outcome in found].count("pass") == 5 == len(found) / 2
    assert len({position // 3 for position, _ in found}) == 10
    assert found == sample(10) != sample(10, seed=1)
    assert len(sample(7)) == 7
    assert {position for position, _ in sample(6)} <= {position for position, _ in found}, "a larger one adds to it"


def test_what_there_is_bounds_the_sample() -> None:
    assert len(sample(1000)) == 40
    assert sample(0) == sample(10, hinted=True) == []
