"""A gate lets through what is shown, and says with figures what is not."""

from comparison_makers import not_paired, paired_of

from configs.gate import Gate
from eval.gate import unmet
from records.comparisons import Comparisons, Figure, Paired, QuantizedModel

GATE = Gate(beats_base=True, quantized_within={"nf4": 2.0})


def found(gains: list[Paired], pairs: list[Paired]) -> Comparisons:
    model = QuantizedModel(
        model="student", full=Figure(value=0.8, low=0.7, high=0.9), pairs=pairs, smallest=None, line="a line"
    )
    return Comparisons(points=1.0, confidence=0.95, gains=gains, quantized=[model] if pairs else [])


def gain(value: float, at_least: float) -> Paired:
    return paired_of(value, at_least, 2 * value - at_least, precision="full")


def test_what_is_shown_passes() -> None:
    assert unmet(GATE, found([gain(0.05, 0.0001)], [paired_of(-0.01, -0.0199, 0.0)])) == []


def test_a_student_that_loses_fails() -> None:
    (line,) = unmet(Gate(beats_base=True), found([gain(-0.05, -0.08)], []))
    assert line == (
        "gate.beats_base: the student is not shown to be better than its base: it gains −5.00 [−8.00, −2.00] points on "
        "500 problems, at least −8.00 with 95% confidence"
    )


def test_a_gain_that_may_be_none_fails() -> None:
    assert len(unmet(Gate(beats_base=True), found([gain(0.02, 0.0)], []))) == 1


def test_a_precision_that_loses_more_fails() -> None:
    (line,) = unmet(GATE, found([gain(0.05, 0.01)], [paired_of(-0.04, -0.05, -0.03)]))
    assert line == (
        "gate.quantized_within.nf4: the student is not shown to lose less than 2 points: it loses 4.00 [3.00, 5.00] "
        "points on 500 problems, at most 5.00 with 95% confidence"
    )


def test_a_loss_of_exactly_what_is_allowed_fails_and_says_what_would_tell() -> None:
    (line,) = unmet(GATE, found([gain(0.05, 0.01)], [paired_of(-0.01, -0.02, 0.0)]))
    assert "at most 2.00 with 95% confidence; " in line
    assert "would tell" in line


def test_what_was_not_measured_fails_and_says_why() -> None:
    assert [line.rsplit(": ", 1)[1] for line in unmet(GATE, found([], []))] == [
        "the two were not both measured",
        "nf4 was not measured",
    ]
    assert unmet(GATE, found([gain(0.05, 0.01)], [not_paired()]))[0].endswith(
        "not computed: no problem has a verdict on both sides"
    )


def test_one_benchmark_or_another_model_decides_nothing() -> None:
    """The gate looks at the unquantized student over all benchmarks, and at its own precisions."""
    other = [paired_of(-0.5, -0.6, -0.4, precision="full", benchmark="aime"), paired_of(-0.5, -0.6, -0.4)]
    assert unmet(Gate(beats_base=True), found([*other, gain(0.05, 0.01)], [])) == []
    parts = [paired_of(-0.001, -0.01, 0.01), paired_of(-0.5, -0.6, -0.4, benchmark="aime")]
    assert unmet(Gate(quantized_within={"nf4": 2.0}), found([], parts)) == []
