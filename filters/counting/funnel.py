"""Counts of what was accepted and why the rest was not: in all, by source, and by difficulty of the problems."""

from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

from filters.counting.pass_rates import PassRate, accepted_share, outcome
from filters.reasons import FAIL, UNKNOWN
from records.rows import Trace

Difficulty = Callable[[float | None], str]
"""Names a pass rate; None is that of a problem without a decided trace."""


@dataclass(slots=True)
class Tried:
    """Sums over the traces of one problem."""

    source: str
    """Of its first trace."""
    traces: int = 0
    accepted: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    decided: int = 0
    """Traces that say how hard it is (`filters.counting.pass_rates.outcome`)."""
    passed: int = 0
    """The accepted among them."""

    def include(self, other: "Tried") -> None:
        self.traces += other.traces
        self.accepted += other.accepted
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.decided += other.decided
        self.passed += other.passed


@dataclass(slots=True)
class Group:
    """Sums over problems."""

    problems: int = 0
    solved: int = 0
    traces: int = 0
    accepted: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    rates: float = 0.0
    rated: int = 0

    def add(self, tried: Tried, rate: float | None) -> None:
        self.problems += 1
        self.solved += tried.accepted > 0
        self.traces += tried.traces
        self.accepted += tried.accepted
        self.prompt_tokens += tried.prompt_tokens
        self.completion_tokens += tried.completion_tokens
        if rate is not None:
            self.rates, self.rated = self.rates + rate, self.rated + 1

    @property
    def pass_rate(self) -> float | None:
        """The mean over its problems."""
        return self.rates / self.rated if self.rated else None

    def counts(self) -> dict[str, Any]:
        """`tokens` are those of whole traces, also of those taken over; 0 where they were recorded without."""
        tokens, rate = self.prompt_tokens + self.completion_tokens, self.pass_rate
        counts: dict[str, Any] = {"problems": self.problems, "solved": self.solved}
        counts |= {"pass_rate": round(rate, 4)} if rate is not None else {}
        counts |= {"traces": self.traces, "accepted": self.accepted}
        counts |= {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens, "tokens": tokens}
        return counts | ({"tokens_per_accepted": round(tokens / self.accepted, 1)} if tokens and self.accepted else {})


class Funnel:
    """Adds up judged traces, in any order; each rejected one counts once, under the first reason given. Holds a few
    numbers for each problem. The funnels of shards, included in their order, are the funnel of the whole."""

    def __init__(self) -> None:
        self.sampled = self.accepted = 0
        self.rejected: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.problems: dict[str, Tried] = {}

    def add(self, trace: Trace) -> None:
        says, accepted = outcome(trace), trace.accepted
        tokens = (trace.prompt_tokens, trace.completion_tokens)
        self.sampled += 1
        self.accepted += accepted
        self.note(trace.problem_id, Tried(trace.source, 1, accepted, *tokens, says is not None, says is True))
        for kind, counter in ((FAIL, self.rejected), (UNKNOWN, self.unknown)):
            reasons = [verdict.reason for verdict in trace.verdicts if verdict.outcome == kind]
            if reasons:
                counter[reasons[0]] += 1
                return

    def note(self, problem: str, more: Tried) -> None:
        self.problems.setdefault(problem, Tried(more.source)).include(more)

    def plain(self) -> dict[str, Any]:
        """As it is kept with a shard."""
        problems = {problem: astuple(tried) for problem, tried in self.problems.items()}
        return {"rejected": self.rejected, "unknown": self.unknown, "problems": problems}

    def include(self, plain: dict[str, Any]) -> None:
        self.rejected.update(plain["rejected"])
        self.unknown.update(plain["unknown"])
        for problem, sums in plain["problems"].items():
            tried = Tried(*sums)
            self.sampled += tried.traces
            self.accepted += tried.accepted
            self.note(problem, tried)

    def counts(self, pass_rate: PassRate = accepted_share, difficulty: Difficulty | None = None) -> dict[str, Any]:
        """For the manifest. By difficulty, the hardest first, where that has names."""
        whole, by_source, by_difficulty = Group(), dict[str, Group](), dict[str, Group]()
        for tried in self.problems.values():
            rate = pass_rate(tried.decided, tried.passed) if tried.decided else None
            whole.add(tried, rate)
            by_source.setdefault(tried.source, Group()).add(tried, rate)
            if difficulty:
                by_difficulty.setdefault(difficulty(rate), Group()).add(tried, rate)
        counts = whole.counts()
        counts = {"sampled": counts.pop("traces"), "problems_solved": counts.pop("solved")} | counts
        counts |= {"rejected": dict(self.rejected.most_common()), "unknown": dict(self.unknown.most_common())}
        counts |= {"by_source": {name: by_source[name].counts() for name in sorted(by_source)}}
        bands = sorted(by_difficulty.items(), key=lambda band: (band[1].rated == 0, band[1].pass_rate))
        return counts | ({"by_difficulty": {name: group.counts() for name, group in bands}} if difficulty else {})
