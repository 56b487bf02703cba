"""Counts of what was accepted and why the rest was not."""

from collections import Counter
from typing import Any

from filters.reasons import FAIL, UNKNOWN
from records.rows import Trace


class Funnel:
    """Adds up judged traces; each rejected one counts once, under the first reason given."""

    def __init__(self) -> None:
        self.sampled = self.accepted = 0
        self.rejected: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.problems: set[str] = set()
        self.solved: set[str] = set()

    def add(self, trace: Trace) -> None:
        self.sampled += 1
        self.problems.add(trace.problem_id)
        if trace.accepted:
            self.accepted += 1
            self.solved.add(trace.problem_id)
            return
        for outcome, counter in ((FAIL, self.rejected), (UNKNOWN, self.unknown)):
            reasons = [verdict.reason for verdict in trace.verdicts if verdict.outcome == outcome]
            if reasons:
                counter[reasons[0]] += 1
                return

    def plain(self) -> dict[str, Any]:
        """As it is kept with a shard."""
        own = {"sampled": self.sampled, "accepted": self.accepted, "rejected": self.rejected, "unknown": self.unknown}
        return own | {"problems": sorted(self.problems), "solved": sorted(self.solved)}

    def include(self, plain: dict[str, Any]) -> None:
        self.sampled += plain["sampled"]
        self.accepted += plain["accepted"]
        self.rejected.update(plain["rejected"])
        self.unknown.update(plain["unknown"])
        self.problems.update(plain["problems"])
        self.solved.update(plain["solved"])

    def counts(self) -> dict[str, Any]:
        return {
            "sampled": self.sampled,
            "accepted": self.accepted,
            "problems": len(self.problems),
            "problems_solved": len(self.solved),
            "rejected": dict(self.rejected.most_common()),
            "unknown": dict(self.unknown.most_common()),
        }
