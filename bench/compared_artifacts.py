"""Compares the artifact of a stage that was killed with that of an unbroken one, for `bench.stage_faults`.

The files must be the same byte for byte, the manifest's counts the same but for times, and no temporary file and no
journal may be left. Surplus traces are not compared: what is drawn beyond a problem's end, and not used, depends on
what was in flight when it ended.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.files import MANIFEST
from records.parquet import read_rows
from teacher.sampling.shard_files import SURPLUS

TIMED = ("sampling_s", "tokens_per_s", "engine", "scoring_s", "judging_s", "waiting_s")
"""Counts that tell times, or what the last process alone did."""
WITH_SURPLUS = (
    "surplus",
    "prompt_tokens",
    "reasoning_tokens",
    "answer_tokens",
    "truncated",
    "by_source",
    "by_difficulty",
)
"""Counts that surplus traces are part of."""


@dataclass
class Result:
    """What became of one kind of stage."""

    case: str
    stages: int = 0
    killed: int = 0
    """Kills that hit a stage at work; the others came after its end."""
    boundaries: int = 0
    """Kills before a file or folder came or went."""
    rows: int = 0
    """Of the unbroken stage."""
    rows_twice: int = 0
    rows_lost: int = 0
    other_files: int = 0
    """Files whose bytes differ, or that one of the two has alone."""
    other_counts: int = 0
    left_behind: int = 0
    """Hidden files that the unbroken stage has not."""


def rows_of(folder: Path) -> Counter[str]:
    """Count the rows of all tables, those in folders too, but surplus traces."""
    names = (str(file.relative_to(folder)) for file in folder.rglob("*.parquet"))
    tables = [folder / name for name in names if not hidden(name) and not of_surplus(name)]
    return Counter(json.dumps(row, sort_keys=True, default=str) for table in tables for row in read_rows(table))


def told(folder: Path, surplus: bool) -> dict[str, Any]:
    """Return what a manifest counts, without times. `surplus` says that surplus traces are there."""
    counts = json.loads((folder / MANIFEST).read_text())["counts"]
    left_out = (*TIMED, *(WITH_SURPLUS if surplus else ()))
    return {name: value for name, value in counts.items() if name not in left_out}


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def hidden(name: str) -> bool:
    return any(part.startswith(".") for part in Path(name).parts)


def of_surplus(name: str) -> bool:
    return name.startswith(f"{SURPLUS}/")


def compare(result: Result, whole: Path, resumed: Path) -> None:
    wanted, found = contents(whole), contents(resumed)
    result.left_behind += len([name for name in found.keys() - wanted.keys() if hidden(name)])
    surplus = {name for name in wanted.keys() | found.keys() if of_surplus(name)}
    names = [name for name in (wanted.keys() | found.keys()) - surplus if not hidden(name)]
    result.other_files += sum(wanted.get(name) != found.get(name) for name in names)
    result.other_counts += told(whole, bool(surplus)) != told(resumed, bool(surplus))
    ours, theirs = rows_of(whole), rows_of(resumed)
    result.rows_twice += (theirs - ours).total()
    result.rows_lost += (ours - theirs).total()
