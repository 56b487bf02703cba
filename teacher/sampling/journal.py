"""A shard's journal: every finished trace is appended at once, and survives `kill -9` at any instant.

Each line holds a checksum and a record:

    5d0c3f21 begins<TAB>{"shard": "3f6d…"}                         the run and shard it belongs to
    8c19e07a t 0a1b2c3d4e5f <problem> 0 3 stop 41 812 96<TAB>{…}   drawn here: fingerprint, key, end, tokens; the text
    …        t … stop 41 812 96<TAB>{…}<TAB>908 10 5ac1… AbC=      with its logprobs (`records.logprobs`)
    …        r …                                                   a trace reused from an earlier run
    …        v <problem> 0 3 1<TAB>[…]                             a trace's verdicts, and whether it is accepted

A trace that a search found has three more numbers: expansions, tokens of the trace itself, prefixes without a score.

The loop needs only the part before the tab, so a million lines are read without parsing JSON, and texts stay on disk
until the shard is written. Words in this part are separated by spaces, so a finish_reason is percent-encoded. A line is
written with one system call, so a kill loses no finished trace; regular syncs bound what the loss of a machine costs.
A line that a kill or a full disk left incomplete at the end is cut off; damage further up is an error."""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from pydantic import TypeAdapter, ValidationError

from records.errors import InputError
from records.files import never_a_link
from records.journal_lines import HEAD, is_whole, lined
from records.logprobs import TokenLogprobs, from_text
from records.requests import Key
from records.rows import Verdict
from teacher.sampling.drawn import Drawn

SYNC_EVERY_S = 5.0
"""Seconds between two syncs, and thus what a preempted machine may lose. A sync takes a few milliseconds."""
VERDICTS = TypeAdapter(list[Verdict])


class Entry(NamedTuple):
    """What the loop needs to know about a trace in the journal, and where the rest is in the file."""

    fingerprint: str
    finish_reason: str
    prompt_tokens: int
    reasoning_tokens: int
    answer_tokens: int
    """Reasoning and answer tokens drawn for this trace; those that a continued trace began with do not count."""
    drawn_here: bool
    """True if this run drew it; False if it was reused from an earlier run."""
    offset: int = 0
    length: int = 0
    """Position of the JSON of its `Drawn`, in bytes. Set by the journal."""
    accepted: bool | None = None
    """None until it is judged."""
    verdicts_offset: int = 0
    verdicts_length: int = 0
    expansions: int = 0
    """Requests that a search for it took; 0 for a trace that was drawn plainly. Its tokens are those of the search."""
    kept_tokens: int = 0
    """Tokens of the trace that the search found."""
    unscored: int = 0
    """Prefixes that the search's scorer left out."""
    logprobs_offset: int = 0
    logprobs_length: int = 0
    """Position of the text of its logprobs, in bytes; a length of 0 if it has none. Set by the journal."""
    logprob_tokens: int = 0
    """Tokens with logprobs: all of the trace, or none. Set by the journal."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens


def scan(path: Path, first: bytes | None = None) -> tuple[dict[Key, Entry], int]:
    """Return the entries of a journal and the byte where its complete lines end; `first` is the line that it must begin
    with. The file is only read, because it may be in use. Errors: InputError for a damaged journal or another run's."""
    entries: dict[Key, Entry] = {}
    end = 0
    with path.open("rb", buffering=1 << 20) as file:
        for line in file:
            if not end and first is not None and line != first:
                if first.startswith(line):  # a kill left the first line incomplete
                    return {}, 0
                raise InputError(f"{path}: the journal of another run; move it away, or set run_dir elsewhere")
            if not line.endswith(b"\n"):
                break
            if not is_whole(line):
                hint = f"cut it there (truncate -s {end} {path}) to sample what followed again"
                raise InputError(f"{path}: damaged at byte {end}; {hint}")
            try:
                if end:
                    note(entries, line, end)
            except (ValueError, LookupError) as error:  # written by another version, or by nobody's journal
                raise InputError(f"{path}: no record of a trace at byte {end}; move it away to sample anew") from error
            end += len(line)
    return entries, end


def note(entries: dict[Key, Entry], line: bytes, at: int) -> None:
    """Add the record of a line, which begins at byte `at`, to the entries."""
    tab = line.index(b"\t")
    kind, *words = line[HEAD:tab].decode().split(" ")
    offset, length = at + tab + 1, len(line) - tab - 2
    if kind == "v":
        problem, attempt, index, accepted = words
        key = (problem, int(attempt), int(index))
        entries[key] = entries[key]._replace(accepted=accepted == "1", verdicts_offset=offset, verdicts_length=length)
        return
    fingerprint, problem, attempt, index, finish, prompt, reasoning, answer, *searched = words
    finish = unquote(finish) if "%" in finish else finish
    tokens = (int(prompt), int(reasoning), int(answer))
    entry = Entry(fingerprint, finish, *tokens, kind == "t", offset, length)
    if searched:
        expansions, kept, unscored = map(int, searched)
        entry = entry._replace(expansions=expansions, kept_tokens=kept, unscored=unscored)
    second = line.find(b"\t", tab + 1)  # JSON holds no tab
    if second >= 0:
        entry = with_logprobs(entry, second - tab - 1, length, int(line[second + 1 : line.index(b" ", second)]))
    entries[problem, int(attempt), int(index)] = entry


