"""Counts what was accepted and why the rest was not: in all, by source, and by difficulty of the problems."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, astuple, dataclass
from typing import Any

from filters.counting.pass_rates import PassRate, accepted_share, outcome
from filters.reasons import FAIL, UNKNOWN
from records.counts import ContaminationCounts, JudgedGroup, JudgingCounts
from records.rows import Trace

Difficulty = Callable[[float | None], str]
"""Names the difficulty of a pass rate; None is the rate of a problem without a decided trace."""


@dataclass(slots=True)
class ProblemCounts:
    """Sums over the traces of one problem."""

    source: str
    """The source of its first trace."""
    traces: int = 0
    accepted: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    decided: int = 0
    """Number of traces that say how hard the problem is (`filters.counting.pass_rates.outcome`)."""
    passed: int = 0
    """Number of accepted ones among the decided traces."""

    def include(self, other: "ProblemCounts") -> None:
        self.traces += other.traces
        self.accepted += other.accepted
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.decided += other.decided
        self.passed += other.passed


Rated = tuple[ProblemCounts, float | None]
"""A problem and its pass rate; None if none of its traces is decided."""


def group_counts(problems: list[Rated]) -> JudgedGroup:
    """Return the counts of one group of problems."""
    rate = mean_rate(problems)
    return JudgedGroup(
        problems=len(problems),
        solved=sum(problem.accepted > 0 for problem, _ in problems),
        traces=sum(problem.traces for problem, _ in problems),
        accepted=sum(problem.accepted for problem, _ in problems),
        prompt_tokens=sum(problem.prompt_tokens for problem, _ in problems),
        completion_tokens=sum(problem.completion_tokens for problem, _ in problems),
        pass_rate=None if rate is None else round(rate, 4),
    )


def mean_rate(problems: list[Rated]) -> float | None:
    rates = [rate for _, rate in problems if rate is not None]
    return sum(rates) / len(rates) if rates else None


def grouped(problems: Iterable[Rated], name_of: Callable[[Rated], str]) -> dict[str, list[Rated]]:
    groups: dict[str, list[Rated]] = {}
    for rated in problems:
        groups.setdefault(name_of(rated), []).append(rated)
    return groups


class Funnel:
    """Adds up judged traces, in any order. Each rejected trace counts once, under its first reason. A funnel holds a
    few numbers for each problem, and the funnels of shards, included in their order, add up to the funnel of the
    whole."""

    def __init__(self) -> None:
        self.rejected: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.problems: dict[str, ProblemCounts] = {}

    def add(self, trace: Trace) -> None:
        decided = outcome(trace)
        one = ProblemCounts(
            source=trace.source,
            traces=1,
            accepted=int(trace.accepted),
            prompt_tokens=trace.prompt_tokens,
            completion_tokens=trace.completion_tokens,
            decided=int(decided is not None),
            passed=int(decided is True),
        )
        self.include_problem(trace.problem_id, one)
        for kind, counter in ((FAIL, self.rejected), (UNKNOWN, self.unknown)):
            reasons = [verdict.reason for verdict in trace.verdicts if verdict.outcome == kind]
            if reasons:
                counter[reasons[0]] += 1
                return

    def include_problem(self, problem: str, more: ProblemCounts) -> None:
        self.problems.setdefault(problem, ProblemCounts(more.source)).include(more)

    def plain(self) -> dict[str, Any]:
        """Return the form that is kept with a shard."""
        problems = {problem: astuple(counts) for problem, counts in self.problems.items()}
        return {"rejected": self.rejected, "unknown": self.unknown, "problems": problems}

    def include(self, plain: dict[str, Any]) -> None:
        """Add a shard's funnel in its plain form."""
        self.rejected.update(plain["rejected"])
        self.unknown.update(plain["unknown"])
        for problem, sums in plain["problems"].items():
            self.include_problem(problem, ProblemCounts(*sums))

    def counts(
        self,
        pass_rate: PassRate = accepted_share,
        difficulty: Difficulty | None = None,
        contaminated_by: dict[str, ContaminationCounts] | None = None,
        verifier_s: float = 0.0,
    ) -> JudgingCounts:
        """Return the counts of the judge stage's manifest; by difficulty, hardest first, if difficulties have names."""
        rated: list[Rated] = [
            (problem, pass_rate(problem.decided, problem.passed) if problem.decided else None)
            for problem in self.problems.values()
        ]
        by_source = grouped(rated, lambda one: one[0].source)
        return JudgingCounts(
            **asdict(group_counts(rated)),
            rejected=dict(self.rejected.most_common()),
            unknown=dict(self.unknown.most_common()),
            by_source={name: group_counts(by_source[name]) for name in sorted(by_source)},
            by_difficulty=by_difficulty(rated, difficulty) if difficulty else None,
            contaminated_by=contaminated_by or {},
            verifier_s=round(verifier_s, 3),
        )


def by_difficulty(rated: list[Rated], difficulty: Difficulty) -> dict[str, JudgedGroup]:
    """Group the counts by difficulty, the hardest first and problems without a pass rate last."""
    groups = grouped(rated, lambda one: difficulty(one[1]))
    rates = {name: mean_rate(group) for name, group in groups.items()}
    hardest_first = sorted(groups, key=lambda name: (rates[name] is None, rates[name]))
    return {name: group_counts(groups[name]) for name in hardest_first}
