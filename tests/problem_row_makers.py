"""Rows of a file, read as problems or refused."""

import json
from pathlib import Path
from typing import Any

from refusals import refusal_of

from configs.sources import ProblemFile
from records.rows import Problem
from teacher.problems.files import read_file


def read(tmp_path: Path, *rows: Any, **settings: Any) -> list[Problem]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(read_file(ProblemFile.model_validate({"kind": "file", "path": str(path), **settings})))


def refusal(tmp_path: Path, *rows: Any, **settings: Any) -> str:
    return refusal_of(lambda: read(tmp_path, *rows, **settings)).removeprefix(f"{tmp_path / 'rows.jsonl'}")
