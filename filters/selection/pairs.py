"""Chooses the judged traces that an outcome reward model is trained on: accepted against rejected ones of a problem."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from filters.reasons import CONTAMINATED, FAIL, REQUEST_FAILED, UNKNOWN
from records.errors import InputError
from records.parquet import count_rows, read_marked, read_rows, write_rows
from records.replies import PAIR, PAIRS, REPLIES, REPLY, Pair, Reply
from records.rows import FAILED, PROMPT_TOO_LONG, is_accepted
from records.training_counts import PairsCounts

HINTED = "hinted"
"""Left out: it was drawn with the answer shown."""
NO_PARTNER = "no_partner"
"""Left out: no trace of its problem was judged the other way."""
OVER_CAP = "over_cap"
"""Left out: its problem already gives as much as it may."""
STANDING = ["problem_id", "hinted", "finish_reason", "verdicts"]


@dataclass
class Judged:
    """The positions of one problem's traces among all."""

    accepted: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)


def select_pairs(folder: Path, judged: Path, *, single: bool, most: int, seed: int) -> PairsCounts:
    """Write `replies.parquet` and, unless each reply counts by itself (`single`), `pairs.parquet`.

    A problem gives at most `most` pairs, or as many accepted and as many rejected traces. Which ones, a hash of `seed`
    and problem decides, so that more problems change nothing for the others. The traces are read twice; memory holds
    their positions. Errors: InputError if there is nothing to learn from.
    """
    left_out: Counter[str] = Counter()
    problems = by_problem(judged, left_out)
    chosen: list[tuple[int, int]] = []
    alone: list[int] = []
    for name, one in problems.items():
        accepted, rejected = shuffled(one.accepted, seed, f"{name} accepted"), shuffled(one.rejected, seed, name)
        if single:
            alone += accepted[:most] + rejected[:most]
            left_out[OVER_CAP] += len(accepted[most:]) + len(rejected[most:])
        elif not (accepted and rejected):
            left_out[NO_PARTNER] += len(accepted) + len(rejected)
        else:
            pairs = paired(accepted, rejected, most)
            chosen += pairs
            left_out[OVER_CAP] += len(accepted) + len(rejected) - len({at for pair in pairs for at in pair})
    wanted = sorted({at for pair in chosen for at in pair} | set(alone))
    check_both_kinds(problems, wanted, single, judged)
    marked = np.zeros(count_rows(judged), np.bool_)
    marked[wanted] = True
    right = {at for one in problems.values() for at in one.accepted}
    columns = ["source", "problem_id", "attempt", "sample_index", "prompt", "reasoning", "answer", "closed"]
    rows = (Reply(**row, accepted=at in right) for at, row in read_marked(judged, marked, columns))
    write_rows(folder / REPLIES, rows, REPLY)
    numbers = {at: number for number, at in enumerate(wanted)}
    if not single:
        write_rows(folder / PAIRS, (Pair(numbers[one], numbers[other]) for one, other in chosen), PAIR)
    return PairsCounts(
        pairs=len(chosen),
        accepted=sum(at in right for at in wanted),
        rejected=sum(at not in right for at in wanted),
        problems=sum(not numbers.keys().isdisjoint([*one.accepted, *one.rejected]) for one in problems.values()),
        left_out=dict(+left_out),
    )


def by_problem(judged: Path, left_out: Counter[str]) -> dict[str, Judged]:
    """Return the traces that can be learnt from, by problem; count the others."""
    found: dict[str, Judged] = {}
    for position, row in enumerate(read_rows(judged, STANDING)):
        reason = unusable(row)
        if reason:
            left_out[reason] += 1
            continue
        one = found.setdefault(row["problem_id"], Judged())
        accepted = is_accepted(verdict["outcome"] for verdict in row["verdicts"])
        (one.accepted if accepted else one.rejected).append(position)
    return found


def unusable(row: Mapping[str, Any]) -> str:
    """Return why a trace is neither accepted nor rejected for a reward model; empty if it is one of both."""
    outcomes = [verdict["outcome"] for verdict in row["verdicts"]]
    if row["hinted"]:
        return HINTED
    if row["finish_reason"] in (FAILED, PROMPT_TOO_LONG):
        return REQUEST_FAILED
    if any(verdict["reason"] == CONTAMINATED for verdict in row["verdicts"]):
        return CONTAMINATED
    return "" if is_accepted(outcomes) or FAIL in outcomes else UNKNOWN


def shuffled(positions: list[int], seed: int, name: str) -> list[int]:
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    order = np.random.default_rng(int.from_bytes(digest[:8], "big")).permutation(len(positions))
    return [positions[at] for at in order.tolist()]


def paired(accepted: list[int], rejected: list[int], most: int) -> list[tuple[int, int]]:
    """Return distinct pairs in which every trace comes about equally often."""
    count, other = len(accepted), len(rejected)
    places = range(min(most, count * other))
    return [(accepted[at % count], rejected[(at % count + at // count) % other]) for at in places]


def check_both_kinds(problems: Mapping[str, Judged], wanted: list[int], single: bool, judged: Path) -> None:
    """Errors: InputError if all traces are accepted or all rejected, or if none has a partner."""
    accepted = sum(len(one.accepted) for one in problems.values())
    rejected = sum(len(one.rejected) for one in problems.values())
    draw_more = "sample with a higher n, or with accept off (null), which stops at the first right ones"
    if not rejected:
        raise InputError(f"{judged}: no rejected trace to learn from ({accepted} accepted); {draw_more}")
    if not accepted:
        raise InputError(
            f"{judged}: no accepted trace to learn from ({rejected} rejected); raise n, or sample easier problems"
        )
    if not wanted and not single:
        raise InputError(
            f"{judged}: no problem has both an accepted and a rejected trace, so none can be compared; {draw_more}, or "
            "set labels: single"
        )
