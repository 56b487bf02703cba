"""A stage's traces in shards of whole problems. A shard has a journal while it is drawn, and then becomes Parquet.

Parquet files hold the traces that count, problem by problem; surplus traces, drawn beyond the end of a problem's
drawing, are in `surplus/`. The journal is removed once the Parquet files have their names. Several workers may draw for
one stage: a shard belongs to the worker that has claimed it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from records.batches import batched
from records.errors import InputError
from records.files import discard
from records.hashing import fingerprint
from records.logprob_files import OF_TRACES, logprobs_beside, write_with_logprobs
from records.parquet import count_rows, read_about, read_problems, write_rows
from records.rows import FAILED, Problem
from records.schemas import TRACE
from records.share import Claims, check_parts
from teacher.sampling.accounts import Accounts
from teacher.sampling.continuation import Tokens
from teacher.sampling.journal import Entry, Journal, scan
from teacher.sampling.passes import Pass
from teacher.sampling.problem_state import ProblemState
from teacher.sampling.shard_files import SURPLUS, agree_on, drop_old_journals, name_of
from teacher.sampling.shard_rows import SPENT, SPENT_ON, Shard, accounts_of, logprobs_of, spent_on, traces_of
from teacher.sampling.stored_logprobs import traces_with_logprobs
from teacher.sampling.traces import put_back, stored


class Shards:
    """The shards of one stage's folder."""

    def __init__(
        self, folder: Path, problems: Path, passes: list[Pass], judged_by: str, size: int, tokens: Tokens | None = None
    ) -> None:
        """`size` is in traces. With `tokens` every row says how many tokens its reasoning has. Errors: InputError if
        the folder holds traces that other settings shaped."""
        self.folder, self.problems, self.passes, self.judged_by = folder, problems, passes, judged_by
        self.tokens = tokens
        self.claims = Claims(folder)
        rule = passes[0].rule
        wanted: dict[str, Any] = {"shapings": [one.shaping for one in passes], "judged_by": judged_by}
        self.logprobs = passes[0].settings.logprobs
        if self.logprobs:
            wanted["logprobs"] = self.logprobs
        shard_plan = agree_on(folder, wanted | {"problems_per_shard": max(1, size // (rule.accept or rule.n))})
        self.size: int = shard_plan["problems_per_shard"]
        self.total = count_rows(problems)
        self.count = -(-self.total // self.size)
        self.identity = fingerprint(shard_plan["shapings"])

    def file(self, number: int) -> Path:
        return self.folder / f"{name_of(number)}.parquet"

    def journal_file(self, number: int) -> Path:
        return self.folder / f"{name_of(number)}.jsonl"

    def journal(self, number: int, path: Path) -> Journal:
        return Journal(path, f"{self.identity}-{number}-{self.size}")

    def surplus_file(self, number: int) -> Path:
        return self.folder / SURPLUS / f"{name_of(number)}.parquet"

    def begin(self) -> None:
        """Tidy the folder before any worker draws. A finished shard with failed requests becomes a journal again, so
        that they are tried once more."""
        check_parts(self.folder, "traces-*.parquet", map(self.file, range(self.count)))
        drop_old_journals(self.folder)
        for number in range(self.count):
            files = [file for file in (self.file(number), self.surplus_file(number)) if file.exists()]
            if self.file(number).exists() and SPENT in read_about(self.file(number)):
                self.reopen(number, files)

    def reopen(self, number: int, files: list[Path]) -> None:
        hidden = self.folder / f".reopened-{number}.jsonl"
        hidden.unlink(missing_ok=True)
        journal = self.journal(number, hidden)
        rows = (row for file in files for row in traces_with_logprobs(file))
        spent = (one for file in files for one in read_about(file)[SPENT])
        for (trace, logprobs), one in zip(rows, spent, strict=True):
            if trace.finish_reason != FAILED:
                put_back(journal, stored(trace, logprobs), judged=True, **dict(zip(SPENT_ON, one, strict=True)))
        journal.close()
        hidden.rename(self.journal_file(number))
        for file in files:
            file.unlink()

    def unfinished(self) -> Iterator[tuple[int, list[Problem]]]:
        """Yield number and problems of every shard that is not finished, in order."""
        seen: set[str] = set()
        for number, problems in enumerate(batched(read_problems(self.problems), self.size)):
            for problem in problems:
                if problem.id in seen:
                    raise InputError(f"{self.problems}: holds problem {problem.id} twice; give every problem once")
                seen.add(problem.id)
            if not self.file(number).exists():
                yield number, problems

    def journaled(self) -> Iterator[Iterable[Entry]]:
        """Yield the entries of every journal of an unfinished shard."""
        for number in range(self.count):
            if not self.file(number).exists():
                with suppress(FileNotFoundError):  # not begun, or finished meanwhile by another worker
                    yield scan(self.journal_file(number))[0].values()

    def open(self, number: int, problems: list[Problem], anew: bool) -> Shard | None:
        """Continue a shard from its journal, or begin it. Return None if it is done or another worker has it."""
        if not self.claims.take_missing(self.file(number)):
            return None
        if anew:
            self.journal_file(number).unlink(missing_ok=True)
        states = [ProblemState(problem, self.passes) for problem in problems]
        return Shard(number, self.journal(number, self.journal_file(number)), states, len(states))

    def leave(self, shard: Shard) -> None:
        """Give a shard up as it is, for another worker or the next run."""
        shard.journal.close()
        self.claims.release(self.file(shard.number).name)

    def close(self, shard: Shard, teacher: str) -> None:
        """Write the shard's traces to Parquet, and remove the journal."""
        surplus = accounts_of(shard, counted=False)
        for file in (self.surplus_file(shard.number), logprobs_beside(self.surplus_file(shard.number))):
            discard(file)  # a killed worker may have had surplus where this one has none
        if surplus.total().surplus:
            (self.folder / SURPLUS).mkdir(exist_ok=True)
            self.write(self.surplus_file(shard.number), shard, teacher, surplus, counted=False)
        self.write(self.file(shard.number), shard, teacher, accounts_of(shard, counted=True), counted=True)
        shard.journal.remove()
        self.claims.release(self.file(shard.number).name)

    def write(self, file: Path, shard: Shard, teacher: str, accounts: Accounts, counted: bool) -> None:
        """Write the traces that count (`counted`), or the surplus. Logprobs come first: with its traces a file is
        there."""
        if self.logprobs:
            beside = logprobs_beside(file)
            beside.parent.mkdir(exist_ok=True)
            write_with_logprobs(beside, logprobs_of(shard, counted), OF_TRACES)
        about = accounts.plain()
        if shard.has_failed:
            about[SPENT] = spent_on(shard, counted)
        write_rows(file, traces_of(shard, teacher, self.tokens, counted), TRACE, lambda: about)
