"""Drawing stops by the rule, whatever finishes first, and pass rates are estimated without bias."""

import random
from itertools import product
from pathlib import Path
from statistics import fmean

import pytest
from sampling_makers import Counting, contents, draw, make_job, traces_in, write_problems

from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from teacher.sampling.stopping import Rule, StoppingTally, pass_rate

RULE = Rule(accept=4, n=64, give_up_below=0.04)
ADAPTIVE = TeacherSampling(accept=2, max_n=20, give_up_below=0.06, max_tokens=80, shard_size=20)
SPREAD = FakeTeacher(kind="fake", spread=(0.6, 0.4), unclosed=0)


def end_of(outcomes: list[bool], rule: Rule = RULE) -> int | None:
    tally = StoppingTally(rule)
    for index, accepted in enumerate(outcomes):
        tally.add(index, accepted)
    return tally.end


@pytest.mark.parametrize(
    ("outcomes", "end"),
    [
        ([True] * 10, 4),
        ([True, False] * 10, 7),
        ([False] * 11, None),
        ([False] * 12, 12),  # hopeless
        ([True] + [False] * 36, 37),  # one success: three times as patient
        ([True] + [False] * 35, None),
        ([True, True] + [False] * 70, 62),
        ([True, True, True] + [False] * 70, 64),
    ],
)
def test_ends_of_drawing(outcomes: list[bool], end: int | None) -> None:
    assert end_of(outcomes) == end


def test_the_end_does_not_depend_on_what_finishes_first() -> None:
    order = random.Random(0)
    for _ in range(200):
        outcomes = [order.random() < 0.2 for _ in range(64)]
        tally = StoppingTally(RULE)
        for index in order.sample(range(64), 64):
            tally.add(index, outcomes[index])
        assert tally.end == end_of(outcomes)


def test_sure_draws_are_needed_however_the_rest_turns_out() -> None:
    rule = Rule(accept=2, n=6, give_up_below=0.11)
    for known in product([None, False, True], repeat=5):
        tally = StoppingTally(rule)
        for index, outcome in enumerate(known):
            if outcome is not None:
                tally.add(index, outcome)
        free = [index for index in range(6) if index >= 5 or known[index] is None]
        ends = []
        for filled in product([False, True], repeat=len(free)):
            whole = [*known, None]
            for index, outcome in zip(free, filled, strict=True):
                whole[index] = outcome
            ends.append(end_of([bool(outcome) for outcome in whole], rule))
        assert tally.sure_draws() == min(end for end in ends if end is not None)


@pytest.mark.parametrize("rate", [0.03, 0.2, 0.5, 0.9])
def test_pass_rates_are_not_biased_by_stopping(rate: float) -> None:
    chance = random.Random(1)
    estimates, shares = [], []
    for _ in range(6000):
        outcomes: list[bool] = []
        while not outcomes or not RULE.ends(len(outcomes), sum(outcomes)):
            outcomes.append(chance.random() < rate)
        estimates.append(pass_rate(len(outcomes), sum(outcomes), RULE))
        shares.append(sum(outcomes) / len(outcomes))
    spread = (sum((estimate - rate) ** 2 for estimate in estimates) / len(estimates)) ** 0.5
    assert abs(fmean(estimates) - rate) < 4 * spread / len(estimates) ** 0.5
    if rate < 0.9:
        assert abs(fmean(shares) - rate) > 8 * spread / len(estimates) ** 0.5, "the plain share is biased"


def test_pass_rate_has_known_special_cases() -> None:
    assert pass_rate(4, 2, Rule(None, 4)) == 0.5
    assert pass_rate(8, 4, Rule(4, 64)) == pytest.approx(3 / 7)  # (accept - 1) / (n - 1)


