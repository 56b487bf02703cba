"""Measures the sampling loop: adaptive sampling and fixed n, resuming a large journal, and the loop's own cost.

    python -m bench.sampling [--problems N] [--journal N] [--json FILE]
    python -m bench.sampling --judged runs/tiny/judge-…

**Adaptive and fixed n** are compared in tokens per accepted trace, on three distributions of pass rates, or on a
teacher's own judged traces (`bench/adaptive.py`).

**Resume** reads a journal of a million traces of 1.5 kB that lacks only its last problem. Measured is the time from the
call to the first submitted request.

**Loop** answers requests at once. Measured is what journal, bookkeeping and Parquet take per trace, and their memory.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.adaptive import Entries, adaptive, quiet, replay, write_problems
from bench.memory import peak_mib
from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from records.requests import Completion, Request
from records.rows import FINISHED
from records.thinking import join_reasoning
from teacher.engines.fake import FakeSampler
from teacher.sampling.drawn import Drawn
from teacher.sampling.journal import Entry
from teacher.sampling.passes import plan_passes, request_fingerprint
from teacher.sampling.plan import plan_sampling
from teacher.sampling.shards import Shards
from teacher.sampling.stage import SamplingJob, sample_traces


class Instant(FakeSampler):
    """Answers with a constant completion, which costs no time."""

    def draw(self, request: Request) -> Completion:
        return Completion(request, join_reasoning("step " * 60, "\\boxed{3}"), FINISHED, 30, 65)


class Stopped(Exception):
    """The first request was submitted."""


class First(FakeSampler):
    def submit(self, request: Request) -> None:
        raise Stopped


def resume(folder: Path, traces: int) -> Entries:
    """Write a journal as a killed run would have left it, and resume from it."""
    n = 16
    problems = write_problems(folder / "resumed", traces // n + 1)
    sampling = TeacherSampling(n=n, max_tokens=400, shard_size=2 * traces)
    passes = plan_passes(plan_sampling(sampling), Prompt(), "m", True)
    out = folder / "journal"
    out.mkdir()
    shards = Shards(out, problems, passes, "", sampling.shard_size)
    journal = shards.journal(0, shards.journal_file(0))
    drawn = Drawn("step " * 280, "\\boxed{3}", True, FINISHED, 30, 285, seed=1, hinted=False, detail="")
    entry = Entry("", FINISHED, 30, 280, 5, drawn_here=True)
    for _, shard in shards.unfinished():
        for problem in shard[: traces // n]:
            identity = passes[0].identity(passes[0].messages(problem))
            for index in range(n):
                fingerprint = request_fingerprint(identity, index)
                journal.add((problem.id, 0, index), entry._replace(fingerprint=fingerprint), drawn)
    size = journal.end
    journal.close()
    del journal
    job = SamplingJob(problems, sampling, Prompt(), "m", "fake")
    seconds, peak = apart(first_request, out, job)
    yield {"name": f"resume {traces:,} traces, {size >> 20} MiB", "ours": round(seconds, 2), "unit": "s"}
    yield {"name": f"memory of it ({traces:,})", "ours": peak, "unit": "MiB"}


def first_request(out: Path, job: SamplingJob) -> float:
    started = time.perf_counter()
    try:
        sample_traces(out, job, lambda: First(FakeTeacher(kind="fake")), quiet)
    except Stopped:
        return time.perf_counter() - started
    raise AssertionError("nothing was missing")


def loop(folder: Path) -> Entries:
    for traces in (10_000, 100_000):
        problems = write_problems(folder / f"{traces}", traces // 16)
        sampling = TeacherSampling(n=16, max_tokens=400)
        (folder / f"loop-{traces}").mkdir()
        job = SamplingJob(problems, sampling, Prompt(), "m", "fake")
        seconds, peak = apart(timed, folder / f"loop-{traces}", job)
        yield {"name": f"loop, {traces:,} traces", "ours": round(1e6 * seconds / traces, 1), "unit": "µs/trace"}
        yield {"name": f"memory of it ({traces:,})", "ours": peak, "unit": "MiB"}


def timed(out: Path, job: SamplingJob) -> float:
    started = time.perf_counter()
    sample_traces(out, job, lambda: Instant(FakeTeacher(kind="fake")), quiet)
    return time.perf_counter() - started


def apart(measured: Callable[..., float], *arguments: Any) -> tuple[float, int]:
    """Call a function in a separate process. Return the seconds that it returns, and its peak memory in MiB."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(with_memory, measured, *arguments).result()


def with_memory(measured: Callable[..., float], *arguments: Any) -> tuple[float, int]:
    return measured(*arguments), peak_mib()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=1500)
    parser.add_argument("--journal", type=int, default=1_000_000)
    parser.add_argument("--judged", type=Path, help="an artifact of judged traces, a fixed number for each problem")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    entries = []
    if arguments.judged:
        print(replay(arguments.judged, accept=1))
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for entry in (*adaptive(root, arguments.problems), *loop(root), *resume(root, arguments.journal)):
            entries.append(entry)
            comparison = f"{entry.get('baseline', ''):>10}{entry.get('ratio', ''):>8}"
            print(f"{entry['name']:40}{entry['ours']:>10}{comparison}  {entry['unit']}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
