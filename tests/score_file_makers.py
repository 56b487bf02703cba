"""Makers of tables of graded samples, and what `retort score` says of them."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from refusals import command_refusal

from flows import score

Rows = list[dict[str, Any]]
DRAWN = {
    "a": [(True, "1/2", 0.9), (False, "3", 0.1), (True, "0.5", 0.2)],
    "b": [(True, "4", 0.5), (False, "7", 0.3), (False, "7.0", 0.8)],
}
"""Verdict, answer and score of each sample."""
TABLE: Rows = [
    {"problem": problem, "sample": at, "correct": right, "answer": answer, "score": value, "tokens": 10 * at + 10}
    for problem, samples in DRAWN.items()
    for at, (right, answer, value) in enumerate(samples)
]


def write(path: Path, rows: Rows) -> Path:
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.name.endswith((".csv", ".csv.gz")):
        opener = gzip.open if path.name.endswith(".gz") else open
        with opener(path, "wt", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        whole = json.dumps(rows) if path.name.endswith(".json") else lines
        path.write_bytes(gzip.compress(whole.encode()) if path.name.endswith(".gz") else whole.encode())
    return path


def scored(*arguments: str | Path) -> dict[str, dict[str, Any]]:
    """Run the command, and return its rows by metric."""
    out = Path(str(arguments[0])).with_suffix(".out.json")
    assert score.main([*map(str, arguments), "--json", str(out)]) == 0
    rows = json.loads(out.read_text())
    assert len({row["metric"] for row in rows}) == len(rows)
    return {row["metric"]: row for row in rows}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one line on which the command ends."""
    return command_refusal(capsys, score.main, *arguments)


ONE: Rows = [{"problem": "a", "sample": 0, "correct": True}, {"problem": "b", "sample": 0, "correct": False}]
