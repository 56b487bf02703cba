"""Reads what an LLM judge said of traces, for the browser: it stands beside the verifiers' verdicts, in no count of
theirs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.opinions import OPINIONS
from records.parquet import Marks, read_rows

ADMITTED = "admitted"


@dataclass(frozen=True, slots=True)
class Said:
    """What the judge said of one trace. Made by `read_said`; read by the packing of traces."""

    word: str
    """`pass`, `fail` or `unknown`, or ADMITTED for a pass on which selection might take the trace."""
    verdict: dict[str, Any]
    """Filter, version, outcome, reason and detail, as of a verifier's verdict."""


def read_said(opinions: Path, marked: Marks) -> dict[int, Said]:
    """Return what the judge said of the marked traces, by the position of each among all judged ones."""
    rows = read_rows(opinions / OPINIONS, ["position", "verdict", "admitted"])
    return {row["position"]: Said(word_of(row), row["verdict"]) for row in rows if marked[row["position"]]}


def one_of_each_word(opinions: Path) -> list[int]:
    """Return the position of a trace for everything that the judge says, so that each is there to be read."""
    first: dict[str, int] = {}
    for row in read_rows(opinions / OPINIONS, ["position", "verdict", "admitted"]):
        first.setdefault(word_of(row), row["position"])
    return list(first.values())


def word_of(row: dict[str, Any]) -> str:
    return ADMITTED if row["admitted"] else str(row["verdict"]["outcome"])
