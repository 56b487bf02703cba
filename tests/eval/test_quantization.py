"""The verdict on quantization: pooled over benchmarks, paired problem by problem, in one line."""

from pathlib import Path

import numpy as np
import pytest
from comparison_makers import BASE, INT8, NF4, RIGHT, STUDENT, UNKNOWN, WRONG, drawn, flipped, read

from configs.tolerance import Tolerance
from eval.metrics.pooling import pooled
from eval.quantization import compare_all
from eval.report.quantization import quantization_markdown, quantization_tables, quantization_text
from records.comparisons import Comparisons, Cost, Figure, read_comparisons, read_costs
from records.errors import InputError
from records.files import write_json
from records.rows import Variant

ONE_POINT = Tolerance()
RIGHT_HALF = np.repeat([[RIGHT], [WRONG]], [1000, 1000], axis=0)
"""2,000 problems, one sample each."""


def cost(variant: Variant, disk: float | None = None, speed: float | None = None) -> Cost:
    size = Figure(value=disk, why="" if disk else "not computed: made in memory")
    rate = Figure(value=speed, why="" if speed else "not computed: no completion was drawn anew")
    return Cost(model=variant.model, precision=variant.precision, disk_bytes=size, memory_bytes=size, tokens_per_s=rate)


def compared(verdicts: dict[Variant, np.ndarray], costs: list[Cost] | None = None) -> Comparisons:
    return compare_all({"b": {variant: read(one) for variant, one in verdicts.items()}}, costs or [], ONE_POINT)


def test_the_smallest_precision_within_the_tolerance_is_named() -> None:
    found = compared({STUDENT: RIGHT_HALF, INT8: RIGHT_HALF, NF4: flipped(RIGHT_HALF, lost=2, gained=2)})
    (model,) = found.quantized
    assert model.smallest == "nf4"
    assert model.line.startswith("nf4 is the smallest precision shown to lose less than 1 point: at most 0.")
    whole = {pair.precision: pair for pair in model.pairs if pair.benchmark == ""}
    assert (whole["nf4"].lost, whole["nf4"].gained, whole["int8"].lost) == (2, 2, 0)
    assert whole["nf4"].change.value == 0
    assert (whole["nf4"].n_problems, whole["nf4"].n_samples) == (2000, 2000)


def test_a_smaller_precision_that_loses_too_much_is_told() -> None:
    (model,) = compared({STUDENT: RIGHT_HALF, INT8: RIGHT_HALF, NF4: flipped(RIGHT_HALF, lost=60)}).quantized
    assert model.smallest == "int8"
    assert "; nf4 loses more: 3.00 [" in model.line


def test_an_unchanged_model_on_few_problems_proves_nothing() -> None:
    (model,) = compared({STUDENT: RIGHT_HALF[:30], NF4: RIGHT_HALF[:30]}).quantized
    assert model.smallest is None
    assert model.line.startswith("cannot tell nf4: ")
    assert "more problems would tell" in model.line


def test_problems_enough_to_show_it_and_one_fewer() -> None:
    """Without a flip the bound is 3.21 / (n + 1): one point takes 321 problems."""

    def smallest(n: int) -> str | None:
        same = np.full((n, 1), RIGHT)
        return compared({STUDENT: same, NF4: same}).quantized[0].smallest

    assert (smallest(320), smallest(321)) == (None, "nf4")


def test_no_precision_within_the_tolerance() -> None:
    found = compared({STUDENT: RIGHT_HALF, INT8: flipped(RIGHT_HALF, 100), NF4: flipped(RIGHT_HALF, 200)})
    line = found.quantized[0].line
    assert line.startswith("no precision loses less than 1 point; nf4 loses more: 10.00 [")
    assert "int8 loses more: 5.00 [" in line


def test_a_benchmark_on_which_more_is_lost_is_not_averaged_away() -> None:
    """0.6 points of 5,000 problems, but all of them on one benchmark of 30."""
    large = np.repeat([[RIGHT], [WRONG]], [2500, 2470], axis=0)
    small = np.full((30, 1), RIGHT)
    measured = {
        "large": {STUDENT: read(large), NF4: read(large)},
        "small": {STUDENT: read(small, names="s"), NF4: read(flipped(small, 15), names="s")},
    }
    (model,) = compare_all(measured, [], ONE_POINT).quantized
    whole = model.pairs[0]
    assert whole.change.value == pytest.approx(-15 / 5000)
    assert -(whole.at_least or 0) < 0.01
    assert model.smallest is None
    assert "nf4 loses more: on small alone 50.00 [" in model.line
    assert [pair.benchmark for pair in model.pairs] == ["", "large", "small"]