def with_logprobs(entry: Entry, drawn_length: int, length: int, tokens: int) -> Entry:
    """Return the entry of a line that holds `length` bytes after its first tab, the text of the logprobs last."""
    start = drawn_length + 1
    return entry._replace(
        length=drawn_length,
        logprobs_offset=entry.offset + start,
        logprobs_length=length - start,
        logprob_tokens=tokens,
    )


def drawn_at(file: int, entry: Entry) -> Drawn:
    """Read a trace's `Drawn` back from an open journal file."""
    return Drawn.from_json(os.pread(file, entry.length, entry.offset))


def logprobs_at(file: int, entry: Entry) -> TokenLogprobs | None:
    """Read a trace's logprobs back from an open journal file; None if it has none."""
    if not entry.logprobs_length:
        return None
    return from_text(os.pread(file, entry.logprobs_length, entry.logprobs_offset).decode())


class Journal:
    """Appends to a shard's journal, whose first line names the shard, and reads single traces back. Errors: those of
    `scan`; OSError for a full disk, which leaves the journal as it was."""

    def __init__(self, path: Path, shard: str) -> None:
        self.path = path
        self.synced = time.monotonic()
        self.file = never_a_link(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            first = lined(b"begins\t" + json.dumps({"shard": shard}).encode())
            self.entries, self.end = scan(path, first)
            os.ftruncate(self.file, self.end)
            if not self.end:
                self.append(first)
        except BaseException:
            self.close()
            raise

    def add(self, key: Key, entry: Entry, drawn: Drawn, logprobs: TokenLogprobs | None = None) -> Entry:
        """Append a trace with its logprobs in one line, and return its entry with their positions."""
        problem, attempt, index = key
        words = (
            "t" if entry.drawn_here else "r",
            entry.fingerprint,
            problem,
            attempt,
            index,
            quote(entry.finish_reason, safe=""),
            entry.prompt_tokens,
            entry.reasoning_tokens,
            entry.answer_tokens,
            *((entry.expansions, entry.kept_tokens, entry.unscored) if entry.expansions else ()),
        )
        texts = [drawn.to_json(), *([logprobs.to_text()] if logprobs else [])]
        offset, length = self.append_text(" ".join(map(str, words)), "\t".join(texts))
        entry = entry._replace(offset=offset, length=length)
        if logprobs:
            entry = with_logprobs(entry, length - len(texts[1]) - 1, length, len(logprobs))
        self.entries[key] = entry
        return entry

    def judge(self, key: Key, accepted: bool, verdicts: list[Verdict]) -> Entry:
        """Append a trace's verdicts, and return its entry with their position."""
        problem, attempt, index = key
        text = json.dumps([asdict(verdict) for verdict in verdicts], ensure_ascii=False)
        offset, length = self.append_text(f"v {problem} {attempt} {index} {accepted:d}", text)
        entry = self.entries[key]
        self.entries[key] = entry._replace(accepted=accepted, verdicts_offset=offset, verdicts_length=length)
        return self.entries[key]

    def append_text(self, words: str, text: str) -> tuple[int, int]:
        """Append a line, and return the offset and length of its text in bytes."""
        head, body = words.encode(), text.encode()
        at = self.end
        self.append(lined(head + b"\t" + body))
        return at + HEAD + len(head) + 1, len(body)

    def append(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self.file, line[written:])
        except OSError:
            os.ftruncate(self.file, self.end)
            raise
        self.end += len(line)
        if time.monotonic() - self.synced > SYNC_EVERY_S:
            os.fsync(self.file)
            self.synced = time.monotonic()

    def drawn(self, entry: Entry) -> Drawn:
        try:
            return drawn_at(self.file, entry)
        except InputError as error:
            raise InputError(f"{self.path}: byte {entry.offset}: {error}; move it away to sample anew") from error

    def logprobs(self, entry: Entry) -> TokenLogprobs | None:
        return logprobs_at(self.file, entry)

    def verdicts(self, entry: Entry) -> list[Verdict]:
        """Read the verdicts of a trace; the list is empty until it is judged."""
        if entry.accepted is None:
            return []
        text = os.pread(self.file, entry.verdicts_length, entry.verdicts_offset)
        try:
            return VERDICTS.validate_json(text, extra="forbid")
        except ValidationError as error:
            where = f"{self.path}: byte {entry.verdicts_offset}"
            raise InputError(f"{where}: no verdicts; move it away to sample anew") from error

    def close(self) -> None:
        os.close(self.file)

    def remove(self) -> None:
        """Delete the file, once everything in it is stored elsewhere."""
        self.close()
        self.path.unlink()
