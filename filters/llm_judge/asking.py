"""Decides which traces a judge is asked about, and which answers it never sees."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from configs.llm_judge import SecondOpinion
from filters.llm_judge.addresses import addresses_judge
from filters.llm_judge.master_keys import has_content
from filters.reasons import ADDRESSES_JUDGE, FAIL, NO_ANSWER, PASS, UNKNOWN, WITHOUT_REFERENCE
from records.rows import Trace

READ = ["problem_id", "attempt", "sample_index", "verifier", "hinted", "closed", "verdicts"]
"""The columns that decide it."""


def contested(row: Mapping[str, Any], over: Iterable[str]) -> str:
    """Return the reason for which a judged trace was not accepted, if it is one of those that the judge is asked about,
    and all its other reasons are too; else the empty string. A first fail goes before an unknown, as in the funnel."""
    if not row["closed"]:
        return ""
    against = [one for one in row["verdicts"] if one["outcome"] != PASS]
    reasons = [one["reason"] for wanted in (FAIL, UNKNOWN) for one in against if one["outcome"] == wanted]
    return reasons[0] if reasons and set(reasons) <= set(over) else ""


def verifiers_outcome(row: Mapping[str, Any]) -> str:
    """Return `pass` or `fail` if the problem's verifier decided on a trace that every filter passed; else the empty
    string."""
    outcomes = {one["filter"]: one["outcome"] for one in row["verdicts"]}
    verdict = outcomes.pop(row["verifier"], "")
    return verdict if verdict in (PASS, FAIL) and all(one == PASS for one in outcomes.values()) else ""


class CalibrationSample:
    """Draws the traces by which judge and verifiers are compared: as many accepted as rejected ones, at most one of a
    problem, each problem with the same chance. The draw depends on the seed and the traces' keys alone."""

    def __init__(self, config: SecondOpinion) -> None:
        self.size, self.seed = config.calibration, config.seed
        self.drawn: dict[str, tuple[str, int, str]] = {}
        """By problem: the smallest hash of its traces, with the trace's position and outcome."""

    def add(self, position: int, row: Mapping[str, Any], outcome: str) -> None:
        if not self.size or not outcome or row["hinted"]:
            return
        key = f"{self.seed}:{row['problem_id']}:{row['attempt']}:{row['sample_index']}"
        place = (hashlib.sha256(key.encode()).hexdigest(), position, outcome)
        self.drawn[row["problem_id"]] = min(place, self.drawn.get(row["problem_id"], place))

    def positions(self) -> set[int]:
        chosen: set[int] = set()
        for outcome, size in ((PASS, self.size - self.size // 2), (FAIL, self.size // 2)):
            places = sorted(place for place in self.drawn.values() if place[2] == outcome)
            chosen.update(position for _, position, _ in places[:size])
        return chosen


def unsendable(trace: Trace, reads_reference: bool) -> str:
    """Return why no judge may see the answer of a trace; empty if it may."""
    if not has_content(trace.answer):
        return NO_ANSWER
    if addresses_judge(trace.answer):
        return ADDRESSES_JUDGE
    return WITHOUT_REFERENCE if reads_reference and not trace.reference.strip() else ""
