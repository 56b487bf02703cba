"""Traces of other runs, found by what shaped them and copied into this run's journals.

More traces per problem, a mended reference, another verifier, another place for the run: none of these changes a
completion that was drawn before. Whatever the folders of other runs hold of this run's requests is taken over, once,
before sampling begins.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.parquet import read_rows
from records.rows import FAILED, Problem
from teacher.sampling.journal import Journal, row_at, scan
from teacher.sampling.passes import Pass, request_fingerprint
from teacher.sampling.shards import SURPLUS, Shards
from teacher.sampling.traces import put_back

OPEN_JOURNALS = 64
SAME = ("prompt", "reference", "verifier", "extra")
"""What of a problem its verdicts depend on."""


def folders_in(places: Iterable[Path]) -> list[Path]:
    """The folders with traces in runs, and in the runs of a parent directory."""
    patterns = ("*/shaping.json", "*/*/shaping.json")
    return sorted({file.parent.resolve() for place in places for pattern in patterns for file in place.glob(pattern)})


def take_over(shards: Shards, folders: list[Path]) -> int:
    """Copy the traces that other folders hold of this one's requests; returns how many. A kill in between begins anew:
    the journals get their names when all is copied."""
    mark = shards.folder / ".taken_over"
    if mark.exists():
        return 0
    for begun in shards.folder.glob(".taken-*.jsonl"):
        begun.unlink()
    taken = Taken(shards)
    for folder in folders:
        if folder != shards.folder.resolve():
            taken.add_folder(folder)
    taken.close()
    for path in shards.folder.glob(".taken-*.jsonl"):
        path.rename(shards.journal_file(int(path.stem.removeprefix(".taken-"))))
    mark.touch()
    return taken.count


class Taken:
    """Journals in the making, under hidden names."""

    def __init__(self, shards: Shards) -> None:
        self.shards = shards
        self.journals: dict[int, Journal] = {}
        self.problems: dict[str, tuple[int, Problem, list[str]]] = {}
        """Shard, and the identity of the problem's requests by pass. Filled once there is something to take over."""
        self.count = 0

    def add_folder(self, folder: Path) -> None:
        """Take what a folder holds under one of our shapings. One that cannot be read is left alone."""
        try:
            begun = json.loads((folder / "shaping.json").read_text())
            passes = {
                theirs: ours
                for theirs, shaping in enumerate(begun["shapings"])
                for ours in self.shards.passes
                if ours.shaping == shaping
            }
            for row in rows_in(folder) if passes else ():
                if row["attempt"] in passes and row["finish_reason"] != FAILED:
                    self.add(row, passes[row["attempt"]], begun["judged_by"] == self.shards.judged_by)
        except (InputError, FileNotFoundError, ValueError, KeyError) as error:
            print(f"took nothing more from {folder}: {error}", flush=True)

    def add(self, row: dict[str, Any], ours: Pass, same_judge: bool) -> None:
        index = row["sample_index"]
        number, problem, identities = self.plan().get(row["problem_id"], (-1, None, []))
        if problem is None or (index >= ours.rule.max_n and not ours.continues):
            return
        fingerprint = request_fingerprint(identities[ours.number], index)
        key = (problem.id, ours.number, index)
        journal = self.journal(number)
        if row["request_fingerprint"] != fingerprint or key in journal.entries:
            return
        judged = same_judge and all(row[name] == getattr(problem, name) for name in SAME)
        put_back(journal, row | {"attempt": ours.number}, fingerprint, drawn=False, judged=judged)
        self.count += 1

    def plan(self) -> dict[str, tuple[int, Problem, list[str]]]:
        if not self.problems:
            passes = self.shards.passes
            for number, problems in self.shards.unfinished():
                for problem in problems:
                    identities = [one.identity(one.messages(problem)) for one in passes]
                    self.problems[problem.id] = (number, problem, identities)
        return self.problems

    def journal(self, number: int) -> Journal:
        """Traces of a folder lie in the order of the problems: a few journals are open at a time."""
        journal = self.journals.pop(number, None) or self.shards.journal(
            number, self.shards.folder / f".taken-{number}.jsonl"
        )
        self.journals[number] = journal
        if len(self.journals) > OPEN_JOURNALS:
            self.journals.pop(next(iter(self.journals))).close()
        return journal

    def close(self) -> None:
        for journal in self.journals.values():
            journal.close()


def rows_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Every trace of a folder, those of unfinished shards included."""
    for place in (folder, folder / SURPLUS):
        yield from read_rows(place) if place.is_dir() else ()
    for path in sorted(folder.glob("traces-*.jsonl")):
        entries, _ = scan(path)
        file = os.open(path, os.O_RDONLY)
        try:
            for (problem, attempt, sample_index), entry in entries.items():
                named: dict[str, Any] = {"problem_id": problem, "attempt": attempt, "sample_index": sample_index}
                named["request_fingerprint"] = entry.fingerprint
                yield row_at(file, entry) | named | dict.fromkeys(SAME)
        finally:
            os.close(file)
