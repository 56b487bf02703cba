"""Measures sampling over HTTP from the fake server: its rate compared with the ideal, and its memory.

    python -m bench.server [--rounds N] [--in-flight N] [--latency-s S] [--memory N …] [--json FILE]

The server (teacher/servers/fake.py, in a separate process) answers every request after `latency-s`, so the ideal is
`in-flight / latency-s` requests a second. Measured is the whole stage: it plans requests, journals traces and writes
Parquet. A round is as many requests as are in flight at a time. The memory is the peak of a separate process for each
number of requests; `--memory 10000 100000` takes four minutes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.memory import peak_mib
from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.servers import ServerTeacher
from records.hashing import problem_id
from records.parquet import write_rows
from records.rows import MATH, Problem
from records.schemas import PROBLEM
from teacher.sampling.stage import SamplingJob, sample_traces
from teacher.servers.sampler import ServerSampler

PER_PROBLEM = 4


def make_problem(number: int) -> Problem:
    prompt = f"What is {number} + 2? Please reason step by step, and put your final answer within \\boxed{{}}."
    return Problem(problem_id(prompt), prompt, str(number + 2), MATH, "made")


@contextmanager
def fake_server(latency_s: float) -> Iterator[str]:
    command = [sys.executable, "-m", "teacher.servers.fake", "--latency-s", str(latency_s)]
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


def sample(url: str, in_flight: int, requests: int) -> float:
    """Run the whole stage, and return the seconds that it takes."""
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


def measure_rate(arguments: argparse.Namespace) -> dict[str, object]:
    ideal = arguments.in_flight / arguments.latency_s
    requests = arguments.rounds * arguments.in_flight
    with fake_server(arguments.latency_s) as url:
        rate = requests / sample(url, arguments.in_flight, requests)
    name = f"{requests:,} requests, {arguments.in_flight:,} in flight, {arguments.latency_s:g} s each"
    ratio = round(rate / ideal, 3)
    return {"name": name, "ours": round(rate, 1), "baseline": round(ideal, 1), "ratio": ratio, "unit": "requests/s"}


def measure_memory(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    with fake_server(arguments.latency_s) as url:
        for requests in arguments.memory:
            command = [sys.executable, "-m", "bench.server", "--peak", url, str(arguments.in_flight), str(requests)]
            peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            yield {"name": f"{requests:,} requests", "ours": peak, "unit": "MiB"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--in-flight", type=int, default=1024)
    parser.add_argument("--latency-s", type=float, default=2.0)
    parser.add_argument("--memory", type=int, nargs="*", default=[2_000, 10_000], help="numbers of requests")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peak", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        url, in_flight, requests = arguments.peak
        sample(url, int(in_flight), int(requests))
        print(peak_mib())
        return
    rate = measure_rate(arguments)
    print(f"{rate['name']}: {rate['ours']} requests/s, ideal {rate['baseline']}, ratio {rate['ratio']}", flush=True)
    entries = [rate]
    for entry in measure_memory(arguments):
        print(f"{entry['name']}: {entry['ours']} MiB at most", flush=True)
        entries.append(entry)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
