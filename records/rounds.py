"""What the check after a round of training found: the contents of `check.json`."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from records.comparisons import Paired

FILE = "check.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCheck:
    """A round's model against the model that it learned from, on held-out problems. Made by `eval.rounds`; read by the
    plan, which ends the rounds by it, and the report."""

    stage: str
    """The stage whose rounds they are."""
    number: int
    """Of the round, from 1."""
    before: str
    """The model that it learned from."""
    pair: Paired
    """The round's accuracy and what it is more than that model's."""


def read_check(folder: Path) -> RoundCheck:
    """Read what a complete check found."""
    return TypeAdapter(RoundCheck).validate_json((folder / FILE).read_bytes())
