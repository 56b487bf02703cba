"""Counts what the rows of a dataset hold, batch by batch. Memory does not grow with the rows."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.preflight import Dropped
from records.special_tokens import special_tokens
from student.data.digests import digest_of
from student.data.rendering import IGNORED, RowRenderer
from student.data.row_check import name_of, render_checked
from student.data.row_lengths import RowLengths

NAMED = 5
"""Rows that are named for each reason."""


@dataclass
class Survey:
    """What has been found in some rows. Made by workers; merged by the preflight."""

    rows: int = 0
    no_think: int = 0
    quoting: int = 0
    supervised_tokens: int = 0
    epoch_tokens: float = 0
    """Tokens of one epoch: each dataset's, as often as its rows come."""
    dropped: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)
    lengths: RowLengths = field(default_factory=RowLengths)
    """Tokens of the rows that are trained on."""
    digests: list[NDArray[np.uint64]] = field(default_factory=list)
    """A hash of the tokens of each of these rows, until the rows are compared."""
    duplicates: int = 0
    """Rows that are trained on with the same tokens as an earlier one; known once all rows are compared."""

    def add(self, other: "Survey") -> None:
        self.rows += other.rows
        self.no_think += other.no_think
        self.quoting += other.quoting
        self.supervised_tokens += other.supervised_tokens
        self.epoch_tokens += other.epoch_tokens
        self.dropped.update(other.dropped)
        for reason, names in other.named.items():
            self.named[reason] = [*self.named.get(reason, []), *names][:NAMED]
        self.lengths.add(other.lengths)
        self.digests += other.digests

    def left_out(self) -> dict[str, Dropped]:
        return {reason: Dropped(rows=count, first=self.named[reason]) for reason, count in self.dropped.most_common()}


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
        found.lengths, found.digests = RowLengths(np.array(lengths, np.int64)), [np.array(digests, np.uint64)]
        return found
