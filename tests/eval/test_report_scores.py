"""Every score stands in the page with its interval, or says why there is none."""

from pathlib import Path

import pytest
from report_makers import judging, make_score, make_scores
from report_pages import render


def test_every_score_stands_with_its_interval(tmp_path: Path) -> None:
    page = render(tmp_path, scores=make_scores())
    for shown in (
        "82.1% [78.7, 85.1]",
        "3.1% [1.9, 5.0]",
        "4.1% [2.7, 6.3]",
        "3,120 [2,982, 3,261]",
        "+10.1 points [+6.5, +13.9]",
        "72.0% [68.0, 75.8]",
        "80.5% [76.9, 83.6]",
        "−1.7 points [−3.5, +0.0]",
        "13.3% [0.0, 100.0]",
    ):
        assert shown in page.text
    assert len(page.charts) == 2
    assert "aime<25>" in page.text


def test_a_difference_stands_with_its_p_value_and_what_could_be_shown(tmp_path: Path) -> None:
    gain = make_score("gain_over_base", 0.1012, 0.0651, 0.1388, p=0.00002, detectable=0.0523)
    change = make_score("change_from_full", -0.016, -0.045, 0.013, precision="nf4", p=0.3409, detectable=0.0411)
    page = render(tmp_path, scores=[make_score(), gain, make_score(precision="nf4"), change])
    assert "+10.1 points [+6.5, +13.9] p < 0.001; shows 5.2 points" in page.text
    assert "−1.6 points [−4.5, +1.3] p = 0.341; shows 4.1 points" in page.text


def test_metrics_of_k_samples_have_columns_in_the_order_of_k(tmp_path: Path) -> None:
    names = ("maj@8", "g_pass@8_0.5", "pass@16", "pass@8", "unknown")
    page = render(tmp_path, scores=[make_score(), *(make_score(name) for name in names)])
    assert "model precision pass@1 pass@8 pass@16 G-Pass@8 ≥ 0.5 maj@8 unknown problems" in page.text


def test_what_was_not_computed_says_why(tmp_path: Path) -> None:
    nothing = {"value": None, "low": None, "high": None, "why": "not computed: every verdict is unknown"}
    page = render(tmp_path, scores=[make_score(**nothing), make_score(precision="nf4")])
    assert "student full not computed: every verdict is unknown" in page.text
    assert len(page.charts) == 1
    assert "nan" not in page.text.lower()


def test_groups_of_problems_have_a_table_of_their_own(tmp_path: Path) -> None:
    parts = [
        make_score(value=0.25, group="level=5", n_problems=40),
        make_score(group="level=5", model="base", n_problems=40),
    ]
    page = render(tmp_path, scores=[make_score(value=0.9), *parts])
    assert "problems student full problems level=5 25.0% [40.0, 60.0] 40" in page.text
    assert page.text.count("90.0%") == 2, "in the table and in the chart, which no group enters"


def test_headline_is_the_first_benchmark_at_full_precision(tmp_path: Path) -> None:
    page = render(tmp_path, scores=make_scores(), judged=judging(traces=4000, accepted=2800))
    assert "base 72.0% → student 82.1% (gain +10.1 points [+6.5, +13.9]) on math500" in page.text
    assert "accepted 2,800 of 4,000 traces" in page.text


def test_no_headline_without_a_base(tmp_path: Path) -> None:
    assert "→" not in render(tmp_path, scores=[make_score()]).text


def test_no_benchmark(tmp_path: Path) -> None:
    page = render(tmp_path)
    assert "No benchmark was configured." in page.text
    assert page.charts == []


def test_scores_of_zero_have_a_chart(tmp_path: Path) -> None:
    assert "0.0% [0.0, 0.0]" in render(tmp_path, scores=[make_score(value=0.0, low=0.0, high=0.0)]).text


def test_unknown_metric_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="best@k"):
        render(tmp_path, scores=[make_score(), make_score("best@8")])
