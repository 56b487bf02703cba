"""Chooses judged traces whose answer a verifier has decided, for labels of their steps."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filters.reasons import CONTAMINATED, FAIL, PASS, UNKNOWN
from filters.selection.pairs import HINTED, OVER_CAP, Judged, shuffled
from records.errors import InputError
from records.parquet import read_rows

STANDING = ["problem_id", "hinted", "closed", "verifier", "verdicts"]
UNCLOSED = "unclosed"
"""Left out: its reasoning did not end, so that no step of it need be wrong."""


def choose_verified(judged: Path, limit: int, most: int, seed: int) -> tuple[dict[int, bool], Counter[str]]:
    """Return the positions of at most `limit` traces among all, each with whether its answer is right, and how many
    others were left out by reason. A problem gives at most `most` right and as many wrong ones.

    Errors: InputError if there is none.
    """
    left_out: Counter[str] = Counter()
    problems: dict[str, Judged] = {}
    for position, row in enumerate(read_rows(judged, STANDING)):
        outcome = verified(row)
        if outcome in (PASS, FAIL):
            one = problems.setdefault(row["problem_id"], Judged())
            (one.accepted if outcome == PASS else one.rejected).append(position)
        else:
            left_out[outcome] += 1
    found: dict[int, bool] = {}
    for name, one in problems.items():
        found |= dict.fromkeys(shuffled(one.accepted, seed, f"{name} accepted")[:most], True)
        found |= dict.fromkeys(shuffled(one.rejected, seed, name)[:most], False)
    if not found:
        raise InputError(f"{judged}: no trace has an answer that a verifier decided, so no step can be labelled")
    chosen = sorted(shuffled(list(found), seed, "rollouts")[:limit])
    left_out[OVER_CAP] += sum(len(one.accepted) + len(one.rejected) for one in problems.values()) - len(chosen)
    return {position: found[position] for position in chosen}, +left_out


def verified(row: Mapping[str, Any]) -> str:
    """Return what the verifier itself said of a trace, or why that does not count."""
    if row["hinted"]:
        return HINTED
    if any(verdict["reason"] == CONTAMINATED for verdict in row["verdicts"]):
        return CONTAMINATED
    if not row["closed"]:
        return UNCLOSED
    own = [verdict["outcome"] for verdict in row["verdicts"] if verdict["filter"] == row["verifier"]]
    return str(own[0]) if own else UNKNOWN
