"""The tolerance on published tables of one model in three precisions: 590 problems of AIME and MATH, a sample each."""

from dataclasses import replace

import pytest
from conftest import SHARED

from eval.metrics.readings import Readings
from eval.paired import pairs_of
from eval.tolerance import CANNOT_TELL, EXCEEDS, WITHIN, find, loss
from eval.variants import Comparison
from eval.verdict_table.columns import DEFAULTS, Columns
from eval.verdict_table.reading import read_table
from records.comparisons import Paired
from records.rows import Variant

FOLDER = SHARED / "eval_outputs" / "quant_r1d_1p5b" / "per_sample"
R1 = "DeepSeek-R1-Distill-Qwen-1.5B"
FULL, W4, W3 = (Variant("student", precision) for precision in ("full", "awq-w4g128", "awq-w3g128"))

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/data/eval_outputs")


def readings(variant: Variant, benchmark: str) -> Readings:
    name = R1 if variant == FULL else f"{R1}-{variant.precision}-tp1"
    columns = Columns(problem=("idx",), correct="is_correct", optional={part: part for part in DEFAULTS})
    samples = read_table(FOLDER / f"{name}_{benchmark}.csv", columns).samples
    # The two tables number their problems alike.
    return Readings(replace(samples, problems=[f"{benchmark} {problem}" for problem in samples.problems]))


def compared(variant: Variant) -> list[Paired]:
    both = (FULL, variant)
    measured = {name: {one: readings(one, name) for one in both} for name in ("AIME-90", "MATH-500")}
    return list(pairs_of(measured, Comparison("change_from_full", variant, FULL), 0.95))


def test_four_bits_cannot_be_told_from_590_problems() -> None:
    whole, aime, math = compared(W4)
    assert (whole.lost, whole.gained, whole.n_problems) == (40, 27, 590)
    assert (aime.lost + math.lost, aime.gained + math.gained) == (40, 27)
    assert loss(whole) == "2.20 [−0.55, 4.94] points"
    found = find(whole, 1.0, 0.95)
    assert found.outcome == CANNOT_TELL
    assert found.needs.startswith("4,349 more problems would tell")
    assert find(whole, 5.0, 0.95).outcome == WITHIN


def test_three_bits_lose_more_than_a_point() -> None:
    assert {find(pair, 1.0, 0.95).outcome for pair in compared(W3)} == {EXCEEDS}
    assert loss(compared(W3)[0]) == "30.34 [26.22, 34.25] points"
