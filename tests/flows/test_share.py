"""Several workers fill one artifact together: every shard is made once, even if workers die."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, make_trace
from judging_makers import judge_all
from sampling_makers import contents, draw, make_job, traces_in, write_problems

from configs.judging import Judging
from configs.sampling import Budget, TeacherSampling
from filters.judge import missing as not_judged
from records.parquet import write_rows
from records.schemas import TRACE
from records.share import Claims, WorkerSlot, first_of
from teacher.sampling.shard_files import missing
from teacher.sampling.stage import gather

WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from sampling_makers import *
from configs.sampling import Budget
from records.share import WorkerSlot
from teacher.sampling.stage import sample_share
folder, problems, index, launch, tokens = sys.argv[1:]
budget = Budget(tokens=int(tokens) or None)
sampling = TeacherSampling(n=3, max_tokens=50, shard_size=30, budget=budget)
teacher = FakeTeacher(kind="fake", latency_s=0.01, in_flight=16)
print(sample_share(
    Path(folder), make_job(Path(problems), sampling), lambda: FakeSampler(teacher), lambda *_, **__: None,
    WorkerSlot(int(index), 3, launch)))
"""
SAMPLING = TeacherSampling(n=3, max_tokens=50, shard_size=30)


def start(folder: Path, problems: Path, index: int, launch: str, tokens: int = 0) -> subprocess.Popen[bytes]:
    arguments = [str(folder), str(problems), str(index), launch, str(tokens)]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=ROOT, stdout=subprocess.PIPE)


def test_three_workers_do_what_one_does(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 400)
    draw(tmp_path / "alone", make_job(problems, SAMPLING))
    together = tmp_path / "together"
    together.mkdir()
    workers = [start(together, problems, index, "first") for index in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert contents(together) == contents(tmp_path / "alone")
    assert gather(together, SAMPLING, []).traces == 1200
    assert missing(together, problems) == 0


def test_what_a_killed_worker_had_goes_to_the_next(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 400)
    draw(tmp_path / "alone", make_job(problems, SAMPLING))
    folder = tmp_path / "together"
    folder.mkdir()
    instants, killed = random.Random(0), 0
    for attempt in range(6):
        workers = [start(folder, problems, index, str(attempt)) for index in range(3)]
        while all(worker.poll() is None for worker in workers) and not list(folder.glob("*.jsonl")):
            time.sleep(0.01)
        time.sleep(instants.uniform(0, 0.3))
        workers[attempt % 3].send_signal(signal.SIGKILL)
        codes = [worker.wait(60) for worker in workers]
        assert {*codes} <= {0, -signal.SIGKILL}
        killed += -signal.SIGKILL in codes
        if missing(folder, problems) == 0:
            break
    assert killed
    draw(folder, make_job(problems, SAMPLING))
    assert contents(folder) == contents(tmp_path / "alone")
    assert len(traces_in(folder)) == 1200


def test_together_they_keep_within_the_budget(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 400)
    folder = tmp_path / "together"
    folder.mkdir()
    for attempt, tokens in (("first", 4000), ("second", 8000)):
        workers = [start(folder, problems, index, attempt, tokens) for index in range(3)]
        assert all(b"stopped_at='tokens: " in worker.communicate(timeout=60)[0] for worker in workers)
        counts = gather(folder, TeacherSampling(n=3, max_tokens=50, budget=Budget(tokens=tokens)), [])
        assert 0.8 * tokens < counts.tokens < 1.1 * tokens, "what is in flight counts as average"


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    script = f"import time; from pathlib import Path; from records.share import *; c = Claims(Path({str(tmp_path)!r}))"
    holder = subprocess.Popen(
        [sys.executable, "-c", script + "; print(c.take('a'), flush=True); time.sleep(60)"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stdout.readline() == "True\n"
    claims = Claims(tmp_path)
    assert not claims.take("a")
    assert claims.take("b")
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert claims.take("a")
    claims.release("a")
    assert Claims(tmp_path).take("a")


@pytest.mark.parametrize(("launches", "done"), [(["x", "x"], 1), (["x", "y"], 2), (["", ""], 2)])
def test_the_first_of_a_launch_does_what_is_done_once(tmp_path: Path, launches: list[str], done: int) -> None:
    calls = []

    def work() -> dict[str, int]:
        calls.append(1)
        return {"calls": len(calls)}

    for launch in launches:
        found = first_of(tmp_path, "start", WorkerSlot(launch=launch), work)
    assert found == {"calls": done} == {"calls": len(calls)}


@pytest.mark.parametrize("emptied", [b"", b"\xff", b"[]", b'{"launch"'])
def test_the_first_of_a_launch_works_again_if_its_file_was_lost(tmp_path: Path, emptied: bytes) -> None:
    (tmp_path / ".start.json").write_bytes(emptied)
    assert first_of(tmp_path, "start", WorkerSlot(launch="x"), lambda: {"calls": 1}) == {"calls": 1}
    assert first_of(tmp_path, "start", WorkerSlot(launch="x"), lambda: {"calls": 2}) == {"calls": 1}


def test_judging_goes_on_at_the_file_where_it_was_killed(tmp_path: Path) -> None:
    traces, judged = tmp_path / "traces", tmp_path / "judged"
    for folder in (traces, judged, tmp_path / "alone"):
        folder.mkdir()
    every = [make_trace(prompt=f"{at} + 1?", sample_index=at, answer=f"\\boxed{{{at % 3 + 3}}}") for at in range(90)]
    for number in range(3):
        write_rows(traces / f"traces-{number:05}.parquet", every[30 * number :][:30], TRACE)
    alone = judge_all(tmp_path / "alone", traces, Judging(workers=1))
    shutil.copy(tmp_path / "alone" / "judged-00001.parquet", judged)
    before = (judged / "judged-00001.parquet").stat().st_mtime_ns
    (judged / ".judged-00000.parquet.tmp").write_bytes(b"torn")
    somebody_elses = Claims(judged)
    assert somebody_elses.take("judged-00002.parquet")
    counts = judge_all(judged, traces, Judging(workers=1))
    assert not_judged(judged, traces) == 1
    assert counts.traces == 60
    somebody_elses.release("judged-00002.parquet")
    counts = judge_all(judged, traces, Judging(workers=1))
    assert (judged / "judged-00001.parquet").stat().st_mtime_ns == before
    assert contents(judged) == contents(tmp_path / "alone")
    assert replace(counts, verifier_s=0) == replace(alone, verifier_s=0)
    assert (counts.traces, counts.accepted) == (90, 30)
