"""A budget of tokens, hours or money ends the sampling cleanly, and a larger one goes on."""

import time
from pathlib import Path

import pytest
from account_makers import PRICE, entry, sampling
from sampling_makers import Counting, Dying, draw, make_job, traces_in, write_problems

from configs.sampling import Budget, Price
from configs.teachers import FakeTeacher
from records.counts import SamplingPart
from records.share import WorkerSlot
from teacher.sampling.accounts import Account
from teacher.sampling.budget import BudgetMeter
from teacher.sampling.stage import gather, sample_share
from teacher.sampling.stopwatch import Stopwatch


def meter(folder: Path, budget: Budget, workers: int = 1) -> BudgetMeter:
    return BudgetMeter(budget, PRICE, Stopwatch(folder / ".clock-0", 0.0), 1000, Account(), workers)


def test_what_is_in_flight_counts_as_average(tmp_path: Path) -> None:
    tokens = meter(tmp_path, Budget(tokens=1000))
    assert tokens.limit(0) == ""
    assert tokens.limit(1) == "tokens: 1000", "nothing is known of its length"
    tokens.spend(entry(prompt=10, reasoning=80, answer=10))
    assert tokens.limit(8) == ""
    assert tokens.limit(9) == "tokens: 1000"
    money = meter(tmp_path, Budget(money=0.001))
    money.spend(entry(prompt=100, reasoning=80, answer=20))
    assert (money.limit(0), money.limit(1)) == ("", "money: 0.001")


def test_what_is_in_flight_takes_no_further_hour(tmp_path: Path) -> None:
    hourly = Price(prompt_per_million=1.0, per_hour=20.0)
    money = BudgetMeter(Budget(money=1.0), hourly, Stopwatch(tmp_path / ".clock-0", 0.0), 1000, Account())
    assert money.limit(1) == ""
    money.spend(entry())
    assert money.limit(10) == ""


def test_a_worker_among_several_leaves_the_others_their_share(tmp_path: Path) -> None:
    one_of_four = meter(tmp_path, Budget(tokens=1000), workers=4)
    one_of_four.spend(entry(prompt=10, reasoning=80, answer=10))
    assert one_of_four.limit(1) == ""
    one_of_four.spend(entry(prompt=10, reasoning=80, answer=10))
    assert one_of_four.limit(1) == "tokens: 1000", "four of them spend 800, and 1,200 with one more each"


@pytest.mark.parametrize("tokens", [1000, 3000])
def test_a_budget_of_tokens_ends_the_run_cleanly(tmp_path: Path, tokens: int) -> None:
    job = make_job(write_problems(tmp_path / "problems", 100), sampling(budget=Budget(tokens=tokens)))
    counts = draw(tmp_path / "out", job, Counting(FakeTeacher(kind="fake", in_flight=20)))
    assert counts.stopped_at == f"tokens: {tokens}"
    assert 0.9 * tokens < counts.tokens < 1.05 * tokens
    assert counts.traces == len(traces_in(tmp_path / "out"))
    assert not list((tmp_path / "out").glob("*.jsonl"))


def test_a_larger_budget_goes_on_from_a_smaller(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 100), tmp_path / "run"
    draw(run / "a", make_job(problems, sampling(budget=Budget(tokens=2000))))
    counts = draw(run / "b", make_job(problems, sampling(), reuse_from=(run,)), sampler := Counting())
    assert counts.taken_over == len(traces_in(run / "a"))
    assert len(sampler.requests) == 400 - counts.taken_over
    assert counts.stopped_at is None


def test_a_budget_of_time_ends_the_run(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 100), sampling(budget=Budget(hours=0.2 / 3600)))
    sampler = Counting(FakeTeacher(kind="fake", in_flight=20, latency_s=0.05))
    started = time.monotonic()
    counts = draw(tmp_path / "out", job, sampler)
    assert time.monotonic() - started < 2
    assert str(counts.stopped_at).startswith("hours: ")
    assert 0 < counts.traces < 400
    assert sampler.cancelled


def test_a_budget_that_suffices_is_not_mentioned(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 10), sampling(budget=Budget(tokens=10**6, hours=9)))
    assert draw(tmp_path / "out", job).stopped_at is None


def test_a_budget_counts_what_was_spent_before_an_interruption(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 100), sampling(budget=Budget(tokens=3000)))
    with pytest.raises(RuntimeError):
        draw(tmp_path / "out", job, Dying(FakeTeacher(kind="fake", in_flight=10, latency_s=0.001)))
    counts = draw(tmp_path / "out", job, Counting(FakeTeacher(kind="fake", in_flight=10)))
    assert 0.9 * 3000 < counts.tokens < 1.05 * 3000


def test_a_worker_that_stalled_and_is_started_again_goes_on_with_its_budget(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 200), sampling(budget=Budget(tokens=3000)))
    slot, dying = WorkerSlot(launch="one"), FakeTeacher(kind="fake", in_flight=10)
    (tmp_path / "out").mkdir()

    def share(sampler: Counting) -> SamplingPart:
        return sample_share(tmp_path / "out", job, lambda: sampler, lambda *_, **__: None, slot)

    for _ in range(3):
        with pytest.raises(RuntimeError):
            share(Dying(dying))
    counts = gather(tmp_path / "out", job.sampling, [share(Counting(dying))])
    assert 0.9 * 3000 < counts.tokens < 1.05 * 3000
