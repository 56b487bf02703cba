"""Sampling counts its cost and yield, and a budget ends it cleanly."""

from dataclasses import replace
from pathlib import Path

import pytest
from account_makers import PRICE, entry, sampling
from conftest import make_problem
from sampling_makers import Counting, Dying, draw, make_job, traces_in, write_problems

from configs.sampling import Budget, Price, SecondChance, TeacherSampling
from configs.teachers import FakeTeacher
from filters.counting.funnel import Funnel, group_counts
from records.counts import SamplingCounts
from records.difficulty import difficulty
from records.parquet import write_rows
from records.rows import CUT_OFF, FAILED, Trace
from records.schemas import PROBLEM
from teacher.sampling.accounts import Account, Accounts, cost
from teacher.sampling.difficulty import pass_rates


def test_an_account_adds_up() -> None:
    account = Account()
    for each in (entry(), entry(accepted=False), entry(finish_reason="length", accepted=None), entry(drawn_here=False)):
        account.add(each)
    account.add(entry(), surplus=True)
    assert (account.traces, account.accepted, account.surplus, account.truncated) == (4, 2, 1, 1)
    assert (account.prompt_tokens, account.reasoning_tokens, account.answer_tokens) == (40, 320, 80)
    counts = account.counts(PRICE, hours=0)
    assert counts.tokens == account.tokens == 440
    assert counts.cost == round((40 + 4 * 400) / 1e6, 6)


def test_hours_cost_too() -> None:
    assert cost(Price(per_hour=20.0), 10**6, 10**6, hours=1.5) == 30.0
    accounts = Accounts()
    accounts.account_of("a").add(entry())
    accounts.account_of("b").add(entry(prompt=20, reasoning=160, answer=40))
    accounts.account_of("b", "hard").add(entry(prompt=0, reasoning=0, answer=0, accepted=False))
    counts = accounts.counts(Price(per_hour=30.0), seconds=3600)
    assert counts.cost == 30.0
    assert {name: group.cost for name, group in counts.by_source.items()} == {"a": 10.0, "b": 20.0}
    assert Accounts.read(accounts.plain()) == accounts


def test_without_a_price_nothing_is_said_of_cost() -> None:
    assert Account(traces=1).counts(Price(), 1.0).cost is None
    assert Account(traces=1).counts(Price(per_hour=0.5), 1.0).cost == 0.5


def test_the_stage_reports_what_its_rows_say(tmp_path: Path) -> None:
    (tmp_path / "problems").mkdir()
    problems = [make_problem(f"{at} + 1?", f"answer-{at + 1}") for at in range(40)]
    write_rows(tmp_path / "problems" / "problems.parquet", problems, PROBLEM)
    job = make_job(tmp_path / "problems", sampling(n=1, price=PRICE).model_copy(update={"accept": 2, "max_n": 9}))
    counts = draw(tmp_path / "out", job, Counting(FakeTeacher(kind="fake", latency_s=0.001)))
    traces = traces_in(tmp_path / "out") + traces_in(tmp_path / "out" / "surplus")
    assert counts.reasoning_tokens + counts.answer_tokens == sum(trace.completion_tokens for trace in traces)
    assert counts.prompt_tokens == sum(trace.prompt_tokens for trace in traces)
    assert counts.accepted == sum(trace.accepted for trace in traces_in(tmp_path / "out"))
    assert 0 < counts.answer_tokens < counts.reasoning_tokens
    assert counts.by_source.keys() == {"made"}
    assert counts.tokens_per_s > 0
    assert counts.sampling_s > 0
    assert counts.stopped_at is None


# By source and difficulty

SUMS = ("problems", "solved", "traces", "accepted", "taken_over", "surplus", "hinted", "truncated", "looped", "failed")
SUMS += ("prompt_tokens", "reasoning_tokens", "answer_tokens", "tokens")
CHANCES = [
    SecondChance(temperature=1.0, max_n=2),
    SecondChance(continue_truncated=True, max_tokens=200),
    SecondChance(hint="default", max_n=2),
]
CONTINUES = [False, *(chance.continue_truncated for chance in CHANCES)]
MIXED = FakeTeacher(kind="fake", spread=(0.4, 0.6), unclosed=0.2, failures=0.05, in_flight=20, latency_s=0.0005)
"""Easy and hard problems, truncated traces, failed requests."""


def adaptive(**changes: object) -> TeacherSampling:
    given = {"accept": 2, "max_n": 8, "max_tokens": 60, "shard_size": 40, "second_chances": CHANCES, "price": PRICE}
    return TeacherSampling(**given | changes)  # type: ignore[arg-type]


def of_two_sources(folder: Path, count: int) -> Path:
    folder.mkdir()
    problems = [make_problem(f"{at} + 1?", f"answer-{at + 1}") for at in range(count)]
    rows = (replace(problem, source="even" if at % 2 == 0 else "odd") for at, problem in enumerate(problems))
    write_rows(folder / "problems.parquet", rows, PROBLEM)
    return folder


