"""The page's section on test-time compute."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from report_pages import render

from eval.metrics.estimate import Estimate
from eval.metrics.formats import read_scores
from eval.report.charts import accuracy_png
from eval.report.scaling_text import sentence
from eval.scaling.curve import Curve, Point, read_curves


def made_curve(chart: str = "thinking", name: str = "accuracy", **fields: object) -> Curve:
    points = [Point(100, 0.25, 0.2, 0.3, 50, 200, "128"), Point(400, 0.5, 0.4, 0.6, 50, 200, "no budget")]
    given = {"benchmark": "math500", "model": "student", "precision": "full", "x": "thinking tokens"} | fields
    return Curve(chart=chart, name=name, points=points, **given)  # type: ignore[arg-type]


def test_curves_stand_with_their_facts_and_points(tmp_path: Path) -> None:
    facts = [Estimate("slope per doubling", 0.125, 0.1, 0.15, 50, 400, 1e-5), Estimate("enough: no budget", 400.0)]
    cascade = [made_curve("cascade", name) for name in ("cascade", "random routing", "oracle: <knows>")]
    samples = [made_curve("samples", name, x="tokens") for name in ("pass@k", "maj@k")]
    page = render(tmp_path, curves=[made_curve(facts=facts), *samples, *cascade, made_curve(benchmark="aime")])
    assert "Test-time compute math500 student full: accuracy against thinking" in page.text
    assert "Each doubling of the tokens changes accuracy by +12.5 points [+10.0, +15.0], p < 0.001." in page.text
    assert "No larger budget is shown to be better than no budget (400 tokens on average)." in page.text
    assert "accuracy 128 100 25.0% [20.0, 30.0] 50 200" in page.text
    assert "oracle: <knows>" in page.text
    assert len(page.charts) == 4
    assert page.tags.count("figure") == 4


def test_without_curves_there_is_no_section(tmp_path: Path) -> None:
    assert "Test-time compute" not in render(tmp_path).text


def test_half_a_character_in_a_name_is_drawn(tmp_path: Path) -> None:
    curve = asdict(made_curve("search", name="half \ud800"))
    score = {"benchmark": "aime", "model": "half \ud800", "precision": "full", "metric": "pass@1", "value": 0.5}
    score |= {"low": 0.4, "high": 0.6, "n_problems": 2, "n_samples": 4}
    for name, row in (("curves.json", curve | {"points": curve["points"][:1]}), ("scores.json", score)):
        (tmp_path / name).write_text(json.dumps([row]))
    assert "half \ufffd" in render(tmp_path, curves=read_curves(tmp_path)).text
    assert accuracy_png(read_scores(tmp_path))


def test_what_was_not_computed_says_why(tmp_path: Path) -> None:
    absent = Point(800, None, None, None, 0, 0, "8", "not computed: 3 problems have fewer than 8 samples")
    curve = made_curve()
    page = render(tmp_path, curves=[replace(curve, points=[*curve.points, absent])])
    assert "accuracy 8 800 not computed: 3 problems have fewer than 8 samples" in page.text


def test_facts_as_sentences() -> None:
    worse = Estimate("overthinking: 512 minus 256", -0.05, -0.08, -0.02, 50, 200, 0.0004)
    assert sentence(worse) == "Overthinking: 512 minus 256 is −5.0 points [−8.0, −2.0], p < 0.001."
    gain = Estimate("cascade minus random routing, mean over 3 thresholds", 0.031, 0.01, 0.05, 50, 200, 0.012)
    assert sentence(gain) == (
        "Cascade minus random routing, mean over 3 thresholds: +3.1 points [+1.0, +5.0], p = 0.012."
    )
    absent = Estimate("slope per doubling", None, why="not computed: no two budgets")
    assert sentence(absent) == "slope per doubling: not computed: no two budgets"
