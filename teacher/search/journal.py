"""The journal of the expansions: each is appended when it is drawn, and again when it is scored.

Each line holds a checksum and a JSON record, as in `teacher.sampling.journal`:

    5d0c3f21 {"run": "3f6d…"}                                    what shaped the searches
    8c19e07a {"search": "0a1b…", "key": "77c2…", "text": "So", …}   a child; its text is what follows its parent's
    …        {"search": "0a1b…", "key": "77c2…", "value": 0.93}     its score; null if the scorer left it out
    …        {"search": "0a1b…", "done": true}                     its trace is in the shard's journal

Each worker appends to a file of its own and reads those of all workers, because a search may be continued by another.
Texts stay on disk. A line that a kill left incomplete at the end of its own file is cut off. Regular syncs bound what
the loss of a machine costs, as there."""

import json
import math
import os
import time
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.files import never_a_link
from records.journal_lines import HEAD, is_whole, lined
from teacher.sampling.journal import SYNC_EVERY_S
from teacher.search.expansion import Expansion
from teacher.search.tree import Node, Wish

PATTERN = ".search-*.jsonl"
Place = tuple[int, int, int]
"""File, offset and length of a record in bytes."""
KEYS: dict[str, type] = {"search": str, "key": str}
CHILD: dict[str, type] = {
    **dict.fromkeys(("text", "finish", "detail"), str),
    **dict.fromkeys(("tokens", "prompt_tokens", "drawn"), int),
    "anew": bool,
}
"""The types of a child's fields."""


def drop_journals(folder: Path) -> None:
    """Remove the journals of a stage whose traces are all stored."""
    for file in folder.glob(PATTERN):
        file.unlink()


def check_types(record: dict[str, Any], types: dict[str, type]) -> None:
    for name, kind in types.items():
        if type(record[name]) is not kind:
            raise TypeError(f"{name} is no {kind.__name__}")


class ExpansionJournal:
    """Appends to one worker's journal, and finds what any worker has drawn before. Errors: InputError for a damaged
    journal or another run's; OSError for a full disk."""

    def __init__(self, folder: Path, worker: int, identity: str) -> None:
        """`identity` is what shaped the searches, their scorer included."""
        self.first = lined(json.dumps({"run": identity}).encode())
        self.children: dict[str, dict[str, Place]] = {}
        self.values: dict[str, dict[str, float | None]] = {}
        """By search and key: what earlier attempts have left of searches that are not done."""
        self.files: list[int] = []
        self.synced = time.monotonic()
        own = folder / f".search-{worker}.jsonl"
        try:
            self.file = never_a_link(own, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            self.files.append(self.file)
            end = self.read(own, 0)
            os.ftruncate(self.file, end)
            if not end:
                self.append(self.first)
            for other in sorted(set(folder.glob(PATTERN)) - {own}):
                self.files.append(os.open(other, os.O_RDONLY))
                self.read(other, len(self.files) - 1)
        except BaseException:
            self.close()
            raise

    def read(self, path: Path, number: int) -> int:
        """Read a journal, and return the byte where its complete lines end."""
        end = 0
        with path.open("rb", buffering=1 << 20) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if not is_whole(line):
                    raise InputError(f"{path}: damaged at byte {end}; remove it to search again what it holds")
                if not end and line != self.first:
                    raise InputError(f"{path}: the searches of another run; move its folder away, or set run_dir")
                try:
                    if end:
                        self.note(json.loads(line[HEAD:]), (number, end + HEAD, len(line) - HEAD - 1))
                except (ValueError, TypeError, KeyError, RecursionError) as error:  # another version's, or nobody's
                    raise InputError(
                        f"{path}: no record of a search at byte {end}; remove it to search again what it holds"
                    ) from error
                end += len(line)
        return end

    def note(self, record: dict[str, Any], place: Place) -> None:
        """Take a record in. Errors: ValueError, TypeError or KeyError for what is none."""
        search = record["search"]
        check_types(record, {"search": str} if "done" in record else KEYS)
        if "done" in record:
            self.children.pop(search, None)
            self.values.pop(search, None)
        elif "value" in record:
            if record["value"] is not None and not math.isfinite(record["value"]):
                raise ValueError("a score that is no number")
            self.values.setdefault(search, {})[record["key"]] = record["value"]
        else:
            check_types(record, CHILD)
            self.children.setdefault(search, {})[record["key"]] = place

    def child(self, search: str, key: str, wish: Wish) -> Expansion | None:
        """Return what an earlier attempt drew for a wish; None if it drew nothing."""
        place = self.children.get(search, {}).get(key)
        if place is None:
            return None
        number, offset, length = place
        record = json.loads(os.pread(self.files[number], length, offset))
        text = record["text"] if record["anew"] else wish.parent.text + record["text"]
        tokens, prompt_tokens, detail = record["tokens"], record["prompt_tokens"], record["detail"]
        node = Node(wish.path, text, record["finish"], None, tokens, prompt_tokens, detail)
        return Expansion(node, record["drawn"])

    def scored(self, search: str, key: str) -> bool:
        """Return True if an earlier attempt has a score."""
        return key in self.values.get(search, {})

    def add(self, search: str, key: str, wish: Wish, expansion: Expansion) -> None:
        node, before = expansion.node, wish.parent.text
        anew = not node.text.startswith(before)
        self.write(
            search=search,
            key=key,
            text=node.text if anew else node.text[len(before) :],
            anew=anew,
            finish=node.finish,
            tokens=node.tokens,
            prompt_tokens=node.prompt_tokens,
            drawn=expansion.tokens,
            detail=node.detail,
        )

    def score(self, search: str, key: str, value: float | None) -> None:
        self.write(search=search, key=key, value=value)

    def done(self, search: str) -> None:
        """Note that a search's trace is stored elsewhere."""
        self.children.pop(search, None)
        self.values.pop(search, None)
        self.write(search=search, done=True)

    def write(self, **record: Any) -> None:
        self.append(lined(json.dumps(record, ensure_ascii=False, allow_nan=False).encode()))

    def append(self, line: bytes) -> None:
        written = 0
        at = os.lseek(self.file, 0, os.SEEK_END)
        try:
            while written < len(line):
                written += os.write(self.file, line[written:])
        except OSError:
            os.ftruncate(self.file, at)
            raise
        if time.monotonic() - self.synced > SYNC_EVERY_S:
            os.fsync(self.file)
            self.synced = time.monotonic()

    def close(self) -> None:
        while self.files:
            os.close(self.files.pop())
