"""A shard's journal: every finished trace is appended at once, and is there after `kill -9` at any instant.

One record a line, behind a checksum of the line:

    5d0c3f21 begins<TAB>{"shard": "3f6d…"}                         the run and shard it belongs to
    8c19e07a t 0a1b2c3d4e5f <problem> 0 3 stop 41 812 96<TAB>{…}   drawn here: identity, key, end, tokens, text
    …        r …                                                a trace taken over from an earlier run
    …        v <problem> 0 3 1<TAB>[…]                             a trace's verdicts, and whether it is accepted

What the loop needs of a trace stands before the tab: a million lines are read without parsing any JSON, and texts stay
on disk until the shard is written. A write is one system call, so no kill costs a finished trace; what a lost machine
costs is bounded by syncing now and then. What a kill or a full disk left torn at the end is cut off; damage further up
is an error."""

import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from records.errors import InputError
from records.requests import Key

SYNC_EVERY_S = 5.0
"""Between two syncs while traces come: what a preempted machine may lose. One takes some milliseconds."""


class Entry(NamedTuple):
    """What the loop needs to know of a trace in the journal, and where the rest stands."""

    fingerprint: str
    finish_reason: str
    prompt_tokens: int
    reasoning_tokens: int
    answer_tokens: int
    """Drawn for this trace: what a continued one began with does not count."""
    drawn: bool
    """By this run; else taken over from an earlier one."""
    offset: int
    length: int
    accepted: bool | None = None
    """None while it has no verdicts."""
    verdicts_offset: int = 0
    verdicts_length: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens


def scan(path: Path, first: bytes | None = None) -> tuple[dict[Key, Entry], int]:
    """The traces of a journal and where its whole lines end; `first` is the line it must begin with. Reads only: the
    journal may be in use. Errors: InputError for a journal of another run, or a damaged one."""
    entries: dict[Key, Entry] = {}
    end = 0
    with path.open("rb", buffering=1 << 20) as file:
        for line in file:
            if not end and first is not None and line != first:
                if first.startswith(line):  # torn as it began
                    return {}, 0
                raise InputError(f"{path}: the journal of another run; move it away, or set run_dir elsewhere")
            if not line.endswith(b"\n"):
                break
            if line[:8] != b"%08x" % crc32(memoryview(line)[9:-1]):
                hint = f"cut it there (truncate -s {end} {path}) to sample anew what followed"
                raise InputError(f"{path}: damaged at byte {end}; {hint}")
            if end:
                note(entries, line, end)
            end += len(line)
    return entries, end


def note(entries: dict[Key, Entry], line: bytes, at: int) -> None:
    tab = line.index(b"\t")
    kind, *words = line[9:tab].decode().split(" ")
    place = (at + tab + 1, len(line) - tab - 2)
    if kind == "v":
        key = (words[0], int(words[1]), int(words[2]))
        entries[key] = Entry(*entries[key][:8], words[3] == "1", *place)
    else:
        fingerprint, problem, attempt, index, finish, *tokens = words
        prompt, reasoning, answer = map(int, tokens)
        key = (problem, int(attempt), int(index))
        entries[key] = Entry(fingerprint, finish, prompt, reasoning, answer, kind == "t", *place)


def row_at(file: int, entry: Entry) -> dict[str, Any]:
    """A trace as it was added, with its verdicts."""
    row = json.loads(os.pread(file, entry.length, entry.offset))
    verdicts = os.pread(file, entry.verdicts_length, entry.verdicts_offset)
    return row | {"verdicts": json.loads(verdicts) if verdicts else []}


class Journal:
    """Appends to a shard's journal, which says what shard it is of, and reads single traces back. Errors: those of
    `scan`; OSError of a full disk, the journal being as before."""

    def __init__(self, path: Path, shard: str) -> None:
        self.path = path
        self.synced = time.monotonic()
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            first = lined(b"begins\t" + json.dumps({"shard": shard}).encode())
            self.entries, self.end = scan(path, first)
            os.ftruncate(self.file, self.end)
            if not self.end:
                self.append(first)
        except BaseException:
            self.close()
            raise

    def add(self, key: Key, entry: Entry, row: dict[str, Any]) -> Entry:
        """Append a trace; `row` is what Parquet will hold of it besides its problem."""
        tokens = f"{entry.prompt_tokens} {entry.reasoning_tokens} {entry.answer_tokens}"
        kind = "t" if entry.drawn else "r"
        words = f"{kind} {entry.fingerprint} {key[0]} {key[1]} {key[2]} {entry.finish_reason} {tokens}"
        offset, length = self.append_json(words, row)
        self.entries[key] = entry._replace(offset=offset, length=length)
        return self.entries[key]

    def judge(self, key: Key, accepted: bool, verdicts: list[dict[str, Any]]) -> Entry:
        place = self.append_json(f"v {key[0]} {key[1]} {key[2]} {accepted:d}", verdicts)
        self.entries[key] = Entry(*self.entries[key][:8], accepted, *place)
        return self.entries[key]

    def append_json(self, words: str, value: Any) -> tuple[int, int]:
        head, body = words.encode(), json.dumps(value, ensure_ascii=False).encode()
        at = self.end
        self.append(lined(head + b"\t" + body))
        return at + 9 + len(head) + 1, len(body)

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

    def row(self, entry: Entry) -> dict[str, Any]:
        return row_at(self.file, entry)

    def close(self) -> None:
        os.close(self.file)

    def remove(self) -> None:
        """Only once everything in it lies elsewhere."""
        self.close()
        self.path.unlink()


def lined(payload: bytes) -> bytes:
    return b"%08x %b\n" % (crc32(payload), payload)
