"""Reads the traces of a file together with the logprobs that lie beside it."""

from collections.abc import Iterator
from pathlib import Path

from records.errors import InputError
from records.logprob_files import logprobs_beside, read_logprobs
from records.logprobs import TokenLogprobs
from records.parquet import count_rows, read_traces
from records.rows import Trace


def traces_with_logprobs(file: Path, wanted: bool = True) -> Iterator[tuple[Trace, TokenLogprobs | None]]:
    """Yield the traces of a file, each with its logprobs, which are read if they are `wanted`. Errors: InputError if
    those beside the file belong to other traces."""
    traces, beside = read_traces(file), logprobs_beside(file)
    if not wanted or not beside.exists():
        yield from ((trace, None) for trace in traces)
        return
    foreign = InputError(f"{beside}: belongs to other traces than {file}; delete {file.parent} to sample again")
    if count_rows(beside) != count_rows(file):
        raise foreign
    for trace, (key, logprobs) in zip(traces, read_logprobs(beside), strict=True):
        if key != (trace.problem_id, trace.attempt, trace.sample_index):
            raise foreign
        yield trace, logprobs
