"""The sampling loop with the fake teacher loses nothing, draws nothing twice, and draws requests independently."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, make_problem
from sampling_makers import (
    Counting,
    Dying,
    contents,
    draw,
    kill_once_begun,
    make_job,
    sampling,
    traces_in,
    write_problems,
)

from configs.sampling import Sampling
from configs.teachers import FakeTeacher
from records.errors import InputError
from records.parquet import write_rows
from records.schemas import PROBLEM
from teacher.sampling.journal import scan

KILLS = 25
SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from sampling_makers import *
teacher = FakeTeacher(kind="fake", latency_s=0.01, in_flight=16)
draw(Path(sys.argv[1]), make_job(Path(sys.argv[2])), FakeSampler(teacher))
"""
TAKING_OVER = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from sampling_makers import *
run, problems = map(Path, sys.argv[1:])
draw(run / "sample-b", make_job(problems, TeacherSampling(n=4, max_tokens=50, shard_size=40), reuse_from=(run,)))
"""


def test_every_request_becomes_one_trace_in_order(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 50)
    counts = draw(tmp_path / "out", make_job(problems))
    traces = traces_in(tmp_path / "out")
    assert counts.traces == len(traces) == 150
    assert [trace.sample_index for trace in traces[:6]] == [0, 1, 2, 0, 1, 2]
    assert len({(trace.problem_id, trace.sample_index) for trace in traces}) == 150
    assert len({trace.seed for trace in traces}) == 150
    assert len({trace.request_fingerprint for trace in traces}) == 150


def test_a_trace_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    few, many = write_problems(tmp_path / "few", 5), write_problems(tmp_path / "many", 50)
    draw(tmp_path / "a", make_job(few), Counting(FakeTeacher(kind="fake", in_flight=1)))
    draw(tmp_path / "b", make_job(many))
    assert traces_in(tmp_path / "a") == traces_in(tmp_path / "b")[:15]


def test_latency_and_requests_in_flight_change_nothing(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 20))
    draw(tmp_path / "a", job)
    draw(tmp_path / "b", job, Counting(FakeTeacher(kind="fake", latency_s=0.003, in_flight=7)))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.timeout(300)
def test_killed_at_any_instant_the_result_is_the_same(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 400)
    draw(tmp_path / "whole", make_job(problems))
    killed_folder = tmp_path / "killed"
    killed_folder.mkdir()
    command = [sys.executable, "-c", SCRIPT, str(killed_folder), str(problems)]
    instants = random.Random(0)
    killed, kept = 0, 0
    for _ in range(KILLS):
        killed += kill_once_begun(command, killed_folder, "*.jsonl", instants.uniform(0, 0.12))
        now = kept_in(killed_folder)
        assert now >= kept, "a finished trace was lost"
        kept = now
    assert killed >= KILLS // 2
    subprocess.run(command, cwd=ROOT, check=True)
    assert contents(killed_folder) == contents(tmp_path / "whole")


def test_killed_while_taking_over_nothing_is_drawn_twice(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 1000), tmp_path / "run"
    draw(run / "sample-a", make_job(problems))
    command = [sys.executable, "-c", TAKING_OVER, str(run), str(problems)]
    instants = random.Random(0)
    killed = [kill_once_begun(command, run / "sample-b", ".taken*", instants.uniform(0, 0.2)) for _ in range(6)]
    assert any(killed)
    sampler = Counting()
    job = make_job(problems, sampling(n=4), reuse_from=(run,))
    counts = draw(run / "sample-b", job, sampler)
    assert counts.taken_over == 3000
    assert {request.sample_index for request in sampler.requests} <= {3}
    draw(tmp_path / "anew", replace(job, reuse_from=()))
    assert traces_in(run / "sample-b") == traces_in(tmp_path / "anew")


def kept_in(folder: Path) -> int:
    """Finished traces on disk, in journals and shards; a shard that is both counts once."""
    shards = {file.stem for file in folder.glob("traces-*.parquet")}
    journals = [file for file in folder.glob("traces-*.jsonl") if file.stem not in shards]
    return 39 * len(shards) + sum(len(scan(file)[0]) for file in journals)


def test_sigterm_ends_the_sampler_and_loses_nothing(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 800)
    slow = SCRIPT.replace("latency_s=0.01", "latency_s=0.05")  # it would take seven seconds
    ending = slow.replace("FakeSampler(teacher)", "Ending(teacher)").replace(
        "teacher =", "class Ending(FakeSampler):\n    def close(self): print('closed')\nteacher ="
    )
    command = [sys.executable, "-c", ending, str(tmp_path / "out"), str(problems)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while process.poll() is None and not list((tmp_path / "out").glob("*.jsonl")):
        time.sleep(0.01)
    time.sleep(0.1)
    process.terminate()
    printed, _ = process.communicate(timeout=30)
    assert (process.returncode, printed) == (128 + signal.SIGTERM, "closed\n")
    sampler = Counting()
    counts = draw(tmp_path / "out", make_job(problems), sampler)
    assert 0 < len(sampler.requests) < 2400
    assert counts.traces == len(traces_in(tmp_path / "out")) == 2400


def test_a_dead_engine_is_an_error_and_the_next_run_goes_on(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 50))
    with pytest.raises(RuntimeError, match="the engine is dead"):
        draw(tmp_path / "out", job, Dying(FakeTeacher(kind="fake", in_flight=10, latency_s=0.001)))
    sampler = Counting()
    draw(tmp_path / "out", job, sampler)
    assert 0 < len(sampler.requests) <= 110
    draw(tmp_path / "whole", job)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_failed_requests_are_rows_and_their_siblings_stay(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 50))
    counts = draw(tmp_path / "out", job, Counting(FakeTeacher(kind="fake", failures=0.2)))
    failed = [trace for trace in traces_in(tmp_path / "out") if trace.finish_reason == "error"]
    assert 10 < len(failed) == counts.failed == counts.finish_reasons["error"]
    assert not any(trace.answer or trace.closed for trace in failed)
    assert counts.traces == 150


def test_failed_requests_are_tried_again_by_the_next_run(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 50))
    with pytest.raises(RuntimeError):
        draw(tmp_path / "out", job, Dying(FakeTeacher(kind="fake", failures=0.5, in_flight=4, latency_s=1e-4)))
    failing = draw(tmp_path / "out", job)
    assert failing.failed == 0


def test_a_neighbour_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 20), tmp_path / "run"
    draw(run / "a", make_job(problems))
    next((run / "a").glob("*.parquet")).write_bytes(b"PAR1 no more")
    counts = draw(run / "b", make_job(problems, reuse_from=(run,)))
    assert counts.traces == 60


@pytest.mark.parametrize(
    "plan", [b"[]", b"3", b'{"shapings": 3}', b"[" * 100_000, b'{"shapings": [], "judged_by": {}}']
)
def test_a_neighbour_with_a_plan_of_nonsense_is_left_alone(tmp_path: Path, plan: bytes) -> None:
    problems, run = write_problems(tmp_path / "problems", 3), tmp_path / "run"
    draw(run / "a", make_job(problems))
    (run / "a" / "shaping.json").write_bytes(plan)
    assert draw(run / "b", make_job(problems, reuse_from=(run,))).traces == 9


# Bad input


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 10)
    draw(tmp_path / "out", make_job(problems))
    with pytest.raises(InputError, match="holds traces of another run; move it away"):
        draw(tmp_path / "out", make_job(problems, sampling(temperature=1.0)))


def test_a_journal_of_another_run_is_refused(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 50)
    for name, model in (("a", "model"), ("b", "another")):
        dying = Dying(FakeTeacher(kind="fake", in_flight=10, latency_s=0.001))
        with pytest.raises(RuntimeError):
            draw(tmp_path / name, make_job(problems, model=model), dying)
    stray = next((tmp_path / "a").glob("*.jsonl"))
    stray.rename(tmp_path / "b" / stray.name)
    with pytest.raises(InputError, match="the journal of another run; move it away"):
        draw(tmp_path / "b", make_job(problems, model="another"))


def test_repeated_problems_are_refused(tmp_path: Path) -> None:
    (tmp_path / "problems").mkdir()
    write_rows(tmp_path / "problems" / "problems.parquet", [make_problem(), make_problem()], PROBLEM)
    with pytest.raises(InputError, match="twice; give every problem once"):
        draw(tmp_path / "out", make_job(tmp_path / "problems"))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 300))
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("no mounts here")
    try:
        for _ in range(3):
            with pytest.raises(OSError, match="No space left"):
                draw(small / "out", job, Counting(FakeTeacher(kind="fake", in_flight=20)))
        kept = kept_in(small / "out")
        subprocess.run(["mount", "-o", "remount,size=20m", str(small)], check=True)
        sampler = Counting()
        draw(small / "out", job, sampler)
        draw(tmp_path / "whole", job)
        assert len(sampler.requests) <= 900 - kept
        assert contents(small / "out") == contents(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("emptied", [b"", b"\xff", b"7", b"{}", b'{"problems_per_shard": 0}', b"[" * 100_000])
def test_a_lost_shard_plan_is_one_clear_line(tmp_path: Path, emptied: bytes) -> None:
    job = make_job(write_problems(tmp_path / "problems", 3), Sampling(n=1, max_tokens=50))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "shaping.json").write_bytes(emptied)
    with pytest.raises(InputError, match=r"shaping\.json: broken .*; restore it, or move .* away to sample again"):
        draw(tmp_path / "out", job)
