"""The page shows what quantization costs, and answers that were read by two rules."""

from pathlib import Path

from comparison_makers import paired_of
from report_makers import make_score
from report_pages import render

from records.comparisons import Comparisons, Cost, Figure, QuantizedModel

UNKNOWN = Figure(value=None, why="not computed: nf4 was made in memory")


def comparisons() -> Comparisons:
    pairs = [
        paired_of(-0.012, -0.031, 0.007),
        *(paired_of(-0.01, -0.03, 0.01, benchmark=name) for name in ("a", "b<1>")),
    ]
    full = Figure(value=0.81, low=0.78, high=0.84)
    model = QuantizedModel(
        model="student", full=full, pairs=pairs, smallest=None, line="cannot tell nf4: 12 more would"
    )
    return Comparisons(points=1.0, confidence=0.95, gains=[], quantized=[model])


def costs() -> list[Cost]:
    size, speed = Figure(value=3.1e9), Figure(value=912.4)
    return [
        Cost(model="student", precision="full", disk_bytes=size, memory_bytes=size, tokens_per_s=speed),
        Cost(model="student", precision="nf4", disk_bytes=UNKNOWN, memory_bytes=UNKNOWN, tokens_per_s=speed),
    ]


def test_the_verdict_stands_above_its_figures(tmp_path: Path) -> None:
    page = render(tmp_path, scores=[make_score()], comparisons=comparisons(), costs=costs())
    assert "Quantization student cannot tell nf4: 12 more would. precision problems of accuracy" in page.text
    assert "full 81.0% [78.0, 84.0] 3.10 GB 3.10 GB 912 nf4 all benchmarks 80.0% [70.0, 90.0] −1.20 [−3.10, +0.70]" in (
        page.text
    )
    assert "3.10 (95%) 3 1 +1 [−2, +4] 912 nf4 a " in page.text
    assert "nf4 b<1> 80.0%" in page.text
    assert "Nf4, size: not computed: nf4 was made in memory." in page.text
    assert "nan" not in page.text.lower()


def test_without_a_quantized_model_there_is_no_such_section(tmp_path: Path) -> None:
    nothing = Comparisons(points=1.0, confidence=0.95, gains=[], quantized=[])
    assert "Quantization" not in render(tmp_path, scores=[make_score()], comparisons=nothing).text


def test_rows_by_two_rules_stand_apart_and_the_headline_takes_the_lenient_ones(tmp_path: Path) -> None:
    scores = [
        make_score(value=0.2, model="base"),
        make_score(value=0.6, model="base", extraction="lenient"),
        make_score(value=0.7),
        make_score("gain_over_base", 0.5, 0.4, 0.6),
        make_score(value=0.72, extraction="lenient"),
        make_score("gain_over_base", 0.12, 0.1, 0.14, extraction="lenient"),
    ]
    page = render(tmp_path, scores=scores)
    assert (
        "base 60.0% → student 72.0% (gain +12.0 points [+10.0, +14.0]) on math500 with the answers of both" in page.text
    )
    assert "base full strict 20.0% [40.0, 60.0]" in page.text
    assert "base full lenient 60.0% [40.0, 60.0]" in page.text
    assert "Strict extraction reads answers that are announced or boxed" in page.text
    assert "base full, lenient" in page.text, "in the chart"
    strictly = render(tmp_path, scores=scores[:1]).text
    assert "strict" not in strictly.lower()
