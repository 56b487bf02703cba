"""Files of problems in every format, and what a broken one is refused with."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from configs.sources import ProblemFile
from records.errors import InputError
from teacher.problems.files import read_file

ROWS = [{"problem": f"What is {i} + {i}?", "answer": str(2 * i)} for i in range(5)]


def make_source(path: Path | str, **settings: Any) -> ProblemFile:
    return ProblemFile(kind="file", path=str(path), **settings)


def make_jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def make_folder(path: Path) -> Path:
    path.mkdir()
    pq.write_table(pa.Table.from_pylist(ROWS), path / "train-00000-of-00001.parquet")
    return path


def refusal(source: ProblemFile) -> str:
    """The message a source is refused with when read to its end."""
    with pytest.raises(InputError) as caught:
        list(read_file(source))
    return str(caught.value)
