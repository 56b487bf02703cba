"""Second chances draw for unsolved problems: with other settings, with a hint, or by continuing truncated traces."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_problem, make_trace
from sampling_makers import Counting, contents, draw, kill_once_begun, make_job, traces_in, write_problems

from configs.models import Prompt
from configs.sampling import SecondChance, TeacherSampling
from configs.teachers import FakeTeacher
from filters.rules.hint import QuotesHint
from records.parquet import write_rows
from records.schemas import PROBLEM

WEAK = FakeTeacher(kind="fake", accuracy=0.15, unclosed=0.3)
DEFAULT = SecondChance(hint="default").hint_template or ""
SCRIPT = """
import sys
from pathlib import Path
sys.path[:0] = ["tests", "tests/teacher/sampling"]
from test_second_chances import *
draw(Path(sys.argv[1]), make_job(Path(sys.argv[2]), ALL), Counting(WEAK.model_copy(update={"latency_s": 0.01})))
"""


def sampling(*chances: SecondChance, **changes: Any) -> TeacherSampling:
    first: dict[str, Any] = {"accept": 1, "max_n": 3, "max_tokens": 60, "speculate": False, "shard_size": 20}
    return TeacherSampling(**first | {"second_chances": list(chances)} | changes)


ALL = sampling(
    SecondChance(temperature=1.0, max_tokens=80, prompt=Prompt(user="Think hard. {problem}"), max_n=4),
    SecondChance(continue_truncated=True, max_tokens=200),
    SecondChance(hint="default", max_n=2),
    accept=2,
    max_n=5,
    speculate=True,
)


def by_pass(folder: Path) -> dict[int, list[Any]]:
    passes: dict[int, list[Any]] = {}
    for trace in traces_in(folder):
        passes.setdefault(trace.attempt, []).append(trace)
    return passes


def test_only_unsolved_problems_get_another_chance(tmp_path: Path) -> None:
    chance = SecondChance(temperature=1.0, max_tokens=80, prompt=Prompt(user="Think hard. {problem}"), max_n=4)
    sampler = Counting(WEAK)
    job = make_job(write_problems(tmp_path / "problems", 60), sampling(chance))
    counts = draw(tmp_path / "out", job, sampler)
    passes = by_pass(tmp_path / "out")
    solved_first = {trace.problem_id for trace in passes[0] if trace.accepted}
    assert {trace.problem_id for trace in passes[1]} == {trace.problem_id for trace in passes[0]} - solved_first
    assert counts.solved > len(solved_first)
    second = [request for request in sampler.requests if request.attempt > 0]
    assert {(r.settings.temperature, r.settings.top_p, r.settings.max_tokens) for r in second} == {(1.0, 0.95, 80)}
    assert all(request.messages[-1]["content"].startswith("Think hard. ") for request in second)
    seeds = {request.seed for request in sampler.requests}
    assert len(seeds) == len(sampler.requests), "a pass draws from random numbers of its own"


@pytest.mark.parametrize("other", [SecondChance(max_n=3), SecondChance(hint="default", max_n=3)])
def test_chances_with_the_same_settings_draw_traces_of_their_own(tmp_path: Path, other: SecondChance) -> None:
    problems, run = write_problems(tmp_path / "problems", 30), tmp_path / "run"
    chances = [SecondChance(max_n=3), other]
    draw(run / "a", make_job(problems, sampling(*chances), judge=never), sampler := Counting())
    assert {request.attempt for request in sampler.requests} == {0, 1, 2}
    assert len({request.seed for request in sampler.requests}) == len(sampler.requests) == 270
    counts = draw(run / "b", make_job(problems, sampling(*chances, shard_size=9), judge=never, reuse_from=(run,)))
    assert counts.taken_over == 270


def test_with_n_they_follow_too(tmp_path: Path) -> None:
    plain = TeacherSampling(n=3, max_tokens=60, second_chances=[SecondChance(max_n=4)])
    draw(tmp_path / "out", make_job(write_problems(tmp_path / "problems", 40), plain), Counting(WEAK))
    passes = by_pass(tmp_path / "out")
    assert len(passes[0]) == 120
    assert passes[1]


def test_hints_stay_out_of_every_row(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 40), sampling(SecondChance(hint="default")))
    sampler = Counting(WEAK)
    counts = draw(tmp_path / "out", job, sampler)
    passes = by_pass(tmp_path / "out")
    shown = [request for request in sampler.requests if request.attempt > 0]
    assert all(request.problem.reference in request.messages[-1]["content"] for request in shown)
    assert all(trace.hinted for trace in passes[1])
    assert not any(trace.hinted for trace in passes[0])
    assert counts.hinted == len(passes[1])
    assert not [trace for trace in passes[1] if "For reference" in f"{trace.prompt}{trace.reasoning}{trace.answer}"]
    assert {trace.prompt for trace in passes[1]} <= {trace.prompt for trace in passes[0]}


def test_nothing_is_shown_where_there_is_no_reference(tmp_path: Path) -> None:
    (tmp_path / "problems").mkdir()
    write_rows(tmp_path / "problems" / "problems.parquet", [make_problem("Prove it.", "")], PROBLEM)
    job = make_job(tmp_path / "problems", sampling(SecondChance(hint="default")), judge=never)
    draw(tmp_path / "out", job)
    assert by_pass(tmp_path / "out").keys() == {0}


def never(traces: list[Any]) -> list[Any]:
    return [[] for _ in traces]


def test_braces_in_problems_and_references_stay(tmp_path: Path) -> None:
    (tmp_path / "problems").mkdir()
    problem = make_problem("What is {reference}?", "the {problem}")
    write_rows(tmp_path / "problems" / "problems.parquet", [problem], PROBLEM)
    chance = SecondChance(hint="{problem} -> {reference}", max_n=1)
    job = make_job(tmp_path / "problems", sampling(chance), judge=never)
    draw(tmp_path / "out", job, sampler := Counting())
    assert sampler.requests[-1].messages[-1]["content"] == "What is {reference}? -> the {problem}"


def test_truncated_traces_go_on_where_they_stopped(tmp_path: Path) -> None:
    cut = FakeTeacher(kind="fake", accuracy=1.0, unclosed=0, steps=30)
    job = make_job(
        write_problems(tmp_path / "problems", 30),
        sampling(SecondChance(continue_truncated=True, max_tokens=100), max_tokens=10),
    )
    counts = draw(tmp_path / "out", job, Counting(cut))
    passes = by_pass(tmp_path / "out")
    first = {(trace.problem_id, trace.sample_index): trace for trace in passes[0]}
    assert passes[1]
    for trace in passes[1]:
        before = first[trace.problem_id, trace.sample_index]
        assert before.finish_reason == "length"
        assert trace.reasoning.startswith(before.reasoning)
        assert trace.completion_tokens > before.completion_tokens
    continued = sum(first[trace.problem_id, trace.sample_index].completion_tokens for trace in passes[1])
    whole = sum(trace.completion_tokens for trace in traces_in(tmp_path / "out"))
    assert counts.reasoning_tokens + counts.answer_tokens == whole - continued, "only what was drawn is paid for"
    assert counts.solved == 30


def test_all_of_them_survive_kills(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 150)
    draw(tmp_path / "whole", make_job(problems, ALL), Counting(WEAK))
    assert by_pass(tmp_path / "whole").keys() == {0, 1, 2, 3}
    (tmp_path / "killed").mkdir()
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "killed"), str(problems)]
    instants = random.Random(0)
    kills = [kill_once_begun(command, tmp_path / "killed", "*.jsonl", instants.uniform(0, 0.1)) for _ in range(8)]
    assert any(kills)
    subprocess.run(command, cwd=ROOT, check=True)
    whole, killed = (contents(tmp_path / name) for name in ("whole", "killed"))
    assert {name for name in whole if "surplus" not in name} == {name for name in killed if "surplus" not in name}
    assert all(killed[name] == content for name, content in whole.items() if "surplus" not in name)


@pytest.mark.parametrize(
    "text",
    [
        "The given answer is 4, so I need 2 + 2.",
        "We are told that the final answer is 4.",
        "Since we know the answer is 4, it must be 2 + 2.",
        "which matches the reference answer.",
        "The hint says 4.",
        "the answer provided to me is 4",
        "Derive it step by step from the problem alone, they say.",
        "参考答案是 4。",
    ],
)
def test_a_hinted_trace_that_quotes_the_hint_is_rejected(text: str) -> None:
    rule = QuotesHint((DEFAULT,))
    for trace in (make_trace(reasoning=text), make_trace(answer=text + " \\boxed{4}")):
        verdict = rule.judge(replace(trace, hinted=True))
        assert (verdict.outcome, verdict.reason) == ("fail", "quotes_hint")
        assert rule.judge(trace).outcome == "pass", "it was not shown anything"


@pytest.mark.parametrize(("words", "outcome"), [(5, "pass"), (6, "fail"), (7, "fail")])
def test_six_words_in_a_row_quote_the_hint(words: int, outcome: str) -> None:
    said = [f"word{letter}" for letter in "abcdefg"]
    for text in (said[:words], said[7 - words :]):
        trace = replace(make_trace(reasoning="Well " + " ".join(text), answer=""), hinted=True)
        assert QuotesHint((" ".join(said) + " {reference}",)).judge(trace).outcome == outcome


@pytest.mark.parametrize(
    "text",
    [
        "2 + 2 = 4, so the final answer is 4.",
        "The sum is given by n(n + 1)/2; the given numbers are 2 and 2.",
        "Let us check the answer: 4 - 2 = 2.",
        "We know the sum of two even numbers is even, so the expected value is 4.",
    ],
)
def test_a_hinted_trace_that_derives_its_answer_passes(text: str) -> None:
    assert QuotesHint((DEFAULT,)).judge(replace(make_trace(reasoning=text), hinted=True)).outcome == "pass"