def test_sizes_on_disk_decide_what_is_smallest_if_all_are_known() -> None:
    same = {STUDENT: RIGHT_HALF, INT8: RIGHT_HALF, NF4: RIGHT_HALF}
    known = [cost(INT8, 3e9), cost(NF4, 4e9)]
    assert compared(same, known).quantized[0].smallest == "int8"
    assert compared(same, [cost(INT8, 3e9), cost(NF4)]).quantized[0].smallest == "nf4"
    assert compared(same, known[:1]).quantized[0].smallest == "nf4"


def test_a_problem_of_two_benchmarks_counts_once() -> None:
    rates = np.array([[RIGHT, WRONG], [RIGHT, RIGHT]])
    whole = pooled([drawn(rates), drawn(rates[:1, :1])])
    assert whole.problems == ["p0", "p1"]
    assert [part.tolist() for part in whole.counts()] == [[2, 2], [3, 2]]
    assert whole.tokens is not None
    assert whole.tokens.tolist() == [100] * 5


def test_more_samples_bring_the_difference_closer() -> None:
    rng = np.random.default_rng(0)
    easy = rng.beta(2, 2, size=(300, 1))
    full, nf4 = ((rng.random((300, 4)) < easy).astype(int) for _ in range(2))
    line = compared({STUDENT: full, NF4: nf4}).quantized[0].line
    assert "more samples of each model, or" in line


def test_gains_are_paired_under_one_rule() -> None:
    """Strictly the base has nothing right; read leniently it is as good as the student."""
    nothing = np.full((400, 1), WRONG)
    half = RIGHT_HALF[800:1200]
    measured = {
        "b": {BASE: read(nothing, half), STUDENT: read(half, half, own="strict"), NF4: read(half, half, "strict")}
    }
    found = compare_all(measured, [], ONE_POINT)
    assert {(gain.precision, gain.benchmark, gain.extraction) for gain in found.gains} == {
        (precision, name, "lenient") for precision in ("full", "nf4") for name in ("", "b")
    }
    assert {gain.change.value for gain in found.gains} == {0}
    assert {pair.extraction for pair in found.quantized[0].pairs} == {"strict"}
    strict = {"b": {BASE: read(nothing), STUDENT: read(half)}}
    assert compare_all(strict, [], ONE_POINT).gains[0].change.value == 0.5


def test_what_cannot_be_compared_says_why() -> None:
    unknown = np.full((4, 1), UNKNOWN)
    (model,) = compared({STUDENT: RIGHT_HALF[:4], NF4: unknown}).quantized
    assert model.line == "nf4: not computed: no problem has a verdict on both sides"
    (model,) = compared({NF4: RIGHT_HALF[:4]}).quantized
    assert model.line == model.full.why == "not computed: no benchmark measured the unquantized model"
    assert compared({STUDENT: RIGHT_HALF[:4]}).quantized == []


def test_other_problems_are_refused() -> None:
    measured = {"b": {STUDENT: read(RIGHT_HALF), NF4: read(RIGHT_HALF, names="q")}}
    with pytest.raises(InputError, match="b: student nf4 and student full cannot be compared"):
        compare_all(measured, [], ONE_POINT)


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    found = compared({BASE: RIGHT_HALF, STUDENT: RIGHT_HALF, NF4: flipped(RIGHT_HALF, 5)})
    costs = [cost(STUDENT, 15e9, 900.0), cost(NF4)]
    write_json(tmp_path / "comparisons.json", found)
    write_json(tmp_path / "costs.json", costs)
    assert read_comparisons(tmp_path) == found
    assert read_costs(tmp_path) == costs


def test_tables_tell_what_is_known_and_why_the_rest_is_not() -> None:
    found = compared({STUDENT: RIGHT_HALF, NF4: flipped(RIGHT_HALF, lost=5, gained=3)})
    tables = quantization_tables(found, [cost(STUDENT, 15.2e9, 900.0), cost(NF4, None, 88.0)])
    text = quantization_text(tables)
    full, nf4 = text.splitlines()[2:4]
    assert full.split() == ["full", "50.0%", "[47.8,", "52.2]", "15.20", "GB", "15.20", "GB", "900"]
    assert nf4.startswith("nf4        all benchmarks  49.9% [47.7, 52.1]  −0.10 [−0.4")
    assert nf4.split()[-8:-3] == ["5", "3", "+0", "[−0,", "+0]"] or "5     3" in nf4
    assert "nf4, size: not computed: made in memory" in text
    assert text.splitlines()[-1] == found.quantized[0].line
    assert f"student: {found.quantized[0].line}\n\n| precision |" in quantization_markdown(tables)
    assert "nan" not in text.lower()


def test_each_benchmark_has_its_own_row() -> None:
    small = {STUDENT: read(RIGHT_HALF[990:1010]), NF4: read(RIGHT_HALF[990:1010])}
    found = compare_all({"one": small, "two": small}, [], ONE_POINT)
    (table,) = quantization_tables(found, [])
    assert [row.get("problems of") for row in table.rows] == [None, "all benchmarks", "one", "two"]
