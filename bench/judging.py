"""Measures judging, filters and verifier together, with one and two workers, and its memory at 10,000 and 100,000 rows.

    python -m bench.judging [--turns N] [--rows N …] [--json FILE]

The traces are the public ones of `bench.recorded_data`, repeated several times. Speed is measured after the worker
processes have started; runs with one and two workers alternate. Memory is the sum over the process of `retort judge`
and its workers, sampled five times a second.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from bench.recorded_data import read_cases
from configs.judging import Judging
from filters.chain import all_filters
from filters.workers import Filter, workers
from records.rows import Trace

SOURCES = ("qwen3b", "zeroeval")
WARM_UP = 256


def traces() -> list[Trace]:
    return [case.trace for source in SOURCES for case in read_cases(source)]


def traces_per_second(judged: Sequence[Trace], count: int, rules: Sequence[Filter]) -> float:
    with workers(Judging(workers=count), rules) as pool:
        pool.judge(judged[:WARM_UP])
        started = time.perf_counter()
        for _ in pool.stream(judged, lambda trace: trace):
            pass
        return len(judged) / (time.perf_counter() - started)


def speeds(turns: int) -> Iterator[dict[str, object]]:
    """Yield the speeds, each the median of several turns."""
    judged = traces() * 3
    for name, rules in (("verifier alone", []), ("filters and verifier", all_filters(Judging()))):
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _, count in itertools.product(range(turns), (1, 2)):
            rates[count].append(traces_per_second(judged, count, rules))
        one, two = (sorted(rates[count])[turns // 2] for count in (1, 2))
        ratio = round(two / one, 2)
        yield {"name": name, "ours": round(two), "baseline": round(one), "ratio": ratio, "unit": "traces/s"}


def peak_mib(rows: int, folder: Path) -> int:
    """Return the peak resident memory in MiB of judging `rows` rows, worker processes included."""
    columns: dict[str, list[str]] = {"reference": [], "completion": []}
    for trace in itertools.islice(itertools.cycle(traces()), rows):
        columns["reference"].append(trace.reference)
        columns["completion"].append(trace.answer)
    table = folder / f"{rows}.parquet"
    pq.write_table(pa.table(columns), table, row_group_size=1000)
    command = [sys.executable, "-m", "flows.judge", str(table), str(folder / "out.parquet"), "--bare"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident_bytes(process.pid))
        time.sleep(0.2)
    assert process.returncode == 0
    return peak >> 20


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and all that it started."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += one.memory_info().rss
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    entries = list(speeds(arguments.turns))
    print(f"{'judging':24}{'1 worker':>12}{'2 workers':>12}{'ratio':>8}")
    for entry in entries:
        print(f"{entry['name']:24}{entry['baseline']:>10}/s{entry['ours']:>10}/s{entry['ratio']:>8}")
    with tempfile.TemporaryDirectory() as folder:
        for rows in arguments.rows:
            peak = peak_mib(rows, Path(folder))
            print(f"{rows:>8,} rows: {peak} MiB at most")
            entries.append({"name": f"{rows} rows", "ours": peak, "unit": "MiB"})
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
