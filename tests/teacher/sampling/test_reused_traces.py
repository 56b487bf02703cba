"""What an earlier run drew is not drawn again, unless what shapes a completion has changed."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_problem
from runtime_makers import VLLM
from sampling_makers import Counting, Dying, contents, draw, make_job, sampling, traces_in, write_problems

from configs.models import Prompt
from configs.teachers import FakeTeacher
from records.artifact import build_once
from records.parquet import read_about, read_traces, write_rows
from records.runtime import keep_runtime, read_runtimes
from records.schemas import PROBLEM, TRACE
from records.verified import STAMPS


def test_finished_shards_need_no_sampler(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 20))
    first, sampler = draw(tmp_path / "out", job), Counting()
    second = draw(tmp_path / "out", job, sampler)
    assert (sampler.requests, first.traces, second.traces) == ([], 60, 60)
    for name in ("finish_reasons", "by_source", "tokens"):
        assert getattr(first, name) == getattr(second, name)


def test_a_kill_between_shard_and_journal_leaves_no_journal(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 20))
    draw(tmp_path / "whole", job)
    draw(tmp_path / "out", job)
    (tmp_path / "out" / "traces-00000.jsonl").write_text("any")
    draw(tmp_path / "out", job)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_more_traces_per_problem_draw_only_the_missing_ones(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 30), tmp_path / "run"
    draw(run / "sample-a", make_job(problems))
    draw(run / "sample-of-another", make_job(problems, model="another"))
    keep_runtime(run / "sample-a", VLLM)
    keep_runtime(run / "sample-of-another", replace(VLLM, dtype="float16"))
    sampler = Counting()
    job = make_job(problems, sampling(n=5), reuse_from=(run,))
    counts = draw(run / "sample-b", job, sampler)
    assert sorted({request.sample_index for request in sampler.requests}) == [3, 4]
    assert len(sampler.requests) == 60
    assert (counts.traces, counts.taken_over) == (150, 90)
    assert read_runtimes(run / "sample-b") == [VLLM], "as the traces, what they were drawn with is taken over"
    draw(tmp_path / "anew", replace(job, reuse_from=()))
    assert traces_in(run / "sample-b") == traces_in(tmp_path / "anew")


def test_an_interrupted_run_is_taken_over_too(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 50), tmp_path / "run"
    with pytest.raises(RuntimeError):
        draw(run / "sample-a", make_job(problems), Dying(FakeTeacher(kind="fake", in_flight=10, latency_s=0.001)))
    before = contents(run / "sample-a")
    sampler = Counting()
    counts = draw(run / "sample-b", make_job(problems, sampling(n=4), reuse_from=(run,)), sampler)
    assert counts.taken_over >= 40
    assert len(sampler.requests) == 200 - counts.taken_over
    assert contents(run / "sample-a") == before


@pytest.mark.parametrize("changes", [{"shard_size": 7}, {"budget": {"tokens": 10**9}}, {"reuse": []}])
def test_what_shapes_no_completion_reuses_every_trace(tmp_path: Path, changes: dict[str, object]) -> None:
    problems, sampler = write_problems(tmp_path / "problems", 30), Counting()
    draw(tmp_path / "runs" / "one" / "sample-a", make_job(problems))
    job = make_job(problems, sampling(**changes), reuse_from=(tmp_path / "runs",), teacher="renamed")
    draw(tmp_path / "elsewhere" / "sample-b", job, sampler)
    assert not sampler.requests
    assert {trace.teacher for trace in traces_in(tmp_path / "elsewhere" / "sample-b")} == {"renamed"}


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "another"},
        {"prompt": Prompt(user="Solve: {problem}")},
        {"thinks": False},
        {"sampling": sampling(temperature=0.7)},
        {"sampling": sampling(max_tokens=51)},
        {"sampling": sampling(seed=1)},
    ],
)
def test_what_shapes_a_completion_starts_anew(tmp_path: Path, changes: dict[str, object]) -> None:
    problems, sampler = write_problems(tmp_path / "problems", 10), Counting()
    draw(tmp_path / "run" / "sample-a", make_job(problems))
    draw(tmp_path / "run" / "sample-b", make_job(problems, **({"reuse_from": (tmp_path / "run",)} | changes)), sampler)
    assert len(sampler.requests) == 30


def test_a_begun_folder_keeps_its_shards(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 50)
    with pytest.raises(RuntimeError):
        draw(tmp_path / "out", make_job(problems), Dying(FakeTeacher(kind="fake", in_flight=10, latency_s=0.001)))
    sampler = Counting()
    draw(tmp_path / "out", make_job(problems, sampling(shard_size=12)), sampler)
    draw(tmp_path / "whole", make_job(problems))
    assert len(sampler.requests) <= 110
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_mended_reference_reaches_the_traces_drawn_before(tmp_path: Path) -> None:
    draw(tmp_path / "run" / "a", make_job(write_problems(tmp_path / "problems", 1)))
    (tmp_path / "mended").mkdir()
    write_rows(tmp_path / "mended" / "problems.parquet", [make_problem("0 + 1?", "mended")], PROBLEM)
    sampler = Counting()
    draw(tmp_path / "run" / "b", make_job(tmp_path / "mended", reuse_from=(tmp_path / "run",)), sampler)
    assert not sampler.requests
    assert {trace.reference for trace in traces_in(tmp_path / "run" / "b")} == {"mended"}


def as_it_was(folder: Path) -> None:
    assert folder.exists()


def changed_in_place(folder: Path) -> None:
    file = folder / "traces-00000.parquet"
    about, forged = read_about(file), [replace(trace, answer="forged") for trace in read_traces(file)]
    write_rows(file, forged, TRACE, lambda: about)


def pipe(name: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return put


PIPES = [pipe(name) for name in ("shaping.json", "manifest.json", "traces-00000.parquet", "traces-00007.jsonl")]


@pytest.mark.parametrize("attack", [as_it_was, changed_in_place, *PIPES])
def test_nothing_is_taken_of_a_run_that_was_changed(tmp_path: Path, attack: Callable[[Path], None]) -> None:
    """A complete artifact beside ours is compared with its manifest, as our own are, and nothing is written there."""
    problems, sampler = write_problems(tmp_path / "problems", 20), Counting()
    other = build_once(tmp_path / "other", "sample", {}, lambda folder: draw(folder, make_job(problems))).path
    attack(other)
    (tmp_path / "other" / STAMPS / f"{other.name}.json").unlink()
    draw(tmp_path / "run" / "sample", make_job(problems, reuse_from=(tmp_path / "other",)), sampler)
    draw(tmp_path / "anew", make_job(problems))
    assert len(sampler.requests) == (0 if attack is as_it_was else 60)
    assert traces_in(tmp_path / "run" / "sample") == traces_in(tmp_path / "anew")
    assert not list((tmp_path / "other" / STAMPS).iterdir())
