"""The page tells what became of the traces, what they took, and how long they are."""

from pathlib import Path
from typing import Any

import pytest
from report_makers import judged_group, judging, selection
from report_pages import render, with_lengths

from eval.report.outlines import Lengths
from records.counts import ContaminationCounts, JudgingCounts, SampledGroup, SamplingCounts


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