def test_parts_add_up_and_say_what_the_rows_say(tmp_path: Path) -> None:
    problems, run = of_two_sources(tmp_path / "problems", 90), tmp_path / "run"
    counts = draw(run / "a", make_job(problems, adaptive(budget=Budget(tokens=6000))), Counting(MIXED))
    assert counts.stopped_at == "tokens: 6000"
    check_accounts(run / "a", counts, adaptive(), earlier=set())

    earlier = {trace.request_fingerprint for trace in everything_in(run / "a") if trace.finish_reason != FAILED}
    counts = draw(run / "b", make_job(problems, adaptive(), reuse_from=(run,)), Counting(MIXED))
    assert counts.stopped_at is None
    assert counts.problems == 90
    for name in ("taken_over", "surplus", "hinted", "truncated", "failed"):
        assert getattr(counts, name) > 0
    assert counts.by_difficulty
    assert counts.by_difficulty.keys() >= {"never", "hard", "medium", "always"}
    check_accounts(run / "b", counts, adaptive(), earlier)


def everything_in(folder: Path) -> list[Trace]:
    surplus = folder / "surplus"
    return traces_in(folder) + (traces_in(surplus) if surplus.exists() else [])


def check_accounts(folder: Path, counts: SamplingCounts, sampling: TeacherSampling, earlier: set[str]) -> None:
    """`earlier` are the fingerprints of traces that cost nothing."""
    rate, kept, everything = pass_rates(sampling), traces_in(folder), everything_in(folder)
    funnel = Funnel()
    for trace in kept:
        funnel.add(trace)
    judged = funnel.counts(rate, difficulty)
    bands = {
        problem: difficulty(rate(tried.decided, tried.passed) if tried.decided else None)
        for problem, tried in funnel.problems.items()
    }
    first = {(trace.problem_id, trace.sample_index): trace.completion_tokens for trace in kept if trace.attempt == 0}

    def drawn_tokens(trace: Trace) -> int:
        continued = first[trace.problem_id, trace.sample_index] if CONTINUES[trace.attempt] else 0
        return trace.completion_tokens - continued

    def of(group: str, name: str, trace: Trace) -> bool:
        return name == (trace.source if group == "source" else bands.get(trace.problem_id, "undecided"))

    for group in ("source", "difficulty"):
        parts, judged_parts = getattr(counts, f"by_{group}"), getattr(judged, f"by_{group}")
        for name in SUMS:
            assert sum(getattr(part, name) for part in parts.values()) == getattr(counts, name)
        assert sum(part.cost for part in parts.values()) == pytest.approx(counts.cost, abs=1e-5)
        for name, part in parts.items():
            own, all_own = ([t for t in traces if of(group, name, t)] for traces in (kept, everything))
            drawn = [trace for trace in all_own if trace.request_fingerprint not in earlier]
            assert part.traces == len(own)
            assert part.surplus == len(all_own) - len(own)
            assert part.accepted == sum(trace.accepted for trace in own)
            assert part.solved == len({trace.problem_id for trace in own if trace.accepted})
            assert part.hinted == sum(trace.hinted for trace in all_own)
            assert part.truncated == sum(trace.finish_reason == CUT_OFF for trace in all_own)
            assert part.failed == sum(trace.finish_reason == FAILED for trace in all_own)
            assert part.taken_over == len(all_own) - len(drawn)
            assert part.prompt_tokens == sum(trace.prompt_tokens for trace in drawn)
            assert part.reasoning_tokens + part.answer_tokens == sum(map(drawn_tokens, drawn))
            # The judge's accounts of the same rows; sampling also knows of problems without a trace.
            judges = judged_parts.get(name, group_counts([]))
            for one in ("traces", "accepted", "solved"):
                assert getattr(part, one) == getattr(judges, one)
            assert part.problems >= judges.problems


def test_without_verdicts_there_is_no_difficulty(tmp_path: Path) -> None:
    counts = draw(tmp_path / "out", make_job(write_problems(tmp_path / "problems", 9), sampling()))
    assert counts.by_difficulty is None
    assert counts.by_source["made"].traces == counts.traces == 36


def test_a_shard_with_failed_requests_costs_no_more_when_it_is_tried_again(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 60), tmp_path / "run"
    wrong = {"kind": "fake", "accuracy": 0, "unclosed": 0.5, "in_flight": 4}
    continued = [SecondChance(continue_truncated=True, max_tokens=100)]
    draw(run / "a", make_job(problems, sampling(n=1)), Counting(FakeTeacher(**wrong)))
    job = make_job(problems, sampling(n=2, second_chances=continued, price=PRICE), reuse_from=(run,))
    whole = draw(tmp_path / "whole", job, Counting(FakeTeacher(**wrong)))
    dying = Dying(FakeTeacher(**wrong, failures=0.3))
    dying.left = 90
    with pytest.raises(RuntimeError):
        draw(tmp_path / "out", job, dying)
    assert list((tmp_path / "out").glob("*.parquet"))
    counts = draw(tmp_path / "out", job, Counting(FakeTeacher(**wrong)))
    assert whole.taken_over >= 60
    for name in ("traces", "taken_over", "prompt_tokens", "reasoning_tokens", "answer_tokens", "cost"):
        assert getattr(counts, name) == getattr(whole, name), name
