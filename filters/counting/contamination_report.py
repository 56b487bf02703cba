"""Reports which benchmark problems were found among the traces, for the judge stage's manifest."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from filters.reasons import CONTAMINATED
from records.counts import ContaminationCounts
from records.rows import Trace

REPORTED = 20
"""Matched texts listed per benchmark, those of most traces first. The judged traces hold all of them."""


class ContaminationReport:
    """Adds up contaminated traces by benchmark and by matched text."""

    def __init__(self, benchmarks: Iterable[str]) -> None:
        self.traces: Counter[str] = Counter()
        self.problems: dict[str, set[str]] = {name: set() for name in benchmarks}
        self.texts: dict[str, Counter[str]] = {name: Counter() for name in benchmarks}

    def add(self, trace: Trace) -> None:
        for verdict in trace.verdicts:
            if verdict.reason == CONTAMINATED:
                name, _, text = verdict.detail.partition(": ")
                self.traces[name] += 1
                self.problems[name].add(trace.problem_id)
                self.texts[name][text] += 1

    def plain(self) -> dict[str, Any]:
        """Return the form that is kept with a shard."""
        problems = {name: sorted(found) for name, found in self.problems.items()}
        return {"traces": self.traces, "problems": problems, "texts": self.texts}

    def include(self, plain: dict[str, Any]) -> None:
        """Add a shard's report in its plain form."""
        self.traces.update(plain["traces"])
        for name, problems in plain["problems"].items():
            self.problems[name].update(problems)
            self.texts[name].update(plain["texts"][name])

    def counts(self) -> dict[str, ContaminationCounts]:
        """Return the counts of every benchmark, including those without a match."""
        return {
            name: ContaminationCounts(
                traces=self.traces[name],
                problems=len(problems),
                matched=dict(self.texts[name].most_common(REPORTED)),
            )
            for name, problems in self.problems.items()
        }
