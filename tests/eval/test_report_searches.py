"""What the page, the summary and the terminal say of searches."""

from dataclasses import replace
from pathlib import Path

from report_pages import make_report, render
from scaling_makers import made, plain, search

from eval.report.scaling_charts import scaling_panels
from eval.report.searches import NONE_WORSE, TITLE, searches_shown, searches_text
from eval.report.summary import write_summary
from eval.scaling.curve import Curve
from eval.scaling.optimal_search import optimal_curves
from eval.scaling.searches import search_curves


def made_curves(n: int = 16, tokens: int = 40) -> list[Curve]:
    draws = plain(made(0.8, 0.1, 1, n))
    found = {"beam 4": search(made(0.5, 0.9, 3), tokens), "dvts 4": search(made(0.5, 0.9, 4), tokens)}
    curves = [*search_curves(found, draws, "prm", None), *optimal_curves(found, draws, "prm", None)]
    return [replace(one, benchmark="math500", model="student", precision="full") for one in curves]


def test_searches_stand_with_their_differences_at_equal_tokens(tmp_path: Path) -> None:
    curves = made_curves()
    shown = searches_shown(curves)
    assert [row["search"] for row in shown.searches] == ["beam 4", "dvts 4"]
    row = shown.searches[0]
    assert (row["benchmark"], row["model"], row["scorer"]) == ("math500", "student", "prm")
    assert (row["tokens"], row["draws"]) == ("40", "4.0")
    assert "[" in row["accuracy"]
    assert all("p " in row[f"against {way}"] for way in ("best-of-k", "weighted majority", "majority"))
    hard = next(row for row in shown.bands if row["difficulty"] == "hard")
    assert hard["best"] in ("beam 4", "dvts 4")
    assert "majority (p" in hard["shown to be worse"]
    assert not [line for line in shown.sentences if "too few" in line]

    page = render(tmp_path, curves=curves)
    assert TITLE in page.text
    assert row["against majority"] in page.text
    write_summary(tmp_path, make_report(curves=curves))
    text = (tmp_path / "summary.md").read_text()
    assert f"## {TITLE}\n\n| benchmark | model | scorer | search |" in text
    assert f"| {hard['best']} | {hard['accuracy']} |" in text
    told = searches_text(shown)
    assert told.startswith(f"{TITLE}\n\nbenchmark  model    scorer  search")
    assert row["against best-of-k"] in told


def test_one_chart_holds_lines_and_searches() -> None:
    panels = {panel.title: panel for panel in scaling_panels(made_curves())}
    both = panels["student full: searches and plain draws, prm"]
    assert list(both.legend) == ["majority", "best-of-k", "weighted majority"]
    assert "beam 4" in both.chart
    assert "dvts 4" in both.chart
    assert both.facts == [], "a table has them"
    assert [row[0] for row in both.rows][-2:] == ["beam 4", "dvts 4"]
    choice = panels["student full: compute-optimal choice by difficulty, prm"]
    assert list(choice.legend) == ["compute-optimal choice", "best-of-k", "majority"]
    assert len(panels) == 2
    assert any(fact.startswith("Compute-optimal choice against one method for all") for fact in choice.facts)


def test_a_method_that_is_not_shown_to_be_worse_is_not_named() -> None:
    right = made(0.5, 0.5, 1)
    curves = optimal_curves({"beam 1": search(made(0.5, 0.5, 2), 10)}, plain(right), "prm", None)
    rows = searches_shown(curves).bands
    assert rows
    assert {row["shown to be worse"] for row in rows} == {NONE_WORSE}


def test_too_few_draws_are_told() -> None:
    shown = searches_shown(made_curves(n=4, tokens=41))
    assert shown.bands == []
    assert "compute-optimal choice: not computed: it takes 8 plain draws of each problem that have a verdict" in (
        shown.sentences
    )
    lines = [line for line in shown.sentences if "too few plain draws" in line]
    assert lines[0].startswith("beam 4, prm, math500: 120 of 120 problems have too few plain draws")
    assert len(lines) == 2


def test_without_searches_nothing_is_told(tmp_path: Path) -> None:
    assert searches_text(searches_shown([])) == ""
    assert TITLE not in render(tmp_path).text
    write_summary(tmp_path, make_report())
    assert TITLE not in (tmp_path / "summary.md").read_text()
