"""Each filter accepts and rejects, with its reason; the verifiers run in real worker processes."""

import json
import time
from collections.abc import Iterator
from operator import eq
from pathlib import Path

import pytest
import reasoning_gym
from conftest import make_trace
from judging_makers import judge_all

from configs.judging import Judging
from configs.selection import Selection
from filters.counting.funnel import Funnel
from filters.rules.answer_format import AnswerFormat
from filters.rules.length import LengthBounds
from filters.selection.dataset import select_traces
from filters.verifiers.extraction.boxed import boxes
from filters.workers import Workers, workers
from records.counts import SelectionCounts
from records.errors import InputError
from records.parquet import read_rows, read_traces, write_rows
from records.rows import REASONING_GYM, Trace, Verdict
from records.schemas import TRACE


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with workers(Judging(workers=1, timeout_s=4)) as running:
        yield running


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\\boxed{4}", ["4"]),
        ("\\boxed{\\frac{1}{2}} then \\boxed{3}", ["\\frac{1}{2}", "3"]),
        ("\\boxed{\\{1, 2\\}}", ["\\{1, 2\\}"]),
        ("\\boxed{4", []),
        ("\\boxed{" * 2000, []),
        ("no box", []),
    ],
)
def test_boxes_balance_their_braces(text: str, found: list[str]) -> None:
    assert boxes(text) == found


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        (make_trace(), ""),
        (make_trace(answer="", closed=False), "bad_format"),
        (make_trace(answer="", closed=False, finish_reason="length"), "truncated"),
        (make_trace(answer=""), "no_answer"),
        (make_trace(answer="4"), "no_answer"),
        (make_trace(answer="\\boxed{3} or \\boxed{4}"), "bad_format"),
        (make_trace(answer="", finish_reason="prompt_too_long"), "too_long"),
        (make_trace(finish_reason="content_filter"), "truncated"),
        (make_trace(finish_reason="tool_calls"), "bad_format"),
        (make_trace(finish_reason="end_turn"), ""),
    ],
)
def test_answer_format(trace: Trace, reason: str) -> None:
    verdict = AnswerFormat(require_box=True).judge(trace)
    assert (verdict.outcome, verdict.reason) == ("fail" if reason else "pass", reason)


def test_answer_without_a_box_passes_where_none_is_demanded() -> None:
    assert AnswerFormat(require_box=False).judge(make_trace(answer="It is 4.")).outcome == "pass"


@pytest.mark.parametrize(("tokens", "reason"), [(4, "too_short"), (5, ""), (20, ""), (21, "too_long"), (0, "")])
def test_length_bounds(tokens: int, reason: str) -> None:
    assert LengthBounds(5, 20).judge(make_trace(completion_tokens=tokens)).reason == reason


@pytest.mark.parametrize(
    ("reference", "answer", "outcome", "reason"),
    [
        ("4", "\\boxed{4}", "pass", ""),
        ("1/2", "\\boxed{\\frac{1}{2}}", "pass", ""),
        ("0.5", "\\boxed{\\frac12}", "pass", ""),
        ("-26", "The answer is \\boxed{ -26 }", "pass", ""),
        ("4", "\\boxed{5}", "fail", "wrong_answer"),
        ("4", "\\boxed{}", "fail", "no_answer"),
        ("4", "I have tried three ways, and none of them came to an end.", "fail", "no_answer"),
        ("", "\\boxed{}", "unknown", "unverifiable"),
        ("4", "\\boxed{5^{5^{5^5}}}", "fail", "wrong_answer"),
        ("4", "\\boxed{(10^9)!}", "fail", "wrong_answer"),
        ("\\prod_{i=1}^{2} i", "\\boxed{\\prod_{i=1}^{10^9} i}", "unknown", "timeout"),
    ],
)
def test_math(pool: Workers, reference: str, answer: str, outcome: str, reason: str) -> None:
    ((verdict,),) = pool.judge([make_trace(answer=answer, reference=reference)])
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_the_pool_survives_what_it_killed(pool: Workers) -> None:
    endless = make_trace(answer="\\boxed{\\prod_{i=1}^{10^9} i}", reference="\\prod_{i=1}^{2} i")
    ((killed,), (judged,)) = pool.judge([endless, make_trace(answer="\\boxed{\\frac{8}{2}}")])
    assert (killed.outcome, killed.reason, judged.outcome) == ("unknown", "timeout", "pass")


def test_extracted_answers_are_the_same_by_value(pool: Workers) -> None:
    assert pool.same("1/2", "0.5")
    assert not pool.same("1/2", "0.6")
    assert not pool.same("???", "!!!")
    started = time.monotonic()  # what only math-verify could tell, and would take the whole limit, is not asked
    endless = [rf"\\prod_{{i=1}}^{{10^{at}}} i" for at in range(5, 13)]
    assert not any(pool.same(one, other) for one in endless for other in endless if one != other)
    assert time.monotonic() - started < 5


def test_two_sides_that_do_not_parse_do_not_match(pool: Workers) -> None:
    ((verdict,),) = pool.judge([make_trace(answer="\\boxed{???}", reference="!!!")])
    assert verdict.outcome != "pass"


def test_reasoning_gym_asks_the_tasks_own_scorer() -> None:
    # Its import takes longer than this limit, which counts from when a worker has done it.
    with workers(Judging(workers=1, timeout_s=0.5)) as pool:
        scored_by_the_task(pool)


