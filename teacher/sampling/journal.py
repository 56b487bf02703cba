"""A shard's journal: every finished trace is appended at once, and is there after `kill -9` at any instant.

One record a line, behind a checksum of the line:

    5d0c3f21 begins<TAB>{"shard": "3f6d…"}                         the run and shard it belongs to
    8c19e07a t 0a1b2c3d4e5f <problem> 0 3 stop 41 812 96<TAB>{…}   drawn here: fingerprint, key, end, tokens; the text
    …        r …                                                   a trace taken over from an earlier run
    …        v <problem> 0 3 1<TAB>[…]                             a trace's verdicts, and whether it is accepted

What the loop needs of a trace stands before the tab: a million lines are read without parsing any JSON, and texts stay
on disk until the shard is written. Words there are separated by spaces, so a finish_reason is percent-encoded. A write
is one system call, so no kill costs a finished trace; what a lost machine costs is bounded by syncing now and then.
What a kill or a full disk left torn at the end is cut off; damage further up is an error."""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote
from zlib import crc32

from records.errors import InputError
from records.requests import Key
from records.rows import Verdict
from teacher.sampling.drawn import Drawn

SYNC_EVERY_S = 5.0
"""Between two syncs while traces come: what a preempted machine may lose. One takes some milliseconds."""


class Entry(NamedTuple):
    """What the loop needs to know of a trace in the journal, and where the rest stands."""

    fingerprint: str
    finish_reason: str
    prompt_tokens: int
    reasoning_tokens: int
    answer_tokens: int
    """Tokens drawn for this trace: what a continued one began with does not count."""
    drawn_here: bool
    """Whether this run drew it; else it was taken over from an earlier one."""
    offset: int = 0
    length: int = 0
    """Where the JSON of its `Drawn` stands. Set by the journal."""
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
    """Add to the entries what a line that begins at this byte says before its tab."""
    tab = line.index(b"\t")
    kind, *words = line[9:tab].decode().split(" ")
    offset, length = at + tab + 1, len(line) - tab - 2
    if kind == "v":
        problem, attempt, index, accepted = words
        key = (problem, int(attempt), int(index))
        entries[key] = entries[key]._replace(accepted=accepted == "1", verdicts_offset=offset, verdicts_length=length)
        return
    fingerprint, problem, attempt, index, finish, prompt, reasoning, answer = words
    finish = unquote(finish) if "%" in finish else finish
    tokens = (int(prompt), int(reasoning), int(answer))
    entries[problem, int(attempt), int(index)] = Entry(fingerprint, finish, *tokens, kind == "t", offset, length)


def drawn_at(file: int, entry: Entry) -> Drawn:
    """A trace as it was added."""
    return Drawn(**json.loads(os.pread(file, entry.length, entry.offset)))


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

    def add(self, key: Key, entry: Entry, drawn: Drawn) -> Entry:
        """Append a trace. Returns its entry, which knows where it stands."""
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
        )
        offset, length = self.append_json(" ".join(map(str, words)), drawn.to_json())
        self.entries[key] = entry._replace(offset=offset, length=length)
        return self.entries[key]

    def judge(self, key: Key, accepted: bool, verdicts: list[Verdict]) -> Entry:
        """Append a trace's verdicts. Returns its entry with them."""
        problem, attempt, index = key
        text = json.dumps([asdict(verdict) for verdict in verdicts], ensure_ascii=False)
        offset, length = self.append_json(f"v {problem} {attempt} {index} {accepted:d}", text)
        entry = self.entries[key]
        self.entries[key] = entry._replace(accepted=accepted, verdicts_offset=offset, verdicts_length=length)
        return self.entries[key]

    def append_json(self, words: str, text: str) -> tuple[int, int]:
        """Append a line. Returns where its JSON stands: offset and length in bytes."""
        head, body = words.encode(), text.encode()
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

    def drawn(self, entry: Entry) -> Drawn:
        return drawn_at(self.file, entry)

    def verdicts(self, entry: Entry) -> list[Verdict]:
        """The verdicts of a trace; none while it is not judged."""
        if entry.accepted is None:
            return []
        text = os.pread(self.file, entry.verdicts_length, entry.verdicts_offset)
        return [Verdict(**verdict) for verdict in json.loads(text)]

    def close(self) -> None:
        os.close(self.file)

    def remove(self) -> None:
        """Only once everything in it lies elsewhere."""
        self.close()
        self.path.unlink()


def lined(payload: bytes) -> bytes:
    return b"%08x %b\n" % (crc32(payload), payload)
