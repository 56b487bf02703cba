"""Stored traces answer again under thinking budgets: cut, kept or extended by "Wait", and nothing is drawn twice."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from sampling_makers import Counting, Dying, contents, draw, kill_once_begun, make_job, traces_in, write_problems
from tokenizer_makers import SlowTokenizer, make_byte_tokenizer

from configs.sampling import Sampling
from configs.teachers import FakeTeacher
from records.errors import InputError
from records.rows import Trace
from teacher.engines.tokenizer import ModelTokens
from teacher.sampling.continuation import AfterWait, ClosedAt
from teacher.sampling.drawn import Drawn
from teacher.sampling.stage import SamplingJob
from teacher.sampling.thinking_budgets import ThinkingBudgets

PLAIN = Sampling(n=3, max_tokens=50, shard_size=40)
SCRIPT = """
import sys
from pathlib import Path
sys.path[:0] = ["tests", "tests/teacher/sampling"]
from test_thinking_budgets import *
run, problems = map(Path, sys.argv[1:])
draw(run / "eval-budgets", budgeted(problems, run), Counting(FakeTeacher(kind="fake", latency_s=0.01, in_flight=16)))
"""


class Words:
    """Words are tokens, as for the fake engine."""

    def count(self, text: str) -> int:
        return len(text.split())

    def cut(self, text: str, at: int) -> str | None:
        words = text.split(" ")
        return " ".join(words[:at]) if len(words) > at else None


def stored_job(problems: Path, run: Path) -> SamplingJob:
    return replace(make_job(problems, PLAIN), reuse_from=(run,))


def budgeted(problems: Path, run: Path, *think: int, wait: int = 2, answer_tokens: int = 6) -> SamplingJob:
    budgets = ThinkingBudgets(think or (5, 20), wait, answer_tokens, Words())
    return replace(stored_job(problems, run), budgets=budgets)


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


# Cutting by the model's own tokens


def drawn(reasoning: str, answer: str = "\\boxed{4}", closed: bool = True) -> Drawn:
    return Drawn(reasoning, answer, closed, "stop", 5, 99, 1, False, "")


BYTES = ModelTokens(make_byte_tokenizer(), "think")
"""Every byte is a token, and so is each tag."""


@pytest.mark.parametrize("more", [-1, 0])
def test_a_reasoning_within_the_budget_is_kept(more: int) -> None:
    assert ClosedAt(10, 5, 100, BYTES).begin(drawn("x" * (10 + more))) is None


def test_one_token_more_is_cut() -> None:
    begins = ClosedAt(10, 5, 100, BYTES).begin(drawn("0123456789A"))
    assert begins == ("<think>\n0123456789\n</think>\n\n", 10 + 2 + 4, 5)


def test_an_answer_has_no_more_room_than_the_whole() -> None:
    begins = ClosedAt(10, 50, 20, BYTES).begin(drawn("0123456789A"))
    assert begins is not None
    assert (begins.tokens, begins.max_tokens) == (16, 4)


def test_a_character_of_several_tokens_is_not_torn() -> None:
    assert BYTES.cut("aé€x", 2) == "aé", "its second byte comes along"
    assert BYTES.cut("aé€x", 3) == "aé"
    assert BYTES.cut("aé€x", 7) is None
    assert BYTES.count("aé€x") == 7


def test_an_unfinished_reasoning_is_cut_but_not_extended() -> None:
    unfinished = drawn("0123456789A", answer="", closed=False)
    assert ClosedAt(10, 5, 100, BYTES).begin(unfinished) is not None
    assert AfterWait(5, 100, BYTES).begin(unfinished) is None


@pytest.mark.parametrize(("most", "left"), [(22, None), (23, 5), (24, 6)])
def test_wait_needs_room_for_an_answer(most: int, left: int | None) -> None:
    begins = AfterWait(5, most, BYTES).begin(drawn("0123456789A"))
    assert begins == (None if left is None else ("<think>\n0123456789A\nWait", 2 + 11 + 5, left))


def test_other_tags_are_counted_as_the_model_writes_them() -> None:
    plain = make_byte_tokenizer(plain=["<think>", "</think>", "[THINK]", "[/THINK]"])
    prefix = "<think>\nab\n</think>\n\n"
    assert ModelTokens(plain, "mistral").count(prefix) == 2 + 2
    assert ModelTokens(plain, "think").count(prefix) == 2 + 2 + 4


def test_a_tokenizer_that_does_not_tell_where_tokens_end_is_refused() -> None:
    with pytest.raises(InputError, match="do not tell where tokens end"):
        ModelTokens(SlowTokenizer(), "think")
