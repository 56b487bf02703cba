"""The faults that `bench.faults` injects into sampling, and the sampling process that they hit."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.adaptive import quiet
from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from records.parquet import read_rows
from records.requests import Completion
from records.share import WorkerSlot
from teacher.engines.fake import FakeSampler
from teacher.sampling.stage import SamplingJob, gather, sample_share, sample_traces

N, SHARD_SIZE, IN_FLIGHT = 3, 120, 16
SAMPLING = TeacherSampling(n=N, max_tokens=60, shard_size=SHARD_SIZE)
PROGRAM = [sys.executable, "-m", "bench.sampling_faults"]
"""Samples one worker's part; its arguments are those of `worker`."""
Fault = Callable[[Path, Path, int, random.Random], int]
"""Takes a folder, the problems, a number of times and a random generator. Samples into the folder with this fault that
many times, and returns how often the fault was injected."""


def job_on(problems: Path) -> SamplingJob:
    return SamplingJob(problems, SAMPLING, Prompt(), "model", "fake")


def teacher(**changes: Any) -> FakeTeacher:
    return FakeTeacher(kind="fake", latency_s=0.004, in_flight=IN_FLIGHT).model_copy(update=changes)


def draw(folder: Path, problems: Path, sampler: FakeSampler | None = None) -> None:
    folder.mkdir(exist_ok=True)
    sample_traces(folder, job_on(problems), lambda: sampler or FakeSampler(teacher()), quiet)


def start(folder: Path, problems: Path, index: int = 0, workers: int = 1, launch: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen([*PROGRAM, str(folder), str(problems), f"{index}/{workers}", launch])


def wait_for_a_trace(folder: Path, processes: list[subprocess.Popen[bytes]]) -> None:
    before = {path: path.stat().st_size for path in folder.glob("*.jsonl")}
    while all(process.poll() is None for process in processes):
        if any(path.stat().st_size > before.get(path, 300) for path in folder.glob("*.jsonl")):
            return
        time.sleep(0.002)


def ended_by(number: signal.Signals) -> Fault:
    def fault(folder: Path, problems: Path, times: int, instants: random.Random) -> int:
        injected = 0
        folder.mkdir()
        for _ in range(times):
            process = start(folder, problems)
            wait_for_a_trace(folder, [process])
            time.sleep(instants.uniform(0, 0.05))
            process.send_signal(number)
            injected += process.wait() != 0
        draw(folder, problems)
        return injected

    return fault


def one_of_three_killed(folder: Path, problems: Path, times: int, instants: random.Random) -> int:
    injected = 0
    folder.mkdir()
    for attempt in range(times):
        workers = [start(folder, problems, index, 3, f"{attempt}") for index in range(3)]
        wait_for_a_trace(folder, workers)
        time.sleep(instants.uniform(0, 0.05))
        for worker in workers[1:]:
            worker.send_signal(signal.SIGTERM)
        workers[0].send_signal(signal.SIGKILL)
        codes = [worker.wait() for worker in workers]
        injected += codes[0] == -signal.SIGKILL
    draw(folder, problems)
    return injected


def torn_last_line(folder: Path, problems: Path, times: int, instants: random.Random) -> int:
    folder.mkdir()
    injected = 0
    for _ in range(times):
        stop_after(folder, problems, instants.randint(5, 40))
        for journal in folder.glob("*.jsonl"):
            with journal.open("r+b") as file:
                last = file.read().splitlines(keepends=True)[-1]
                file.truncate(journal.stat().st_size - instants.randint(1, len(last)))
                injected += 1
    draw(folder, problems)
    return injected


class Dead(Exception):
    """The simulated engine broke down."""


class Dying(FakeSampler):
    """Breaks down after `left` completions."""

    left = 0

    def finished(self) -> list[Completion]:
        if self.left <= 0:
            raise Dead
        done = super().finished()
        self.left -= len(done)
        return done


def stop_after(folder: Path, problems: Path, completions: int) -> bool:
    sampler = Dying(teacher(latency_s=0.0))
    sampler.left = completions
    try:
        draw(folder, problems, sampler)
    except Dead:
        return True
    return False


def engine_dies(folder: Path, problems: Path, times: int, instants: random.Random) -> int:
    injected = sum(stop_after(folder, problems, instants.randint(0, 60)) for _ in range(times))
    draw(folder, problems)
    return injected


def disk_is_full(folder: Path, problems: Path, times: int, instants: random.Random) -> int:
    """Simulate a full disk with the process's limit on file sizes: a write fails, at any byte."""
    folder.mkdir()
    injected = 0
    for _ in range(times):
        largest = max((path.stat().st_size for path in folder.glob("*.jsonl")), default=0)
        limit = largest + instants.randint(100, 3000)
        command = ["prlimit", f"--fsize={limit}", *PROGRAM]
        done = subprocess.run(
            [*command, str(folder), str(problems), "0/1", ""], stderr=subprocess.PIPE, text=True, check=False
        )
        injected += "File too large" in done.stderr
    draw(folder, problems)
    return injected


def requests_fail(folder: Path, problems: Path, times: int, instants: random.Random) -> int:
    """Let a share of the requests fail in every attempt but the last; the next attempt tries them again."""
    for _ in range(3):
        draw(folder, problems, FakeSampler(teacher(latency_s=0.0, failures=0.05)))
    injected = sum(row["finish_reason"] == "error" for row in read_rows(folder, ["finish_reason"]))
    draw(folder, problems)
    return injected


FAULTS: dict[str, Fault] = {
    "kill -9 of the sampling process": ended_by(signal.SIGKILL),
    "SIGTERM": ended_by(signal.SIGTERM),
    "kill -9 of one of three workers": one_of_three_killed,
    "journal torn within its last line": torn_last_line,
    "disk full": disk_is_full,
    "engine dies": engine_dies,
    "requests fail": requests_fail,
}


def worker(folder: str, problems: str, part_of: str, launch: str) -> None:
    index, workers = map(int, part_of.split("/"))
    job, slot = job_on(Path(problems)), WorkerSlot(index, workers, launch)
    part = sample_share(Path(folder), job, lambda: FakeSampler(teacher()), quiet, slot)
    gather(Path(folder), SAMPLING, [part])


if __name__ == "__main__":
    worker(*sys.argv[1:])
