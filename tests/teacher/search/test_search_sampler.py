"""Traces found by search: what they cost, what is kept, and who waits for whom."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import make_problem
from sampling_makers import contents, traces_in
from search_makers import HALF, KINDS, Metered, Slow, problems_of, search_traces, searching, share_right

from configs.sampling import SecondChance
from configs.teachers import FakeTeacher
from records.parquet import read_problems
from records.requests import Request, Settings
from records.rows import CUT_OFF, FINISHED
from records.step_scorer import Prefix
from teacher.search.sampler import SearchJob, SearchSampler


@pytest.mark.parametrize("kind", KINDS)
def test_each_problem_has_its_trace_and_every_token_is_counted(kind: str, tmp_path: Path) -> None:
    sampler = Metered()
    counts = search_traces(tmp_path / "out", problems_of(tmp_path / "problems", 25), searching(kind), sampler)
    traces = traces_in(tmp_path / "out")
    assert [trace.sample_index for trace in traces] == [0] * 25
    assert len(sampler.drawn) == len(sampler.requests), "nothing was drawn in vain"
    drawn = sum(one.completion_tokens for one in sampler.drawn)
    assert counts.reasoning_tokens + counts.answer_tokens == counts.search.tokens == drawn
    assert counts.search.expansions == len(sampler.drawn)
    assert counts.prompt_tokens == sum(one.prompt_tokens for one in sampler.drawn if not one.request.prefix)
    rows = [trace.searched for trace in traces if trace.searched]
    assert sum(row.completion_tokens for row in rows) == drawn
    assert sum(row.expansions for row in rows) == counts.search.expansions
    assert sum(row.prompt_tokens for row in rows) == counts.prompt_tokens
    assert {row.kind for row in rows} == {kind}
    assert counts.search.kept_tokens == sum(trace.completion_tokens for trace in traces) < drawn
    assert not list((tmp_path / "out").glob("traces-*.jsonl"))


def test_a_trace_is_a_path_of_steps_that_was_drawn(tmp_path: Path) -> None:
    sampler = Metered()
    search_traces(tmp_path / "out", problems_of(tmp_path / "problems", 5), searching("beam"), sampler)
    texts = {one.text for one in sampler.drawn}
    for trace in traces_in(tmp_path / "out"):
        assert f"<think>\n{trace.reasoning}\n\n</think>\n\n{trace.answer}" in texts
        assert trace.finish_reason == FINISHED
        assert trace.searched
        assert trace.searched.value == share_right([Prefix("", trace.reasoning, "", True)])[0]


def test_the_scorer_leads_to_right_answers(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 40)

    def right(kind: str, width: int) -> int:
        sizes = {"mcts": {"simulations": width}, "best_of_n": {"width": width}}
        size = sizes.get(kind, {"width": width, "expand": min(3, width)})
        search_traces(tmp_path / f"{kind}-{width}", problems, searching(kind, size))
        return sum(f"{{{trace.reference}}}" in trace.answer for trace in traces_in(tmp_path / f"{kind}-{width}"))

    for kind in ("beam", "dvts", "mcts"):
        assert right(kind, 1) < 15, f"{kind}: of its own, half of the steps are wrong"
        assert right(kind, 6) > 28, kind


def test_the_same_seed_finds_the_same_and_each_search_has_its_own(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 6)
    few = FakeTeacher(kind="fake", accuracy=0.5, unclosed=0.0, in_flight=3, latency_s=0.001)
    for name, sampler in (("a", Metered()), ("b", Metered(few))):
        nothing_found = search_traces(tmp_path / name, problems, searching(n=2), sampler).search.nothing_found
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    traces = traces_in(tmp_path / "a")
    assert nothing_found == 0
    assert len({(trace.reasoning, trace.answer) for trace in traces}) == 12


def test_a_slow_problem_holds_no_other_up(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 30)
    held = next(iter(read_problems(problems))).id
    sampler = Slow(held)
    search_traces(tmp_path / "out", problems, searching("beam"), sampler)
    mine = [at for at, request in enumerate(sampler.requests) if request.problem.id == held]
    assert mine[0] < 10, "its first step was asked for early"
    later = [at for at in mine if sampler.requests[at].prefix]
    assert min(later) > len(sampler.requests) - len(mine), "all of the others went before its second step"


def test_what_the_scorer_leaves_out_ranks_last_and_is_counted(tmp_path: Path) -> None:
    def scorer(prefixes: Sequence[Prefix]) -> list[float | None]:
        return [None if "way 1" in one.reasoning else 0.0 for one in prefixes]

    counts = search_traces(tmp_path / "out", problems_of(tmp_path / "problems", 10), searching(), None, scorer)
    traces = traces_in(tmp_path / "out")
    assert counts.search.unscored == sum(trace.searched.unscored for trace in traces if trace.searched) > 0
    assert not any("way 1" in trace.reasoning for trace in traces)
    assert all(trace.searched and trace.searched.value == 0.0 for trace in traces)


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_that_finds_nothing_says_so(kind: str, tmp_path: Path) -> None:
    rambling = Metered(FakeTeacher(kind="fake", unclosed=1.0))
    counts = search_traces(tmp_path / "out", problems_of(tmp_path / "problems", 4), searching(kind), rambling)
    traces = traces_in(tmp_path / "out")
    assert {trace.finish_reason for trace in traces} == {CUT_OFF}
    assert counts.truncated == counts.search.nothing_found == 4
    assert all("no finished trace" in trace.detail and trace.answer == "" for trace in traces)
    if kind != "best_of_n":
        assert all(trace.completion_tokens >= 200 for trace in traces)


def test_searches_go_on_until_enough_are_accepted(tmp_path: Path) -> None:
    given = searching(
        search={"width": 2, "expand": 2},
        second_chances=[SecondChance(temperature=1.0, max_n=3).model_dump()],
    )
    counts = search_traces(tmp_path / "out", problems_of(tmp_path / "problems", 30), given)
    traces = traces_in(tmp_path / "out")
    assert counts.solved > sum(trace.accepted for trace in traces if trace.attempt == 0)
    assert {trace.attempt for trace in traces} == {0, 1}
    assert all(trace.searched for trace in traces)


def test_a_search_that_is_given_up_draws_no_more_and_what_it_drew_is_told(tmp_path: Path) -> None:
    engine = Metered(HALF.model_copy(update={"latency_s": 0.003, "in_flight": 2}))
    job = SearchJob(searching().search, share_right, "identity", thinks=True, folder=tmp_path)
    sampler = SearchSampler(job, lambda: engine)
    requests = [
        Request(make_problem(f"{at}?"), 0, 0, at, ({"role": "user", "content": "?"},), Settings(1.0, 1.0, -1, 200))
        for at in range(2)
    ]
    for request in requests:
        sampler.submit(request)
    kept, given_up = requests
    while not sampler.running[given_up.key].tokens:
        assert sampler.finished() == []
    assert any(wanted.running.asked is given_up for wanted in sampler.queue)
    sampler.cancel(given_up)
    assert {request.problem.id for request in engine.cancelled} <= {given_up.problem.id}
    assert not [wanted for wanted, _ in sampler.in_flight.values() if wanted.running.asked is given_up]
    before = len(engine.requests)
    found = []
    while sampler.running:
        found += sampler.finished()
    assert [one.request for one in found] == [kept]
    assert {one.problem.id for one in engine.requests[before:]} == {kept.problem.id}
    taken = [one for one in engine.drawn if one.request.problem.id == given_up.problem.id]
    assert sampler.abandoned_tokens == sum(one.completion_tokens for one in taken) > 0
    sampler.close()
