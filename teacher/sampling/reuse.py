"""Reuses traces of other runs: finds them by the settings that shaped them, and copies them into this run's journals.

A completion stays valid if a run asks for more traces per problem, corrects a reference, changes the verifier or moves
to another directory. Traces that other runs drew for this run's requests are copied once, before sampling begins.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from records.errors import InputError
from records.files import MANIFEST
from records.logprob_files import LOGPROBS
from records.parquet import parquet_files
from records.rows import FAILED, Problem, Trace
from records.runtime import PREFIX as RUNTIMES
from records.runtime import copy_runtimes
from records.verified import check_files
from teacher.sampling.journal import Journal, drawn_at, logprobs_at, scan
from teacher.sampling.kept_logprobs import fitting
from teacher.sampling.passes import Pass, request_fingerprint
from teacher.sampling.shard_files import SHARD_PLAN, SURPLUS
from teacher.sampling.shards import Shards
from teacher.sampling.stored_logprobs import traces_with_logprobs
from teacher.sampling.traces import StoredTrace, put_back, stored

OPEN_JOURNALS = 64


def folders_in(runs: Iterable[Path]) -> list[Path]:
    """Return the folders with traces in these directories, each of which is a run or a parent directory of runs."""
    patterns = (f"*/{SHARD_PLAN}", f"*/*/{SHARD_PLAN}")
    return sorted({file.parent.resolve() for run in runs for pattern in patterns for file in run.glob(pattern)})


def take_over(shards: Shards, folders: list[Path]) -> int:
    """Copy the traces that other folders hold for this folder's requests, and return their number. After a kill the
    copying starts again: the journals get their final names once everything is copied."""
    mark = shards.folder / ".taken_over"
    if mark.exists():
        return 0
    for torn in shards.folder.glob(".taken-*.jsonl"):
        torn.unlink()
    taken = TakenOver(shards)
    for folder in folders:
        if folder != shards.folder.resolve():
            taken.add_folder(folder)
    taken.close()
    for path in shards.folder.glob(".taken-*.jsonl"):
        path.rename(shards.journal_file(int(path.stem.removeprefix(".taken-"))))
    mark.touch()
    return taken.count


class TakenOver:
    """The journals that traces are copied into, under hidden names until they are complete."""

    def __init__(self, shards: Shards) -> None:
        self.shards = shards
        self.journals: dict[int, Journal] = {}
        self.problems: dict[str, tuple[int, Problem, list[str]]] = {}
        """Shard, problem and the identity of its requests in each pass, by problem id. Filled when first used."""
        self.count = 0

    def add_folder(self, folder: Path) -> None:
        """Copy the traces of a folder that were drawn under one of our shapings. An unreadable folder is skipped."""
        before = self.count
        try:
            check_regular(folder)
            shard_plan = json.loads((folder / SHARD_PLAN).read_text())
            passes = {
                attempt: ours
                for attempt, shaping in enumerate(shard_plan["shapings"])
                for ours in self.shards.passes
                if ours.shaping == shaping
            }
            same_judge = shard_plan["judged_by"] == self.shards.judged_by
            has_logprobs = shard_plan.get("logprobs", 0) >= (self.shards.logprobs or 0)
            wanted = bool(passes) and has_logprobs
            if wanted and (folder / MANIFEST).exists():
                check_files(folder, json.loads((folder / MANIFEST).read_text())["files"], stamps=False)
            for trace, whole in traces_in(folder, bool(self.shards.logprobs)) if wanted else ():
                ours = passes.get(trace.key[1])
                if ours and trace.drawn.finish_reason != FAILED:
                    self.add(trace, whole if same_judge else None, ours)
        except (InputError, OSError, ValueError, TypeError, KeyError, RecursionError, AttributeError) as error:
            print(f"took nothing more from {folder}: {error}", flush=True)
        if self.count > before:
            copy_runtimes(folder, self.shards.folder)

    def add(self, trace: StoredTrace, judged: Trace | None, ours: Pass) -> None:
        """Copy a trace into our pass. `judged` is the whole trace if the same judge made its verdicts, else None."""
        problem_id, _, index = trace.key
        number, problem, identities = self.plan().get(problem_id, (-1, None, []))
        if problem is None or (index >= ours.rule.n and not ours.continues):
            return
        fingerprint = request_fingerprint(identities[ours.attempt], index)
        key = (problem.id, ours.attempt, index)
        journal = self.journal(number)
        if trace.fingerprint != fingerprint or key in journal.entries:
            return
        logprobs = None
        if asked := ours.settings.logprobs:
            logprobs = fitting(trace.logprobs, trace.drawn.completion_tokens, asked)
            if logprobs is None and trace.drawn.completion_tokens:
                return  # drawn anew, with logprobs
        taken = StoredTrace(key, fingerprint, trace.drawn, trace.verdicts, logprobs)
        put_back(journal, taken, judged=judged is not None and judged_alike(judged, problem))
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
        """Return a shard's journal. A folder's traces follow the order of the problems, so only a few are kept open."""
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


def check_regular(folder: Path) -> None:
    """Check that nothing that is read of another run's folder waits for a writer or has no end, as pipes and devices
    do. Errors: InputError."""
    places = folder, folder / SURPLUS, folder / LOGPROBS
    listed = [*(file for place in places for file in place.glob("traces-*")), *folder.glob(f"{RUNTIMES}*.json")]
    for file in (*listed, folder / SHARD_PLAN, folder / MANIFEST):
        if file.exists() and not file.is_file():
            raise InputError(f"{file}: no regular file")


def judged_alike(trace: Trace, problem: Problem) -> bool:
    """Return True if nothing of the problem that a verdict depends on has changed."""
    before = (trace.prompt, trace.reference, trace.verifier, trace.extra)
    return before == (problem.prompt, problem.reference, problem.verifier, problem.extra)


def traces_in(folder: Path, logprobs_wanted: bool) -> Iterator[tuple[StoredTrace, Trace | None]]:
    """Yield every trace of a folder, with the whole Trace if it is in Parquet; journals do not hold the problem."""
    for place in (folder, folder / SURPLUS):
        for shard in parquet_files(place) if place.is_dir() else ():
            for trace, logprobs in traces_with_logprobs(shard, logprobs_wanted):
                yield stored(trace, logprobs), trace
    for path in sorted(folder.glob("traces-*.jsonl")):
        entries, _ = scan(path)
        file = os.open(path, os.O_RDONLY)
        try:
            for key, entry in entries.items():
                logprobs = logprobs_at(file, entry) if logprobs_wanted else None
                yield StoredTrace(key, entry.fingerprint, drawn_at(file, entry), [], logprobs), None
        finally:
            os.close(file)
