"""The files of a stage's shards: their names, the accounts that they hold, and how many are missing."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock

from records.errors import InputError
from records.files import write_json
from records.logprob_files import LOGPROBS
from records.parquet import count_rows, read_about
from teacher.sampling.accounts import Accounts

SURPLUS = "surplus"
SHARD_PLAN = "shaping.json"
"""The file with the settings that shaped a folder's traces, by which other runs find them, and the shard size."""


def name_of(number: int) -> str:
    return f"traces-{number:05}"


def agree_on(folder: Path, shard_plan: dict[str, Any]) -> dict[str, Any]:
    """Return the folder's shard plan: `shard_plan`, or an earlier one with another shard size. Errors: InputError if
    other settings shaped the folder's traces."""
    path = folder / SHARD_PLAN
    with FileLock(folder / ".shaping.lock"):
        if not path.exists():
            write_json(path, shard_plan)
            return shard_plan
        found = read_plan(path)
    if found | {"problems_per_shard": 0} != shard_plan | {"problems_per_shard": 0}:
        raise InputError(f"{folder}: holds traces of another run; move it away, or set run_dir elsewhere")
    return found


def read_plan(path: Path) -> dict[str, Any]:
    """Read a shard plan. Errors: InputError for a broken one: without it nobody knows whose traces these are."""
    try:
        plan = dict(json.loads(path.read_text()))
        if type(plan["problems_per_shard"]) is not int or plan["problems_per_shard"] < 1:
            raise ValueError(f"problems_per_shard is {plan['problems_per_shard']!r}")
        return plan
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{path}: broken ({error}); restore it, or move {path.parent} away to sample again") from None


def accounts_in(files: Iterable[Path]) -> Accounts:
    """Add up the accounts that Parquet files hold of their rows."""
    accounts = Accounts()
    for file in files:
        accounts.include(Accounts.read(read_about(file)))
    return accounts


def all_accounts(folder: Path) -> Accounts:
    """Add up the accounts of every finished shard of a stage, surplus included."""
    return accounts_in(sorted([*folder.glob("traces-*.parquet"), *(folder / SURPLUS).glob("*.parquet")]))


def logprob_bytes(folder: Path) -> int:
    """Return the size of the files with the logprobs of the traces that count."""
    return sum(file.stat().st_size for file in (folder / LOGPROBS).glob("traces-*.parquet"))


def drop_old_journals(folder: Path) -> None:
    """Remove the journals of finished shards, which remain if a kill came between writing a shard and this removal."""
    for file in folder.glob("traces-*.parquet"):
        file.with_suffix(".jsonl").unlink(missing_ok=True)


def missing(folder: Path, problems: Path) -> int:
    """Return the number of unfinished shards of a stage; it is at least 1 before the stage has begun."""
    path = folder / SHARD_PLAN
    if not path.exists():
        return 1
    size = read_plan(path)["problems_per_shard"]
    return -(-count_rows(problems) // size) - len(list(folder.glob("traces-*.parquet")))
