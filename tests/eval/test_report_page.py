"""The page is one file that needs nothing from outside, and text stays text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from report_makers import FULL, NF4, judged_trace, judging, make_run_traces, make_score, make_scores, make_training
from report_pages import Page, render, with_lengths

from eval.report.commands import Command
from eval.report.outlines import Lengths
from eval.report.policy import SCRIPTS, joined, source_of
from eval.report.run_report import LineageEntry, in_one_line


def test_text_is_escaped(tmp_path: Path) -> None:
    attack = "<script>alert('x')</script><!-- <script>"
    texts = dict.fromkeys(["reference", "reasoning", "answer", "source"], attack)
    traces = {
        FULL: [judged_trace(attack, extracted=attack, **texts)],
        NF4: [judged_trace(attack, "fail", extracted=attack, reason=attack, **texts)],
    }
    page = render(
        tmp_path,
        name=attack,
        scores=[make_score(benchmark=attack)],
        traces=make_run_traces(tmp_path, **{"b": traces}),
        commands=[Command(attack, attack)],
        lineage=[make_stage(folder=attack, counts=in_one_line({attack: {attack: 1}}))],
    )
    assert page.text.count(attack) >= 8
    assert page.tags.count("script") == 1 + 1 + 1 + 1, "index, prompts, bodies and the script itself"
    index = json.loads(element(page, "trace-index"))
    assert index["problems"]["start"] == [attack[:120]]
    assert index["reasons"] == ["", attack]


def element(page: Page, name: str) -> str:
    """The content of the script element with this id."""
    (found,) = re.findall(rf'<script type="[^"]*" id="{name}">(.*?)</script>', page.html, re.DOTALL)
    return str(found)


def test_half_a_surrogate_pair_is_written(tmp_path: Path) -> None:
    assert "&#55357;" in render(tmp_path, scores=[make_score(benchmark="\ud83d")]).html


def a_whole_report(tmp_path: Path) -> dict[str, Any]:
    link = "see https://example.org/a.png"
    traces = make_run_traces(
        tmp_path,
        teacher=[judged_trace("What?", reasoning=link, completion_tokens=at) for at in (10, 20)],
        b={FULL: [judged_trace(link)], NF4: [judged_trace(link, "fail")]},
    )
    found = {"rejected": {"truncated": 20}, "unknown": {"unverifiable": 10}}
    return {
        "scores": make_scores(),
        "judged": judging(traces=40, accepted=10, **found),
        "traces": traces,
        "trainings": [make_training()],
        "commands": [Command("scores", "retort score b")],
        "lineage": [make_stage()],
    }


def test_page_asks_for_nothing_outside(tmp_path: Path) -> None:
    page = render(tmp_path, **a_whole_report(tmp_path))
    targets = [value for key, value in page.attributes if key in {"src", "href", "xlink:href", "srcset", "data"}]
    assert all(target is not None and target.startswith("#") for target in targets)
    assert page.html.count("url(") == page.html.count("url(#")
    assert "@import" not in page.html
    assert {"img", "link", "iframe", "image", "object", "base"}.isdisjoint(page.tags)


def test_the_policy_allows_one_script_and_one_style(tmp_path: Path) -> None:
    page = render(tmp_path, **a_whole_report(tmp_path))
    (policy,) = [
        content for key, content in page.attributes if key == "content" and content and "default-src" in content
    ]
    (style,) = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page.html, re.DOTALL)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src {source_of(style)}",
        f"script-src {source_of(script)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not [key for key, _ in page.attributes if key == "style" or key.startswith("on")]
    assert {value for key, value in page.attributes if key == "type"} >= {"application/json", "text/plain"}


def test_the_script_only_ever_sets_text() -> None:
    script = joined(SCRIPTS)
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "fetch("):
        assert forbidden not in script


def make_stage(**fields: Any) -> LineageEntry:
    row = {"stage": "sample", "fingerprint": "0a1b2c3d4e5f", "folder": "sample-0a1b2c3d4e5f", "wall_s": 3723.4}
    counts = in_one_line({"traces": 8, "cost": None, "by_source": {"a": {}}, "rejected": {"truncated": 2}})
    return LineageEntry(**row | {"counts": counts, "commit": "e242a3b" * 5} | fields)


def test_lineage_row(tmp_path: Path) -> None:
    page = render(tmp_path, lineage=[make_stage(), make_stage(stage="select", wall_s=4.26, counts="", commit=None)])
    row = "sample sample-0a1b2c3d4e5f 0a1b2c3d4e5f 1:02:03 traces 8, rejected (truncated 2) e242a3be242a"
    assert row in page.text
    assert "4.3 s none" in page.text


@pytest.mark.parametrize(("wall_s", "told"), [(59.9, "59.9 s"), (60.0, "0:01:00")])
def test_a_minute_is_told_as_one(tmp_path: Path, wall_s: float, told: str) -> None:
    assert told in render(tmp_path, lineage=[make_stage(wall_s=wall_s)]).text


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    parts = a_whole_report(tmp_path)
    assert render(tmp_path, **parts).html == render(tmp_path, **parts).html


def test_charts_take_their_colours_from_the_page(tmp_path: Path) -> None:
    page = render(tmp_path, scores=make_scores(), traces=with_lengths(Lengths([5, 9], [7])))
    charts = "".join(page.charts)
    assert "#" not in charts.replace("url(#", "").replace('href="#', "")
    assert "var(--student)" in charts
