"""Stored traces answer again under thinking budgets: cut, kept or extended by "Wait", and nothing is drawn twice."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from budget_makers import budgeted, stored_job
from conftest import ROOT
from sampling_makers import Counting, Dying, contents, draw, kill_once_begun, traces_in, write_problems

from configs.teachers import FakeTeacher
from records.errors import InputError
from records.rows import Trace

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from budget_makers import *
from sampling_makers import *
run, problems = map(Path, sys.argv[1:])
draw(run / "eval-budgets", budgeted(problems, run), Counting(FakeTeacher(kind="fake", latency_s=0.01, in_flight=16)))
"""


def by_budget(folder: Path) -> dict[str, dict[tuple[str, int], Trace]]:
    found: dict[str, dict[tuple[str, int], Trace]] = {}
    for trace in traces_in(folder):
        found.setdefault(trace.budget, {})[trace.problem_id, trace.sample_index] = trace
    return found


def sampled(tmp_path: Path, problems: int = 30) -> tuple[Path, Path]:
    """Return problems, and a run with their stored traces."""
    written, run = write_problems(tmp_path / "problems", problems), tmp_path / "run"
    draw(run / "eval", stored_job(written, run))
    return written, run


def test_only_answers_are_drawn_after_a_cut(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    sampler = Counting()
    counts = draw(run / "budgets", budgeted(problems, run, wait=0), sampler)
    found = by_budget(run / "budgets")
    assert list(found) == ["", "5", "20"]
    longer = {budget: [key for key, trace in found[""].items() if words(trace) > budget] for budget in (5, 20)}
    assert 0 < len(longer[20]) < len(longer[5]) < 90
    assert len(sampler.requests) == len(longer[5]) + len(longer[20])
    assert counts.taken_over == 90 + 2 * 90 - len(sampler.requests)
    for budget in (5, 20):
        for key, trace in found[str(budget)].items():
            stored = found[""][key]
            if key in longer[budget]:
                assert trace.reasoning == " ".join(["step"] * budget)
                assert (trace.closed, trace.finish_reason, trace.reasoning_tokens) == (True, "stop", budget)
                assert trace.completion_tokens == budget + 3, "with both tags and an answer of one word"
            else:
                assert (trace.reasoning, trace.answer) == (stored.reasoning, stored.answer)
            assert trace.request_fingerprint != stored.request_fingerprint
    assert {request.settings.max_tokens for request in sampler.requests} == {6}
    assert all(request.prefix.endswith("</think>\n\n") for request in sampler.requests)


def words(trace: Trace) -> int:
    return len(trace.reasoning.split())


def test_wait_is_appended_in_turn(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    sampler = Counting()
    draw(run / "budgets", budgeted(problems, run), sampler)
    found = by_budget(run / "budgets")
    assert list(found) == ["", "5", "20", "wait 1", "wait 2"]
    for times, before in ((1, ""), (2, "wait 1")):
        for key, trace in found[f"wait {times}"].items():
            earlier = found[before][key]
            if trace.reasoning == earlier.reasoning:
                assert not earlier.closed or words(earlier) + 2 > 50 - 6, "it had ended, and there was room"
                assert trace.answer == earlier.answer
            else:
                assert trace.reasoning.startswith(f"{earlier.reasoning}\nWait")
                assert earlier.closed
                assert (trace.reasoning_tokens or 0) > (earlier.reasoning_tokens or 0)
                assert trace.completion_tokens <= 50
    assert any(trace.reasoning.count("Wait") == 2 for trace in found["wait 2"].values())
    assert not any("Wait" in trace.reasoning for trace in found["20"].values())


def test_requests_are_unique_and_their_seeds_too(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    sampler = Counting()
    draw(run / "budgets", budgeted(problems, run), sampler)
    traces = traces_in(run / "budgets")
    assert len({(trace.problem_id, trace.attempt, trace.sample_index) for trace in traces}) == len(traces) == 5 * 90
    assert len({trace.request_fingerprint for trace in traces}) == len(traces)
    assert len({request.seed for request in sampler.requests}) == len(sampler.requests)


def test_a_further_budget_draws_its_own_answers_only(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    draw(run / "budgets", budgeted(problems, run, 5, 20))
    sampler = Counting()
    draw(run / "more", budgeted(problems, run, 5, 10, 20), sampler)
    assert {request.attempt for request in sampler.requests} == {2}
    ours, theirs = by_budget(run / "more"), by_budget(run / "budgets")
    for budget in ("5", "20", "wait 2"):
        answers = [[trace.answer for trace in found[budget].values()] for found in (ours, theirs)]
        assert answers[0] == answers[1]


def test_a_complete_stage_needs_no_sampler(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    draw(run / "budgets", budgeted(problems, run))
    before, sampler = contents(run / "budgets"), Counting()
    draw(run / "budgets", budgeted(problems, run), sampler)
    assert (sampler.requests, contents(run / "budgets")) == ([], before)


def test_reasoning_that_never_reaches_a_budget_needs_no_sampler(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    sampler = Counting()
    draw(run / "budgets", budgeted(problems, run, 40, wait=0), sampler)
    assert sampler.requests == []
    found = by_budget(run / "budgets")
    assert [trace.answer for trace in found["40"].values()] == [trace.answer for trace in found[""].values()]


def test_a_dead_engine_costs_nothing(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path)
    with pytest.raises(RuntimeError, match="the engine is dead"):
        draw(run / "budgets", budgeted(problems, run), Dying(FakeTeacher(kind="fake", in_flight=10, latency_s=1e-4)))
    sampler = Counting()
    draw(run / "budgets", budgeted(problems, run), sampler)
    whole = Counting()
    other = tmp_path / "other"
    draw(other / "eval", stored_job(problems, other))
    draw(other / "budgets", budgeted(problems, other), whole)
    assert 0 < len(sampler.requests) <= len(whole.requests) - 40
    assert contents(run / "budgets") == contents(other / "budgets")


@pytest.mark.timeout(200)
def test_killed_at_any_instant_the_rows_are_the_same(tmp_path: Path) -> None:
    problems, run = sampled(tmp_path, problems=120)
    command = [sys.executable, "-c", SCRIPT, str(run), str(problems)]
    (run / "eval-budgets").mkdir()
    instants = random.Random(0)
    killed = sum(kill_once_begun(command, run / "eval-budgets", "*.jsonl", instants.uniform(0, 0.3)) for _ in range(4))
    assert killed
    subprocess.run(command, cwd=ROOT, check=True)
    draw(run / "whole", replace(budgeted(problems, run), reuse_from=(run / "none",)))
    assert by_budget(run / "eval-budgets") == by_budget(run / "whole")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"think": (45,)}, "45 tokens of thinking and 6 of the answer exceed max_tokens"),
        ({"thinks": False}, "the model answers without thinking"),
    ],
)
def test_budgets_that_cannot_be_kept_are_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    problems, run = sampled(tmp_path, problems=2)
    job = budgeted(problems, run, *changes.get("think", ()))
    with pytest.raises(InputError, match=told):
        draw(run / "budgets", replace(job, thinks=changes.get("thinks", True)))
