"""Reads the lengths of the judged traces, and picks a few traces to show in full."""

from dataclasses import dataclass
from pathlib import Path

from records.parquet import read_rows, read_traces
from records.rows import Trace, is_accepted

SAMPLES = 6
"""Number of traces shown. At most half of them are accepted; the others are rejected for a different reason each."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Completion tokens of every judged trace; 0 if not recorded."""

    accepted: list[int]
    rejected: list[int]


def lengths_and_samples(judged: Path) -> tuple[Lengths, list[Trace]]:
    """Return all lengths, which are read without the texts, and a few traces to show."""
    lengths = Lengths([], [])
    accepted: list[int] = []
    rejected: dict[str, int] = {}
    for position, row in enumerate(read_rows(judged, ["completion_tokens", "verdicts"])):
        if is_accepted(verdict["outcome"] for verdict in row["verdicts"]):
            lengths.accepted.append(row["completion_tokens"])
            if len(accepted) < SAMPLES // 2:
                accepted.append(position)
        else:
            lengths.rejected.append(row["completion_tokens"])
            reason = next(verdict["reason"] for verdict in row["verdicts"] if verdict["outcome"] != "pass")
            rejected.setdefault(reason, position)
    return lengths, traces_at(judged, [*accepted, *rejected.values()][:SAMPLES])


def traces_at(judged: Path, positions: list[int]) -> list[Trace]:
    """Return the traces at these positions, in the order of the positions."""
    found: dict[int, Trace] = {}
    for position, trace in enumerate(read_traces(judged)):
        if len(found) == len(positions):
            break
        if position in positions:
            found[position] = trace
    return [found[position] for position in positions]