def test_no_process_is_started_for_nothing() -> None:
    with workers(Judging()) as pool:
        assert pool.judge([]) == []
        assert not pool.pool.threads


def scored_by_the_task(pool: Workers) -> None:
    entry = reasoning_gym.create_dataset("complex_arithmetic", size=1, seed=3, operations_weights=[1, 0, 0, 0])[0]
    real, imaginary = (int(part) for part in entry["metadata"]["result"])

    def judged(answer: str) -> Verdict:
        trace = make_trace(
            answer=answer, reference=entry["answer"], verifier=REASONING_GYM, extra=json.dumps(entry, default=str)
        )
        return pool.judge([trace])[0][0]

    sign = "+" if imaginary >= 0 else "-"
    assert judged(f"\\boxed{{{real} {sign} {abs(imaginary)}i}}").outcome == "pass"
    near = judged(f"\\boxed{{{real + 1} {sign} {abs(imaginary)}i}}")
    assert (near.outcome, near.reason) == ("fail", "wrong_answer")
    assert 0 < (near.score or 0) < 1


def test_judging_keeps_every_trace_and_counts_each_once(tmp_path: Path) -> None:
    traces = [
        make_trace(sample_index=0),
        make_trace(sample_index=1, answer="\\boxed{5}"),
        make_trace(sample_index=2, answer="", closed=False, finish_reason="length"),
        make_trace(sample_index=3, answer="4"),
    ]
    write_rows(tmp_path / "traces-00000.parquet", traces, TRACE)
    out = tmp_path / "out"
    out.mkdir()
    counts = judge_all(out, tmp_path, Judging(workers=1))
    assert counts.rejected == {"wrong_answer": 1, "truncated": 1, "no_answer": 1}
    assert (counts.traces, counts.accepted, counts.solved) == (4, 1, 1)
    judged = list(read_traces(out))
    assert [trace.sample_index for trace in judged] == [0, 1, 2, 3]
    assert all(trace.verdicts for trace in judged)
    # An unclosed trace never reaches the verifier.
    assert "math" not in {verdict.filter for verdict in judged[2].verdicts}


def test_only_verdicts_of_this_judging_that_decided_stand(tmp_path: Path) -> None:
    stands = [Verdict("math", "1", "fail", "wrong_answer", "a verdict this judge would not give")]
    gave_up = [Verdict("math", "1", "unknown", "timeout")]
    traces = [make_trace(sample_index=index, verdicts=given) for index, given in enumerate([stands, gave_up, []])]
    write_rows(tmp_path / "traces-00000.parquet", traces, TRACE)
    for name in "before", "anew":
        (tmp_path / name).mkdir()
        counts = judge_all(tmp_path / name, tmp_path, Judging(workers=1), judged_before=name == "before")
        assert counts.accepted == (2 if name == "before" else 3)
    assert [trace.verdicts == stands for trace in read_traces(tmp_path / "before")] == [True, False, False]
    assert [trace.accepted for trace in read_traces(tmp_path / "anew")] == [True, True, True]


def judged_trace(prompt: str, index: int, reasoning: str, outcome: str = "pass") -> Trace:
    verdict = Verdict("math", "1", outcome, "" if outcome == "pass" else "wrong_answer")
    return make_trace(prompt=prompt, sample_index=index, reasoning=reasoning, verdicts=[verdict])


def select(tmp_path: Path, traces: list[Trace], config: Selection) -> tuple[SelectionCounts, list[dict[str, object]]]:
    (tmp_path / "judged").mkdir()
    write_rows(tmp_path / "judged" / "judged.parquet", traces, TRACE)
    counts = select_traces(tmp_path, tmp_path / "judged", config, lambda p: [{"role": "user", "content": p}], eq)
    return counts, list(read_rows(tmp_path / "data"))


def test_selection_caps_orders_and_deduplicates(tmp_path: Path) -> None:
    traces = [
        judged_trace("a", 0, "long reasoning"),
        judged_trace("a", 1, "short"),
        judged_trace("a", 2, "short"),
        judged_trace("a", 3, "wrong", "fail"),
        judged_trace("b", 0, "unverified", "unknown"),
        judged_trace("c", 0, "c"),
    ]
    counts, rows = select(tmp_path, traces, Selection(max_per_problem=1, order="shortest"))
    left_out = {"duplicate": 1, "over_cap": 1}
    assert counts == SelectionCounts(selected=2, problems=2, left_out=left_out, disputed_references=0)
    assert [row["messages"][-1]["content"] for row in rows] == [  # type: ignore[index]
        "<think>\nshort\n</think>\n\n\\boxed{4}",
        "<think>\nc\n</think>\n\n\\boxed{4}",
    ]


def test_random_order_depends_on_the_seed_alone(tmp_path: Path) -> None:
    traces = [judged_trace("a", index, f"r{index}") for index in range(20)]
    picks = []
    for name, seed in (("x", 1), ("y", 1), ("z", 2)):
        (tmp_path / name).mkdir()
        picks.append(select(tmp_path / name, traces, Selection(max_per_problem=2, order="random", seed=seed))[1])
    assert picks[0] == picks[1] != picks[2]


def test_no_accepted_trace_says_what_to_change(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no trace was accepted"):
        select(tmp_path, [judged_trace("a", 0, "r", "fail")], Selection())


def test_funnel_counts_unknown_apart() -> None:
    funnel = Funnel()
    funnel.add(judged_trace("a", 0, "r", "unknown"))
    assert funnel.counts().unknown == {"wrong_answer": 1}
    assert funnel.counts().rejected == {}
