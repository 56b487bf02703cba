"""Two engines' verdicts on the same problems agree or not, and their differences have intervals."""

from pathlib import Path

import pytest
from conftest import make_trace

from eval.metrics.cross_check import check_scores
from eval.metrics.formats import METRICS
from records.errors import InputError
from records.parquet import write_rows
from records.rows import Score, Variant, Verdict
from records.schemas import TRACE

VARIANT = Variant("student", "nf4")
PASSED, FAILED = Verdict("math", "1", "pass"), Verdict("math", "1", "fail", "wrong_answer")


def judged(folder: Path, outcomes: dict[str, list[int]], tokens: int = 10) -> Path:
    """The verdicts of every problem's samples."""
    folder.mkdir()
    rows = (
        make_trace(prompt=problem, sample_index=index, completion_tokens=tokens, verdicts=[PASSED if right else FAILED])
        for problem, samples in outcomes.items()
        for index, right in enumerate(samples)
    )
    write_rows(folder / "judged.parquet", rows, TRACE)
    return folder


def scores_of(first: Path, second: Path) -> dict[str, Score]:
    return {score.metric: score for score in check_scores("b", VARIANT, first, second)}


def test_agreement_is_the_share_of_equal_verdicts_on_the_shared_problems(tmp_path: Path) -> None:
    ours = judged(tmp_path / "a", {"x": [1, 0], "y": [1, 1], "z": [0, 0], "only ours": [1, 1]})
    theirs = judged(tmp_path / "b", {"z": [0, 1], "y": [1, 1], "x": [0, 1]}, tokens=13)
    found = scores_of(ours, theirs)
    assert found.keys() == {"agreement", "cross_check", "cross_check_tokens"} <= METRICS.keys()
    agreement, difference, tokens = (found[name] for name in ("agreement", "cross_check", "cross_check_tokens"))
    assert agreement.value == pytest.approx((0 + 1 + 0.5) / 3)
    assert (agreement.n_problems, agreement.n_samples) == (3, 6)
    assert difference.value == pytest.approx((0 + 0 + 0.5) / 3), "the second minus the first"
    assert difference.low < difference.value < difference.high
    assert difference.detectable
    assert tokens.value == 3.0
    assert {score.variant for score in found.values()} == {VARIANT}


def test_full_agreement_is_no_certainty(tmp_path: Path) -> None:
    outcomes = {f"p{at}": [at % 2] for at in range(8)}
    found = scores_of(judged(tmp_path / "a", outcomes), judged(tmp_path / "b", outcomes))
    assert (found["agreement"].value, found["agreement"].high) == (1.0, 1.0)
    assert found["agreement"].low < 0.8
    assert found["cross_check"].low < 0 < found["cross_check"].high


def test_a_problem_that_vllm_did_not_sample_is_refused(tmp_path: Path) -> None:
    ours, theirs = judged(tmp_path / "a", {"x": [1]}), judged(tmp_path / "b", {"x": [1], "y": [1]})
    with pytest.raises(InputError, match="b: student nf4 in vLLM and in transformers cannot be compared"):
        check_scores("b", VARIANT, ours, theirs)
