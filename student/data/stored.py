"""The teacher's stored log-probabilities beside the rows that a student is trained on, token by token.

A row has them only if the student's tokens of its completion are the teacher's own: text that renders to other tokens
has no logits to learn from. The tokens are compared themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from datasets import Dataset, concatenate_datasets
from numpy.typing import NDArray

from records.errors import InputError
from records.logprob_files import LOGPROBS, value_of
from records.logprobs import TokenLogprobs
from records.parquet import parquet_files
from records.vocabulary import vocabulary_hash
from student.data.faults import NO_LOGPROBS, OTHER_TOKENS, OTHER_VOCABULARY
from student.data.rendering import IGNORED


@dataclass(frozen=True)
class StoredLogprobs:
    """The logprobs of all rows of some datasets, read from the disk when they are needed."""

    rows: Dataset
    """The column LOGPROBS alone, as Arrow tables, in the order of the datasets' rows."""
    vocabulary: str
    """The student's, which the ids must be of."""

    def of(self, number: int) -> TokenLogprobs | None:
        return value_of(self.rows[number][LOGPROBS][0])

    def learnt(self, number: int, tokens: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids and logprobs, each (tokens, k), of the last `tokens` tokens of a row without a fault."""
        found = self.of(number)
        assert found is not None, "rows without logprobs are left out"
        return found.top_ids[-tokens:].astype(np.int64), found.top_logprobs[-tokens:].astype(np.float32)

    def faults(self, rows: Dataset, faults: NDArray[np.str_]) -> NDArray[np.str_]:
        """Return the faults of rendered rows (`labels`) with those of their logprobs."""
        labels = rows.with_format("numpy", columns=["labels"])
        found = faults.astype(object)
        for number in np.flatnonzero(faults == "").tolist():
            found[number] = fault_of_stored(self.of(number), labels[number]["labels"], self.vocabulary)
        return found.astype(str)


def stored_logprobs(folders: Sequence[Path], tokenizer: Any, cache: Path) -> StoredLogprobs:
    """Open the logprobs of some folders of `*.parquet` files, for a student with this tokenizer. Errors: InputError if
    one has none."""
    parts = []
    for folder in folders:
        check_has_logprobs(folder)
        files = list(map(str, parquet_files(folder)))
        found: Any = Dataset.from_parquet(files, columns=[LOGPROBS], cache_dir=str(cache))
        parts.append(found)
    return StoredLogprobs(concatenate_datasets(parts).with_format("arrow"), vocabulary_hash(tokenizer))


def check_has_logprobs(folder: Path) -> None:
    """Errors: InputError for a dataset without the column."""
    if any(LOGPROBS not in pq.read_schema(file).names for file in parquet_files(folder)):
        raise InputError(
            f"{folder}: its rows hold no log-probabilities of the teacher; set sampling.logprobs (20 is the most), "
            "which samples anew, or take source: on_policy"
        )


def fault_of_stored(stored: TokenLogprobs | None, labels: Sequence[int], vocabulary: str) -> str:
    """Return why a row cannot be learnt from its logprobs, from `student.data.faults`; empty if it can.

    The tokens with a label must be the last ones of the teacher's completion; before them may come what the student's
    prompt already holds, such as a prefilled `<think>`.
    """
    if stored is None or not len(stored) or not stored.is_known:
        return NO_LOGPROBS
    if stored.vocabulary and stored.vocabulary != vocabulary:
        return OTHER_VOCABULARY
    labelled = np.asarray(labels)
    own = labelled[labelled != IGNORED]
    return "" if np.array_equal(stored.token_ids[-len(own) :], own) else OTHER_TOKENS
