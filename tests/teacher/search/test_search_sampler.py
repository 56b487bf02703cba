"""Traces found by search: what they cost, what is kept, and what a kill leaves."""

import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import ROOT, make_problem
from sampling_makers import Dying, contents, kill_once_begun, traces_in
from search_makers import HALF, KINDS, Metered, Slow, problems_of, search_traces, searching, share_right

from configs.sampling import Budget, SecondChance
from configs.teachers import FakeTeacher
from records.counts import SearchedCounts
from records.parquet import read_problems
from records.requests import Completion, Request, Settings
from records.rows import CUT_OFF, FAILED, FINISHED
from records.step_scorer import Prefix
from teacher.search.sampler import SearchJob, SearchSampler

KILLS = 25
SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from search_makers import *
folder, problems, kind = sys.argv[1:]
sampler = FakeSampler(HALF.model_copy(update={"latency_s": 0.002, "in_flight": 16}))
search_traces(Path(folder), Path(problems), searching(kind), sampler)
"""


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
        search_traces(tmp_path / name, problems, searching(n=2), sampler)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    traces = traces_in(tmp_path / "a")
    assert len({(trace.reasoning, trace.answer) for trace in traces}) == 12


@pytest.mark.timeout(300)
def test_killed_at_any_instant_the_result_is_the_same(tmp_path: Path) -> None:
    kind = "beam"
    problems, killed = problems_of(tmp_path / "problems", 120), tmp_path / "killed"
    search_traces(tmp_path / "whole", problems, searching(kind))
    killed.mkdir()
    command = [sys.executable, "-c", SCRIPT, str(killed), str(problems), kind]
    instants = random.Random(0)
    cut = sum(kill_once_begun(command, killed, ".search-*.jsonl", instants.uniform(0, 0.1)) for _ in range(KILLS))
    assert cut >= KILLS // 2
    subprocess.run(command, cwd=ROOT, check=True)
    assert contents(killed) == contents(tmp_path / "whole")


class Mortal(Metered, Dying):
    """Breaks down after so many completions, and says what it drew."""


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_drawn_and_scored_is_not_drawn_or_scored_again(kind: str, tmp_path: Path) -> None:
    problems, scored = problems_of(tmp_path / "problems", 12), list[Prefix]()

    def scorer(prefixes: Sequence[Prefix]) -> list[float | None]:
        scored.extend(prefixes)
        return share_right(prefixes)

    whole = Metered()
    search_traces(tmp_path / "whole", problems, searching(kind), whole)
    drawn = 0
    for _ in range(20):
        sampler = Mortal(HALF.model_copy(update={"in_flight": 8}))
        try:
            search_traces(tmp_path / "out", problems, searching(kind), sampler, scorer)
        except RuntimeError:
            drawn += len(sampler.drawn)
            continue
        drawn += len(sampler.drawn)
        break
    assert drawn == len(whole.drawn)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert len(scored) <= drawn + 20 * 8, "again is scored only what was being scored when it died"


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


def test_failed_requests_are_tried_again_and_the_rest_is_not(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 5)
    broken = HALF.model_copy(update={"failures": 1.0})
    assert search_traces(tmp_path / "out", problems, searching(), Metered(broken)).failed == 5
    assert {trace.finish_reason for trace in traces_in(tmp_path / "out")} == {FAILED}
    assert search_traces(tmp_path / "out", problems, searching()).failed == 0
    assert {trace.finish_reason for trace in traces_in(tmp_path / "out")} == {FINISHED}


def test_a_search_that_failed_goes_on_from_where_it_failed(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "problems", 6)
    whole = Metered()
    search_traces(tmp_path / "whole", problems, searching(), whole)
    failing, later = FailingLater(HALF.model_copy(update={"in_flight": 6})), Metered()
    assert search_traces(tmp_path / "out", problems, searching(), failing).failed == 6
    assert search_traces(tmp_path / "out", problems, searching(), later).failed == 0
    assert not [request for request in later.requests if not request.prefix], "the first steps were kept"
    assert {trace.answer for trace in traces_in(tmp_path / "out")} == {
        trace.answer for trace in traces_in(tmp_path / "whole")
    }


class FailingLater(Metered):
    """Draws first steps alone."""

    def draw(self, request: Request) -> Completion:
        return Completion(request, "", FAILED, 5, 0, detail="later") if request.prefix else super().draw(request)


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


def test_a_budget_counts_all_that_searches_draw(tmp_path: Path) -> None:
    def counts_of(name: str, tokens: int | None) -> SearchedCounts:
        sampler = Metered(HALF.model_copy(update={"in_flight": 12}))
        sampling = searching(budget=Budget(tokens=tokens).model_dump())
        return search_traces(tmp_path / "run" / name, problems, sampling, sampler, reuse_from=(tmp_path / "run",))

    problems = problems_of(tmp_path / "problems", 60)
    whole = search_traces(tmp_path / "whole", problems, searching())
    half = counts_of("half", whole.tokens // 2)
    assert half.stopped_at
    assert 0.3 * whole.tokens < half.tokens <= 0.52 * whole.tokens
    more = counts_of("more", whole.tokens)
    assert (more.stopped_at, more.traces, more.taken_over) == (None, 60, half.traces)
    assert more.tokens == whole.tokens - half.tokens


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


def test_traces_of_the_same_search_are_taken_over_and_of_another_not(tmp_path: Path) -> None:
    problems, run = problems_of(tmp_path / "problems", 8), tmp_path / "run"
    first = search_traces(run / "sample-a", problems, searching())
    same = search_traces(run / "sample-b", problems, searching(n=2), reuse_from=(run,))
    assert same.taken_over == 8
    rows = {trace.problem_id: trace.searched for trace in traces_in(run / "sample-a")}
    kept = [trace for trace in traces_in(run / "sample-b") if trace.sample_index == 0]
    assert {trace.problem_id: trace.searched for trace in kept} == rows
    assert first.tokens > 0
    other = search_traces(run / "sample-c", problems, searching(), reuse_from=(run,), search="another")
    assert other.taken_over == 0


def test_a_journal_of_other_searches_is_refused(tmp_path: Path) -> None:
    from records.errors import InputError
    from teacher.search.journal import ExpansionJournal

    ExpansionJournal(tmp_path, 0, "ours").close()
    with pytest.raises(InputError, match="another run"):
        ExpansionJournal(tmp_path, 0, "theirs")
    (tmp_path / ".search-0.jsonl").write_bytes(b"00000000 {}\n")
    with pytest.raises(InputError, match="damaged at byte 0"):
        ExpansionJournal(tmp_path, 0, "ours")
