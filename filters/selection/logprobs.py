"""Gives the selected rows their traces' logprobs, which lie beside the traces and pass judging by."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.logprob_files import DATASET_WITH_LOGPROBS, KEY, read_logprobs, write_with_logprobs
from records.logprobs import TokenLogprobs
from records.parquet import Marks, count_rows


def write_rows_with_logprobs(path: Path, rows: Iterable[dict[str, Any]], logprobs: Path, chosen: Marks) -> int:
    """Write the rows of the chosen traces with the column of logprobs, and return the number of tokens that have some.

    `logprobs` is the folder beside all the traces, in their order. Errors: InputError if it belongs to other traces.
    """
    foreign = InputError(f"{logprobs}: belongs to other traces than were judged; delete its folder to sample again")
    if count_rows(logprobs) != len(chosen):
        raise foreign
    tokens = Counter[str]()

    def both() -> Iterator[tuple[dict[str, Any], TokenLogprobs | None]]:
        for row, (key, found) in zip(rows, read_logprobs(logprobs, chosen), strict=True):
            if key != tuple(row[name] for name in KEY):
                raise foreign
            tokens["with"] += len(found) if found else 0
            yield row, found

    write_with_logprobs(path, both(), DATASET_WITH_LOGPROBS)
    return tokens["with"]
