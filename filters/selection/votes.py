"""Counts the votes of one problem's traces: they can accept traces without a reference, or dispute the reference."""

from collections.abc import Sequence
from dataclasses import dataclass

from filters.reasons import PASS
from filters.selection.entry import Entry
from filters.selection.majority import Equal, Majority, majority


@dataclass(frozen=True)
class Elected:
    """Traces of a problem without a reference that its majority accepts."""

    entries: list[Entry]
    share: float | None
    """The problem's pass rate by majority, whose sampling never stopped at an acceptance; None if no trace of the first
    pass was decided or voted."""


def count_votes(
    entries: Sequence[Entry], min_majority: float | None, equal: Equal
) -> tuple[Elected | None, Majority | None]:
    """Return what the majority accepts, if there is no reference and the config asks for it, and a majority that
    disputes the reference. `entries` are one problem's traces in order; `equal` compares two extracted answers."""
    voters = [entry for entry in entries if entry.verdict]
    if not voters or (not voters[0].reference and min_majority is None):
        return None, None
    reference = voters[0].reference
    # An answer that passed is the reference in another spelling.
    answers = [reference if reference and voter.verdict == PASS else voter.answer for voter in voters]

    def alike(one: str, other: str) -> bool:
        return reference not in (one, other) and equal(one, other)  # the verifier has decided on the reference

    winner = majority(answers, alike)
    if winner is None:
        return None, None
    if reference:
        return None, winner if winner.answer != reference else None
    if min_majority is None or winner.share < min_majority:
        return None, None
    return elected(entries, [voters[member] for member in winner.members]), None


def elected(entries: Sequence[Entry], winners: Sequence[Entry]) -> Elected:
    accepted = [entry for entry in winners if entry.undecided]
    decided = sum(entry.decided is not None for entry in entries)
    decided += sum(bool(entry.first_pass and entry.answer.strip()) for entry in entries)
    return Elected(accepted, sum(entry.first_pass for entry in accepted) / decided if decided else None)
