"""Counts what the rows of a dataset hold, batch by batch: memory stays flat, but for twelve bytes a row."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.preflight import Dropped, Lengths
from records.special_tokens import special_tokens
from student.data.rendering import IGNORED, RowRenderer
from student.data.row_check import name_of, render_checked

NAMED = 5
"""Rows that are named for each reason."""


@dataclass
class Survey:
    """What has been found in some rows. Made by workers; merged by the preflight."""

    rows: int = 0
    no_think: int = 0
    quoting: int = 0
    supervised_tokens: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)
    lengths: list[NDArray[np.uint32]] = field(default_factory=list)
    """Tokens of each row that is trained on, an array for each batch."""
    digests: list[NDArray[np.uint64]] = field(default_factory=list)
    """A hash of the tokens of each of these rows."""

    def add(self, other: "Survey") -> None:
        self.rows += other.rows
        self.no_think += other.no_think
        self.quoting += other.quoting
        self.supervised_tokens += other.supervised_tokens
        self.dropped.update(other.dropped)
        for reason, names in other.named.items():
            self.named[reason] = [*self.named.get(reason, []), *names][:NAMED]
        self.lengths += other.lengths
        self.digests += other.digests

    def left_out(self) -> dict[str, Dropped]:
        return {reason: Dropped(rows=count, first=self.named[reason]) for reason, count in self.dropped.most_common()}

    def duplicates(self) -> int:
        digests = joined(self.digests, np.uint64)
        return int(digests.size - np.unique(digests).size)

    def tokens(self) -> int:
        return int(joined(self.lengths, np.uint32).sum(dtype=np.int64))

    def attended(self) -> float:
        """Return the number of keys that a token attends to, on average over all tokens."""
        lengths = joined(self.lengths, np.uint32).astype(np.float64)
        return float((lengths * (lengths + 1) / 2).sum() / lengths.sum())

    def summary_of_lengths(self) -> Lengths | None:
        lengths = joined(self.lengths, np.uint32)
        if not lengths.size:
            return None
        shortest, median, p95, longest = np.quantile(lengths, [0, 0.5, 0.95, 1], method="higher")
        bounds = Counter(np.ceil(np.log2(lengths)).astype(int).tolist())
        return Lengths(
            shortest=int(shortest),
            median=int(median),
            p95=int(p95),
            longest=int(longest),
            histogram={str(2**power): bounds[power] for power in range(min(bounds), max(bounds) + 1)},
        )


def joined(arrays: list[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, kind)


class Surveyor:
    """Renders and checks rows for one student."""

    def __init__(self, renderer: RowRenderer, max_length: int) -> None:
        self.renderer, self.max_length = renderer, max_length
        longest_first = sorted(special_tokens(renderer.tokenizer), key=len, reverse=True)
        self.special = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def survey(self, rows: Iterable[Mapping[str, Any]]) -> Survey:
        """Return what a batch of dataset rows holds."""
        found, lengths, digests = Survey(), [], []
        for row in rows:
            found.rows += 1
            rendered, fault = render_checked(row, self.renderer, self.max_length)
            if fault:
                found.dropped[fault] += 1
                names = found.named.setdefault(fault, [])
                if len(names) < NAMED:
                    names.append(name_of(row))
                continue
            found.no_think += rendered.no_think
            found.quoting += self.special.search(rendered.content) is not None
            found.supervised_tokens += len(rendered.labels) - rendered.labels.count(IGNORED)
            lengths.append(len(rendered.input_ids))
            digests.append(digest_of(rendered.input_ids))
        found.lengths, found.digests = [np.array(lengths, np.uint32)], [np.array(digests, np.uint64)]
        return found


def digest_of(ids: list[int]) -> int:
    """Return 64 bits: among a million different rows the chance that two agree is below one in ten million."""
    return int.from_bytes(hashlib.blake2b(np.array(ids, np.uint32).tobytes(), digest_size=8).digest(), "little")
