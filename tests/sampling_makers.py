"""Makers for the tests of the sampling loop: problems on disk, the fake teacher, a judge that compares texts."""

import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from conftest import ROOT, make_problem

from configs.models import Prompt
from configs.sampling import Sampling, TeacherSampling
from configs.teachers import FakeTeacher
from records.counts import SamplingCounts
from records.parquet import read_traces, write_rows
from records.requests import Completion, Request
from records.rows import Trace, Verdict
from records.schemas import PROBLEM
from teacher.engines.fake import FakeSampler
from teacher.sampling.stage import SamplingJob, sample_traces

TEACHER = FakeTeacher(kind="fake")


class Counting(FakeSampler):
    """A fake that counts what it is asked for."""

    def __init__(self, config: FakeTeacher = TEACHER) -> None:
        super().__init__(config)
        self.requests: list[Request] = []
        self.cancelled: list[Request] = []

    def submit(self, request: Request) -> None:
        self.requests.append(request)
        super().submit(request)

    def cancel(self, request: Request) -> None:
        self.cancelled.append(request)
        super().cancel(request)


class Dying(Counting):
    """Breaks down after so many completions."""

    left = 40

    def finished(self) -> list[Completion]:
        if self.left <= 0:
            raise RuntimeError("the engine is dead")
        done = super().finished()
        self.left -= len(done)
        return done


def write_problems(folder: Path, count: int) -> Path:
    folder.mkdir()
    rows = (make_problem(f"{at} + 1?", f"answer-{at + 1}") for at in range(count))
    write_rows(folder / "problems.parquet", rows, PROBLEM)
    return folder


def judge(traces: list[Trace]) -> list[list[Verdict]]:
    right = [trace.closed and f"{{{trace.reference}}}" in trace.answer for trace in traces]
    return [[Verdict("made", "1", "pass" if passes else "fail", "" if passes else "wrong_answer")] for passes in right]


def make_job(problems: Path, sampling: Sampling | None = None, **changes: Any) -> SamplingJob:
    sampling = sampling or TeacherSampling(n=3, max_tokens=50, shard_size=40)
    judged = isinstance(sampling, TeacherSampling) and sampling.judged
    job = SamplingJob(problems, sampling, Prompt(), "model", "fake", judge=judge if judged else None, judged_by="judge")
    return replace(job, **changes)


def draw(folder: Path, job: SamplingJob, sampler: FakeSampler | None = None) -> SamplingCounts:
    folder.mkdir(parents=True, exist_ok=True)
    return sample_traces(folder, job, lambda: sampler or Counting(), lambda *_, **__: None)


def kill_once_begun(command: list[str], folder: Path, pattern: str, wait_s: float) -> bool:
    """Run a command and `kill -9` it so long after the first such file is there; whether it was still at work."""
    process = subprocess.Popen(command, cwd=ROOT)
    while process.poll() is None and not list(folder.glob(pattern)):
        time.sleep(0.002)
    time.sleep(wait_s)
    process.kill()
    returned = process.wait()
    assert returned in (0, -signal.SIGKILL), f"it failed by itself ({returned}), so nothing was killed"
    return returned == -signal.SIGKILL


def traces_in(folder: Path) -> list[Trace]:
    return list(read_traces(folder))


def contents(folder: Path) -> dict[str, bytes]:
    """Everything that belongs to an artifact: hidden files do not."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith("."))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def sampling(**changes: object) -> TeacherSampling:
    return TeacherSampling(**{"n": 3, "max_tokens": 50, "shard_size": 40} | changes)  # type: ignore[arg-type]
