"""The files of a stage's shards: their names, what they say of themselves, and what is missing."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock

from records.errors import InputError
from records.files import write_json
from records.parquet import count_rows, read_about
from teacher.sampling.accounts import Accounts

SURPLUS = "surplus"
SHARD_PLAN = "shaping.json"
"""What shaped the traces of a folder, so that other runs find them, and how many problems a shard holds."""


def name_of(number: int) -> str:
    return f"traces-{number:05}"


def agree_on(folder: Path, shard_plan: dict[str, Any]) -> dict[str, Any]:
    """The folder's shard plan: this one, unless the folder was begun with another shard size. Errors: InputError if
    something else shaped the folder's traces."""
    path = folder / SHARD_PLAN
    with FileLock(folder / ".shaping.lock"):
        if not path.exists():
            write_json(path, shard_plan)
            return shard_plan
        found: dict[str, Any] = json.loads(path.read_text())
    if found | {"problems_per_shard": 0} != shard_plan | {"problems_per_shard": 0}:
        raise InputError(f"{folder}: holds traces of another run; move it away, or set run_dir elsewhere")
    return found


def accounts_in(files: Iterable[Path]) -> Accounts:
    """The accounts that Parquet files hold of their rows, added up."""
    accounts = Accounts()
    for file in files:
        accounts.include(Accounts.read(read_about(file)))
    return accounts


def all_accounts(folder: Path) -> Accounts:
    """The accounts of every finished shard of a stage, surplus included."""
    return accounts_in(sorted([*folder.glob("traces-*.parquet"), *(folder / SURPLUS).glob("*.parquet")]))


def drop_old_journals(folder: Path) -> None:
    """Remove the journals of finished shards: a kill came between the shard's name and the journal's end."""
    for file in folder.glob("traces-*.parquet"):
        file.with_suffix(".jsonl").unlink(missing_ok=True)


def missing(folder: Path, problems: Path) -> int:
    """Shards of a stage that are not finished; at least one before it was begun."""
    path = folder / SHARD_PLAN
    if not path.exists():
        return 1
    size = json.loads(path.read_text())["problems_per_shard"]
    return -(-count_rows(problems) // size) - len(list(folder.glob("traces-*.parquet")))