def test_problems_get_what_they_need_and_no_more(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 100)
    sampler = Counting(SPREAD.model_copy(update={"in_flight": 32}))
    sampling = ADAPTIVE.model_copy(update={"speculate": False})
    counts = draw(tmp_path / "out", make_job(problems, sampling), sampler)
    by_problem: dict[str, list[bool]] = {}
    for trace in traces_in(tmp_path / "out"):
        by_problem.setdefault(trace.problem_id, []).append(trace.accepted)
    rule = Rule(2, 20, 0.06)
    assert len(by_problem) == 100
    for outcomes in by_problem.values():
        assert rule.ends(len(outcomes), sum(outcomes))
        assert not any(rule.ends(n, sum(outcomes[:n])) for n in range(1, len(outcomes)))
    assert len({len(outcomes) for outcomes in by_problem.values()}) > 4, "hard problems got more"
    assert not sampler.cancelled
    assert len(sampler.requests) == counts.traces == sum(map(len, by_problem.values()))
    assert counts.solved == sum(map(any, by_problem.values()))


def test_speculation_fills_an_idle_sampler_and_changes_no_trace_that_counts(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 100)
    plain = ADAPTIVE.model_copy(update={"speculate": False})
    draw(tmp_path / "plain", make_job(problems, plain), Counting(SPREAD))
    sampler = Counting(SPREAD.model_copy(update={"latency_s": 0.01}))
    counts = draw(tmp_path / "eager", make_job(problems, ADAPTIVE), sampler)
    assert sampler.cancelled
    assert len(sampler.requests) > counts.traces
    assert traces_in(tmp_path / "eager") == traces_in(tmp_path / "plain")
    assert len(traces_in(tmp_path / "eager" / "surplus")) == counts.surplus > 0
    main = {name: content for name, content in contents(tmp_path / "eager").items() if "surplus" not in name}
    assert main == contents(tmp_path / "plain")


def test_a_file_that_a_killed_worker_left_half_written_does_not_stay(tmp_path: Path) -> None:
    problems, surplus = write_problems(tmp_path / "problems", 4), tmp_path / "out" / "surplus"
    surplus.mkdir(parents=True)
    (surplus / ".traces-00000.parquet.tmp").write_bytes(b"half")
    plain = ADAPTIVE.model_copy(update={"speculate": False})
    counts = draw(tmp_path / "out", make_job(problems, plain), Counting(SPREAD))
    assert counts.surplus == 0
    assert not list(surplus.iterdir())


def test_more_accepted_traces_reuse_all_that_was_drawn(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 60), tmp_path / "run"
    first, second = Counting(SPREAD), Counting(SPREAD)
    draw(run / "a", make_job(problems, ADAPTIVE), first)
    more = ADAPTIVE.model_copy(update={"accept": 4, "speculate": False})
    draw(run / "b", make_job(problems, more, reuse_from=(run,)), second)
    draw(tmp_path / "anew", make_job(problems, more), Counting(SPREAD))
    assert traces_in(run / "b") == traces_in(tmp_path / "anew")
    earlier = traces_in(run / "a") + traces_in(run / "a" / "surplus")
    seen = {(trace.problem_id, trace.attempt, trace.sample_index) for trace in earlier}
    assert not {request.key for request in second.requests} & seen
    assert second.requests


def test_verdicts_are_kept_and_not_asked_for_again(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 30), tmp_path / "run"
    job = make_job(problems, ADAPTIVE, reuse_from=(run,))
    draw(run / "a", job, Counting(SPREAD))
    asked: list[int] = []

    def judge(traces: list) -> list:  # type: ignore[type-arg]
        asked.append(len(traces))
        assert job.judge is not None
        return job.judge(traces)

    draw(run / "b", make_job(problems, ADAPTIVE, reuse_from=(run,), judge=judge), Counting(SPREAD))
    assert not asked
    draw(run / "c", make_job(problems, ADAPTIVE, reuse_from=(run,), judge=judge, judged_by="another"), Counting(SPREAD))
    assert sum(asked) >= len(traces_in(run / "a"))


def test_a_judge_that_fails_ends_the_run(tmp_path: Path) -> None:
    def judge(_: list) -> list:  # type: ignore[type-arg]
        raise RuntimeError("no sandbox")

    with pytest.raises(RuntimeError, match="no sandbox"):
        draw(tmp_path / "out", make_job(write_problems(tmp_path / "problems", 5), ADAPTIVE, judge=judge))
