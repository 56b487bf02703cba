"""Sampling over HTTP against the fake server: its rate beside the ideal one, and its memory.

    python -m bench.server [--turns N] [--requests N] [--in-flight N] [--latency-s S] [--rows N …] [--json FILE]

The server (tests/fake_server.py, a process of its own) answers every request after `latency-s`: ideal are
`in-flight / latency-s` requests a second. Measured are the sampler alone and the whole stage: requests planned, traces
journaled and written as Parquet. They take turns; the median counts. Memory is the peak of a process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.memory import peak_mib
from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.servers import ServerTeacher
from records.hashing import problem_id
from records.parquet import PROBLEM, write_rows
from records.requests import Request, Settings
from records.rows import MATH, Problem
from teacher.sampling.stage import SamplingJob, sample_traces
from teacher.servers.sampler import ServerSampler

FAKE = Path(__file__).resolve().parent.parent / "tests" / "fake_server.py"
PER_PROBLEM = 4
UNITS = ("sampler", "whole stage")


def make_problem(number: int) -> Problem:
    prompt = f"What is {number} + 2? Please reason step by step, and put your final answer within \\boxed{{}}."
    return Problem(problem_id(prompt), prompt, str(number + 2), MATH, "made")


@contextmanager
def fake_server(latency_s: float) -> Iterator[str]:
    command = [sys.executable, str(FAKE), "--latency-s", str(latency_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def make_sampler(url: str, in_flight: int) -> ServerSampler:
    teacher = ServerTeacher(kind="server", name="fake", model="fake-model", base_urls=[url], max_in_flight=in_flight)
    return ServerSampler(teacher, Path("unused"), lambda ours, theirs: None)


def draw(url: str, in_flight: int, requests: int) -> float:
    """Seconds that the sampler takes."""
    settings = Settings(temperature=0.6, top_p=0.95, top_k=-1, max_tokens=100)
    sampler = make_sampler(url, in_flight)
    started, submitted, done = time.perf_counter(), 0, 0
    while done < requests:
        for number in range(submitted, min(requests, submitted + sampler.room())):
            problem = make_problem(number)
            messages = ({"role": "user", "content": problem.prompt},)
            sampler.submit(Request(problem, 0, 0, number, messages, settings))
            submitted += 1
        done += len(sampler.finished())
    taken = time.perf_counter() - started
    sampler.close()
    return taken


def draw_stage(url: str, in_flight: int, requests: int) -> float:
    """Seconds that the whole stage takes."""
    with tempfile.TemporaryDirectory() as name:
        problems, folder = Path(name) / "problems", Path(name) / "sample"
        problems.mkdir()
        folder.mkdir()
        rows = map(make_problem, range(requests // PER_PROBLEM))
        write_rows(problems / "problems.parquet", rows, PROBLEM)
        job = SamplingJob(problems, TeacherSampling(n=PER_PROBLEM, max_tokens=100), Prompt(), "model", "fake")
        started = time.perf_counter()
        sample_traces(folder, job, lambda: make_sampler(url, in_flight), lambda *_, **__: None)
        return time.perf_counter() - started


DRAWING: dict[str, Callable[[str, int, int], float]] = dict(zip(UNITS, (draw, draw_stage), strict=True))


def rates(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    ideal = arguments.in_flight / arguments.latency_s
    measured: dict[str, list[float]] = {unit: [] for unit in UNITS}
    with fake_server(arguments.latency_s) as url:
        for _ in range(arguments.turns):
            for unit, drawing in DRAWING.items():
                measured[unit].append(arguments.requests / drawing(url, arguments.in_flight, arguments.requests))
    for unit, values in measured.items():
        rate = sorted(values)[len(values) // 2]
        ratio = round(rate / ideal, 3)
        yield {"name": unit, "ours": round(rate), "baseline": round(ideal), "ratio": ratio, "unit": "requests/s"}


def peaks(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    with fake_server(arguments.latency_s) as url:
        for unit in UNITS:
            for rows in arguments.rows:
                asked = ["--peak", unit, url, str(arguments.in_flight), str(rows)]
                command = [sys.executable, "-m", "bench.server", *asked]
                peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                yield {"name": f"{unit}, {rows} requests", "ours": peak, "unit": "MiB"}


def print_peak(unit: str, url: str, in_flight: str, requests: str) -> None:
    DRAWING[unit](url, int(in_flight), int(requests))
    print(peak_mib())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency-s", type=float, default=0.05)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peak", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        print_peak(*arguments.peak)
        return
    entries = list(rates(arguments))
    print(f"{'over HTTP':24}{'ideal':>12}{'ours':>12}{'ratio':>8}")
    for entry in entries:
        print(f"{entry['name']:24}{entry['baseline']:>10}/s{entry['ours']:>10}/s{entry['ratio']:>8}")
    for entry in peaks(arguments):
        print(f"{entry['name']}: {entry['ours']} MiB at most")
        entries.append(entry)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
