"""A stage's traces in shards of whole problems: each has a journal while it is drawn, and then a Parquet file.

`shaping.json` says what shaped the traces of a folder, so that other runs find them, and how many problems a shard
holds. Parquet files hold the traces that count, problem by problem; what was drawn beyond the end of a problem's
drawing lies in `surplus/`. The journal is removed once the Parquet files have their names. Several workers may draw for
one stage: a shard belongs to the one that has claimed it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from records.errors import InputError
from records.files import write_json
from records.hashing import fingerprint
from records.parquet import TRACE, batched, count_rows, read_about, read_problems, read_rows, write_rows
from records.rows import FAILED, Problem
from records.share import Claims
from teacher.sampling.accounts import Accounts
from teacher.sampling.difficulty import difficulty_of
from teacher.sampling.journal import Entry, Journal, scan
from teacher.sampling.passes import Pass
from teacher.sampling.problem_state import Course
from teacher.sampling.traces import put_back, whole_row

SURPLUS = "surplus"


@dataclass
class Shard:
    """Some problems of the stage, under way."""

    number: int
    journal: Journal
    courses: list[Course]
    running: int
    """Courses that are not done."""
    judging: int = 0
    """Traces being judged."""


class Shards:
    """The shards of one stage's folder."""

    def __init__(self, folder: Path, problems: Path, passes: list[Pass], judged_by: str, size: int) -> None:
        """`size` is in traces. Errors: InputError if the folder holds traces that something else shaped."""
        self.folder, self.problems, self.passes, self.judged_by = folder, problems, passes, judged_by
        self.claims = Claims(folder)
        self.total = count_rows(problems)
        rule = passes[0].rule
        begun: dict[str, Any] = {"shapings": [one.shaping for one in passes], "judged_by": judged_by}
        begun |= {"problems_per_shard": max(1, size // (rule.accept or rule.max_n))}
        begun = begun_as(folder, begun)
        self.size: int = begun["problems_per_shard"]
        self.count = -(-self.total // self.size)
        self.identity = fingerprint(begun["shapings"])

    def file(self, number: int) -> Path:
        return self.folder / f"{name_of(number)}.parquet"

    def journal_file(self, number: int) -> Path:
        return self.folder / f"{name_of(number)}.jsonl"

    def journal(self, number: int, path: Path) -> Journal:
        return Journal(path, f"{self.identity}-{number}-{self.size}")

    def surplus_file(self, number: int) -> Path:
        return self.folder / SURPLUS / f"{name_of(number)}.parquet"

    def begin(self) -> None:
        drop_old_journals(self.folder)
        self.reopen_failed()

    def reopen_failed(self) -> None:
        """A shard in which requests failed becomes a journal again: they are tried once more."""
        for number in range(self.count):
            if self.file(number).exists() and accounts_in(self.files(number)).total().failed:
                self.reopen(number, self.files(number))

    def files(self, number: int) -> list[Path]:
        return [file for file in (self.file(number), self.surplus_file(number)) if file.exists()]

    def reopen(self, number: int, files: list[Path]) -> None:
        hidden = self.folder / f".reopened-{number}.jsonl"
        hidden.unlink(missing_ok=True)
        journal = self.journal(number, hidden)
        for row in (row for file in files for row in read_rows(file)):
            if row["finish_reason"] != FAILED:
                put_back(journal, row, row["request_fingerprint"], drawn=True, judged=True)
        journal.close()
        hidden.rename(self.journal_file(number))
        for file in files:
            file.unlink()

    def unfinished(self) -> Iterator[tuple[int, list[Problem]]]:
        """The problems of every other shard, in order."""
        seen: set[str] = set()
        for number, problems in enumerate(batched(read_problems(self.problems), self.size)):
            for problem in problems:
                if problem.id in seen:
                    raise InputError(f"{self.problems}: holds problem {problem.id} twice; give every problem once")
                seen.add(problem.id)
            if not self.file(number).exists():
                yield number, problems

    def journaled(self) -> Iterator[Iterable[Entry]]:
        """What every journal holds."""
        for number in range(self.count):
            if self.journal_file(number).exists():
                yield scan(self.journal_file(number))[0].values()

    def open(self, number: int, problems: list[Problem], anew: bool) -> Shard | None:
        """Continue a shard from its journal, or begin it. None if it is done, or somebody else's."""
        if not self.claims.take_missing(self.file(number)):
            return None
        if anew:
            self.journal_file(number).unlink(missing_ok=True)
        courses = [Course(problem, self.passes) for problem in problems]
        return Shard(number, self.journal(number, self.journal_file(number)), courses, len(courses))

    def leave(self, shard: Shard) -> None:
        """To whoever comes next."""
        shard.journal.close()
        self.claims.release(self.file(shard.number).name)

    def close(self, shard: Shard, teacher: str) -> None:
        """Write what was drawn, and remove the journal."""
        surplus = self.accounts(shard, counted=False)
        self.surplus_file(shard.number).unlink(missing_ok=True)
        if surplus.total().surplus:
            (self.folder / SURPLUS).mkdir(exist_ok=True)
            self.write(self.surplus_file(shard.number), shard, teacher, surplus, counted=False)
        accounts = self.accounts(shard, counted=True)
        self.write(self.file(shard.number), shard, teacher, accounts, counted=True)
        shard.journal.remove()
        self.claims.release(self.file(shard.number).name)

    def write(self, path: Path, shard: Shard, teacher: str, accounts: Accounts, counted: bool) -> None:
        try:
            write_rows(path, rows(shard, teacher, counted), TRACE, accounts.plain)
        except OSError:  # a full disk: what was begun would only keep it full
            path.with_name(f".{path.name}.tmp").unlink(missing_ok=True)
            raise

    def accounts(self, shard: Shard, counted: bool) -> Accounts:
        accounts = Accounts()
        for course in shard.courses:
            account = accounts.of(course.problem.source, difficulty_of(course))
            account.problems += counted
            account.solved += counted and course.solved
            for _, entry, of, counts in course.rows():
                if counts == counted and (entry.drawn or counts):
                    account.add(entry, of.of.hinted, surplus=not counts)
                    if counts:
                        accounts.finish_reasons[entry.finish_reason] += 1
        return accounts


def begun_as(folder: Path, begun: dict[str, Any]) -> dict[str, Any]:
    """What `shaping.json` says, or will say from now on. Errors: InputError if that is another run."""
    path = folder / "shaping.json"
    with FileLock(folder / ".shaping.lock"):
        if not path.exists():
            write_json(path, begun)
            return begun
        found: dict[str, Any] = json.loads(path.read_text())
    if found | {"problems_per_shard": 0} != begun | {"problems_per_shard": 0}:
        raise InputError(f"{folder}: holds traces of another run; move it away, or set run_dir elsewhere")
    return found


def name_of(number: int) -> str:
    return f"traces-{number:05}"


def accounts_in(files: Iterable[Path]) -> Accounts:
    """What Parquet files say of themselves."""
    accounts = Accounts()
    for file in files:
        accounts.include(Accounts.read(read_about(file)))
    return accounts


def drop_old_journals(folder: Path) -> None:
    """Those of finished shards: a kill came between the shard's name and the journal's end."""
    for file in folder.glob("traces-*.parquet"):
        file.with_suffix(".jsonl").unlink(missing_ok=True)


def missing(folder: Path, problems: Path) -> int:
    """Shards of a stage that are not finished; at least one before it was begun."""
    begun = folder / "shaping.json"
    if not begun.exists():
        return 1
    size = json.loads(begun.read_text())["problems_per_shard"]
    return -(-count_rows(problems) // size) - len(list(folder.glob("traces-*.parquet")))


def all_accounts(folder: Path) -> Accounts:
    """Of every finished shard of a stage, surplus included."""
    return accounts_in(sorted([*folder.glob("traces-*.parquet"), *(folder / SURPLUS).glob("*.parquet")]))


def rows(shard: Shard, teacher: str, counted: bool) -> Iterator[dict[str, Any]]:
    """The rows of a shard in order, read back from its journal. Surplus that was taken over stays where it was."""
    for course in shard.courses:
        for key, entry, _, counts in course.rows():
            if counts == counted and (entry.drawn or counts):
                drawn = shard.journal.row(entry)
                yield whole_row(course.problem, key, drawn, entry.fingerprint, teacher)
