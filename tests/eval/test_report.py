import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from report_makers import FULL, NF4, judged_trace, make_run_traces, make_training

from eval.report.commands import Command
from eval.report.outlines import Lengths
from eval.report.packing import pack
from eval.report.page import write_report
from eval.report.policy import SCRIPTS, joined, source_of
from eval.report.run_report import LineageEntry, RunReport, in_one_line
from eval.report.traces import RunTraces
from records.counts import (
    ContaminationCounts,
    JudgedGroup,
    JudgingCounts,
    SampledGroup,
    SamplingCounts,
    SelectionCounts,
)
from records.rows import Score

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """The page's text, tags and attributes; fails on a tag closed out of order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.texts, self.tags = html, [], []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        self.text = " ".join(" ".join(self.texts).split())
        self.charts = re.findall(r"<svg [^>]*viewBox.*?</svg>", html, re.DOTALL)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)


def make_score(metric: str = "pass@1", value: float = 0.5, low: float = 0.4, high: float = 0.6, **fields: Any) -> Score:
    row = {"benchmark": "math500", "model": "student", "precision": "full", "n_problems": 500, "n_samples": 2000}
    return Score(metric=metric, value=value, low=low, high=high, **row | fields)


def make_scores() -> list[Score]:
    return [
        make_score("pass@1", 0.8213, 0.7871, 0.8512),
        make_score("truncated", 0.031, 0.019, 0.0501),
        make_score("no_answer", 0.0412, 0.0268, 0.0633),
        make_score("tokens", 3120.4, 2981.6, 3260.7),
        make_score("gain_over_base", 0.1012, 0.0651, 0.1388),
        make_score("pass@1", 0.7201, 0.6804, 0.7577, model="base"),
        make_score("pass@1", 0.8046, 0.7692, 0.8361, precision="nf4"),
        make_score("change_from_full", -0.0167, -0.0354, 0.00001, precision="nf4"),
        make_score("pass@1", 0.133, 0.0, 1.0, benchmark="aime<25>", n_problems=30),
    ]


def judged_group(**fields: Any) -> JudgedGroup:
    row = {"problems": 50, "solved": 40, "pass_rate": 0.625, "traces": 200, "accepted": 120}
    row |= {"prompt_tokens": 10_000, "completion_tokens": 50_000}
    return JudgedGroup(**row | fields)


def judging(**fields: Any) -> JudgingCounts:
    row: dict[str, Any] = dict.fromkeys(["problems", "solved", "traces", "accepted"], 0)
    row |= {"prompt_tokens": 0, "completion_tokens": 0, "pass_rate": None, "rejected": {}, "unknown": {}}
    row |= {"by_source": {}, "by_difficulty": None, "contaminated_by": {}, "verifier_s": 0.0}
    return JudgingCounts(**row | fields)


def selection(**fields: Any) -> SelectionCounts:
    row = {"selected": 0, "problems": 0, "left_out": {}, "disputed_references": 0}
    return SelectionCounts(**row | fields)  # type: ignore[arg-type]


def make_report(**fields: Any) -> RunReport:
    parts = {"name": "tiny", "scores": [], "curves": [], "judged": judging(), "selected": selection(), "sampled": None}
    parts |= {"traces": RunTraces(Lengths([], []), [], pack([], [])), "trainings": [], "commands": [], "lineage": []}
    return RunReport(**parts | fields)


def render(tmp_path: Path, **fields: Any) -> Page:
    folder = tmp_path / "page"
    folder.mkdir(exist_ok=True)
    write_report(folder / "report.html", make_report(**fields))
    assert [file.name for file in folder.iterdir()] == ["report.html"]
    return Page((folder / "report.html").read_text("utf-8"))


def with_lengths(lengths: Lengths) -> RunTraces:
    return RunTraces(lengths, [], pack([], []))


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


def test_funnel_counts_and_shares(tmp_path: Path) -> None:
    reasons = {"rejected": {"truncated": 20, "wrong_answer": 90}, "unknown": {"unverifiable": 10}}
    judged = judging(traces=400, accepted=280, problems=100, solved=81, **reasons)
    page = render(tmp_path, judged=judged, selected=selection(selected=275, left_out={"duplicate": 5}))
    order = ["sampled 400 100.0%", "rejected: wrong_answer 90 22.5%", "rejected: truncated 20 5.0%"]
    order += ["unknown: unverifiable 10 2.5%", "accepted 280 70.0%", "left out: duplicate 5 1.2%", "selected 275 68.8%"]
    places = [page.text.index(row) for row in order]
    assert places == sorted(places)
    assert "81 of 100 problems have an accepted trace." in page.text


def judged_run(**fields: Any) -> JudgingCounts:
    row = {"traces": 400, "accepted": 240, "problems": 100, "solved": 80, "pass_rate": 0.6}
    row |= {"prompt_tokens": 20_000, "completion_tokens": 100_000}
    groups = {"by_source": {"gsm8k": judged_group(), "aime": judged_group(pass_rate=0.2)}}
    never = judged_group(completion_tokens=80_000, solved=0, accepted=0)
    groups |= {"by_difficulty": {"never": never, "always": judged_group(completion_tokens=20_000)}}
    return judging(**row | groups | fields)


def drawn(**fields: Any) -> dict[str, Any]:
    row = dict.fromkeys(["problems", "solved", "traces", "accepted", "taken_over", "surplus", "hinted"], 0)
    row |= dict.fromkeys(["truncated", "looped", "failed", "prompt_tokens", "reasoning_tokens", "answer_tokens"], 0)
    return row | fields


def group(tokens: int, cost: float) -> SampledGroup:
    return SampledGroup(**drawn(reasoning_tokens=tokens, cost=cost))


def sampling(**fields: Any) -> SamplingCounts:
    row = drawn(prompt_tokens=20_000, reasoning_tokens=100_000, answer_tokens=4_000, cost=248.0)
    row |= {"surplus": 12, "hinted": 3, "failed": 1, "finish_reasons": {}, "sampling_s": 62.0, "tokens_per_s": 1677.4}
    row |= {"by_source": {"gsm8k": group(44_000, 88.0), "aime": group(80_000, 160.0)}}
    return SamplingCounts(**row | {"by_difficulty": None, "stopped_at": None, "engine": None} | fields)


def test_what_the_traces_took(tmp_path: Path) -> None:
    page = render(tmp_path, judged=judged_run(), sampled=sampling(stopped_at="tokens: 124000"))
    for row in (
        "all 100 80 60.0% 400 240 124,000 517 248.00 1.03",
        "source: gsm8k 50 40 62.5% 200 120 44,000 367 88.00 0.7333",
        "source: aime 50 40 20.0% 200 120 80,000 667 160.00 1.33",
        # Nothing was judged while sampling: what was spent, by their tokens.
        "difficulty: never 50 0 62.5% 200 0 93,000 186.00",
        "difficulty: always 50 40 62.5% 200 120 31,000 258 62.00 0.5167",
        "Tokens drawn: 20,000 prompt, 100,000 reasoning, 4,000 answer.",
        "Time: 62.0 s, 1,677 completion tokens/s.",
        "Of the traces: 12 surplus, 3 hinted, 1 failed.",
        "Stopped at: tokens: 124000.",
    ):
        assert row in page.text


def test_what_was_judged_while_sampling_is_known_by_difficulty(tmp_path: Path) -> None:
    bands = {"always": group(24_000, 48.0)}
    page = render(tmp_path, judged=judged_run(), sampled=sampling(by_difficulty=bands))
    assert "difficulty: always 50 40 62.5% 200 120 24,000 200 48.00 0.4000" in page.text
    assert "difficulty: never 50 0 62.5% 200 0 difficulty" in page.text, "sampling knows nothing of this band"


def test_without_a_price_nothing_has_a_cost(tmp_path: Path) -> None:
    bare = {"by_source": {}, "cost": None}
    page = render(tmp_path, judged=judged_run(by_source={"one": judged_group()}), sampled=sampling(**bare))
    assert "all 100 80 60.0% 400 240 124,000 517 difficulty" in page.text
    assert "cost" not in page.text.replace("Cost and yield", "")
    assert "source:" not in page.text, "a single source is the whole"


@pytest.mark.parametrize("tokens", [0, 60_000])
def test_recorded_traces_cost_nothing(tmp_path: Path, tokens: int) -> None:
    one = {"rows": judged_group(prompt_tokens=0, completion_tokens=tokens)}
    counts = {"prompt_tokens": 0, "completion_tokens": tokens, "by_source": one, "by_difficulty": {}}
    page = render(tmp_path, judged=judged_run(**counts))
    assert ("all 100 80 60.0% 400 240 60,000 250 " in page.text) == bool(tokens)
    assert ("tokens per accepted" in page.text) == bool(tokens)
    for absent in ("cost", "source:", "difficulty:", "Tokens drawn", "Stopped"):
        assert absent not in page.text


@pytest.mark.parametrize("lengths", [Lengths([], []), Lengths([0, 0], [0])])
def test_lengths_without_token_counts(tmp_path: Path, lengths: Lengths) -> None:
    page = render(tmp_path, traces=with_lengths(lengths))
    assert "There are no token counts to show." in page.text
    assert ("Traces recorded without token counts: 3." in page.text) == bool(lengths.accepted)
    assert page.charts == []


def test_lengths_of_one_kind_only(tmp_path: Path) -> None:
    page = render(tmp_path, traces=with_lengths(Lengths([1200, 900, 0], [])))
    assert "accepted: 2 traces, median 1,050 tokens" in page.text
    assert "rejected: 0 traces" in page.text
    assert "Traces recorded without token counts: 1." in page.text
    assert len(page.charts) == 1


def test_text_is_escaped(tmp_path: Path) -> None:
    attack = "<script>alert('x')</script><!-- <script>"
    texts = dict.fromkeys(["reference", "reasoning", "answer", "source"], attack)
    traces = {
        FULL: [judged_trace(attack, detail=attack, **texts)],
        NF4: [judged_trace(attack, "fail", detail=attack, reason=attack, **texts)],
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


def test_what_was_found_of_benchmarks_is_named(tmp_path: Path) -> None:
    matched = {"exact: what is <b>2 + 2</b>": 3, "13-gram 80%: in triangle abc": 1}
    found = {
        "aime": ContaminationCounts(traces=4, problems=2, matched=matched),
        "math500": ContaminationCounts(traces=0, problems=0, matched={}),
    }
    page = render(tmp_path, judged=judging(contaminated_by=found), selected=selection(disputed_references=7))
    assert "4 traces of 2 problems were rejected" in page.text
    assert "exact: what is <b>2 + 2</b> 3" in page.text
    assert "7 references are disputed" in page.text
    assert "math500" not in page.text
    assert "Traces of benchmark problems" not in render(tmp_path).text
