"""Injects faults into sampling and counts lost traces, for the table of docs/measurements/reliability.md.

    python -m bench.faults [--times N] [--json FILE]

Every run samples 400 problems 3 times each with the fake teacher, in a separate process. It is interrupted and started
again until it is done. Lost, doubled and different traces are counted in comparison with an uninterrupted run.
"""

import argparse
import json
import os
import random
import tempfile
from pathlib import Path
from typing import Any

from bench.adaptive import write_problems
from bench.sampling_faults import FAULTS, draw
from records.parquet import read_rows
from records.requests import Key

PROBLEMS = 400
Rows = dict[Key, dict[str, Any]]
COLUMNS = {"fault": "<36", "injected": ">9", "traces": ">9", "lost": ">7", "doubled": ">9", "different": ">11"}


def rows_of(folder: Path) -> tuple[Rows, int]:
    """Return the rows by key, and the number of rows that occur twice."""
    rows: Rows = {}
    doubled = 0
    for row in read_rows(folder):
        key = (row["problem_id"], row["attempt"], row["sample_index"])
        doubled += key in rows
        rows[key] = row
    return rows, doubled


def inject(root: Path, times: int) -> list[dict[str, Any]]:
    problems = write_problems(root / "problems", PROBLEMS)
    draw(root / "unbroken", problems)
    expected, _ = rows_of(root / "unbroken")
    entries = []
    for name, fault in FAULTS.items():
        folder = root / name
        injected = fault(folder, problems, times, random.Random(0))
        found, doubled = rows_of(folder)
        entry = {"fault": name, "injected": injected, "traces": len(found), "doubled": doubled}
        entry["lost"] = len(expected.keys() - found.keys())
        entry["different"] = sum(found[key] != expected[key] for key in expected.keys() & found.keys())
        entries.append(entry)
        print(line(entry), flush=True)
    return entries


def line(entry: dict[str, Any]) -> str:
    return "".join(f"{entry[name]:{width}}" for name, width in COLUMNS.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    print(line({name: name for name in COLUMNS}))
    with tempfile.TemporaryDirectory() as temporary:
        entries = inject(Path(temporary), arguments.times)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main()
