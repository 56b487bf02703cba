"""The cost and yield of sampling, by source and difficulty of the problems."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from configs.sampling import Price
from records.counts import EngineCounts, LogprobCounts, SampledGroup, SamplingCounts
from records.difficulty import DIFFICULTIES, UNDECIDED
from records.rows import CUT_OFF, FAILED, LOOPED
from teacher.sampling.journal import Entry

OF_SEARCHES = ("expansions", "kept_tokens", "unscored")
"""The sums that only searches have."""


@dataclass
class Account:
    """Running sums, one trace at a time, from which a `records.counts.SampledGroup` is made."""

    problems: int = 0
    solved: int = 0
    """Problems with an accepted trace; 0 if nothing was judged."""
    traces: int = 0
    accepted: int = 0
    taken_over: int = 0
    """Traces reused from earlier runs; their tokens cost nothing and are not counted."""
    surplus: int = 0
    """Traces drawn beyond the one at which their problem's drawing ended; they are stored apart and not used."""
    hinted: int = 0
    truncated: int = 0
    looped: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    expansions: int = 0
    """Requests of searches."""
    kept_tokens: int = 0
    """Tokens of the traces that searches found."""
    unscored: int = 0
    """Prefixes that a search's scorer left out."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens

    def add(self, entry: Entry, hinted: bool = False, surplus: bool = False) -> None:
        self.surplus += surplus
        self.traces += not surplus
        self.accepted += bool(entry.accepted) and not surplus
        self.hinted += hinted
        self.truncated += entry.finish_reason == CUT_OFF
        self.looped += entry.finish_reason == LOOPED
        self.failed += entry.finish_reason == FAILED
        self.taken_over += not entry.drawn_here
        if entry.drawn_here:
            self.prompt_tokens += entry.prompt_tokens
            self.reasoning_tokens += entry.reasoning_tokens
            self.answer_tokens += entry.answer_tokens
            self.expansions += entry.expansions
            self.kept_tokens += entry.kept_tokens
            self.unscored += entry.unscored

    def include(self, other: "Account") -> None:
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))

    def counts(self, price: Price, hours: float) -> SampledGroup:
        """Return the sums and their cost. `hours` is this group's share of the run's hours."""
        spent = cost(price, self.prompt_tokens, self.reasoning_tokens + self.answer_tokens, hours)
        sums = {part.name: getattr(self, part.name) for part in fields(self) if part.name not in OF_SEARCHES}
        return SampledGroup(**sums, cost=None if price == Price() else round(spent, 6))


def cost(price: Price, prompt_tokens: int, completion_tokens: int, hours: float) -> float:
    per_token = prompt_tokens * price.prompt_per_million + completion_tokens * price.completion_per_million
    return per_token / 1e6 + hours * price.per_hour


@dataclass
class Accounts:
    """Sums over finished shards by source and difficulty, and the finish reasons and logprobs of the traces that
    count."""

    parts: dict[tuple[str, str], Account] = field(default_factory=dict)
    finish_reasons: Counter[str] = field(default_factory=Counter)
    logprobs: Counter[str] = field(default_factory=Counter)
    """`tokens` with logprobs, and the traces that keep none though they were asked for (`without`)."""

    def add_logprobs(self, entry: Entry) -> None:
        """Count the logprobs of a trace for which they were asked."""
        self.logprobs["tokens"] += entry.logprob_tokens
        self.logprobs["without"] += not entry.logprob_tokens and entry.reasoning_tokens + entry.answer_tokens > 0

    def account_of(self, source: str, difficulty: str = UNDECIDED) -> Account:
        return self.parts.setdefault((source, difficulty), Account())

    def include(self, other: "Accounts") -> None:
        for part, account in other.parts.items():
            self.account_of(*part).include(account)
        self.finish_reasons.update(other.finish_reasons)
        self.logprobs.update(other.logprobs)

    def total(self) -> Account:
        return total(self.parts.values())

    def plain(self) -> dict[str, Any]:
        """Return the JSON-able form that is stored in a shard's Parquet file."""
        parts = [[*part, asdict(self.parts[part])] for part in sorted(self.parts)]
        logprobs = {"logprobs": dict(self.logprobs)} if self.logprobs else {}
        return {"parts": parts, "finish_reasons": dict(sorted(self.finish_reasons.items()))} | logprobs

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Accounts":
        parts = {(source, difficulty): Account(**sums) for source, difficulty, sums in plain["parts"]}
        return cls(parts, Counter(plain["finish_reasons"]), Counter(plain.get("logprobs", {})))

    def counts(
        self,
        price: Price,
        seconds: float,
        stopped_at: str | None = None,
        engine: EngineCounts | None = None,
        logprob_bytes: int | None = None,
    ) -> SamplingCounts:
        """Return the counts for the stage's manifest, after `seconds` of sampling. A group's share of the seconds is
        its share of the tokens. There are counts by difficulty only if traces were judged during sampling.
        `logprob_bytes` is the size of the files with logprobs; None if none were asked for."""
        whole = self.total()

        def group(accounts: Iterable[Account]) -> SampledGroup:
            account = total(accounts)
            return account.counts(price, seconds / 3600 * account.tokens / max(1, whole.tokens))

        sources, difficulties = {source for source, _ in self.parts}, {difficulty for _, difficulty in self.parts}
        by_source = {
            name: group(account for (source, _), account in self.parts.items() if source == name)
            for name in sorted(sources)
        }
        by_difficulty = {
            name: group(account for (_, difficulty), account in self.parts.items() if difficulty == name)
            for name in DIFFICULTIES
            if name in difficulties
        }
        completion_tokens = whole.reasoning_tokens + whole.answer_tokens
        return SamplingCounts(
            **asdict(whole.counts(price, seconds / 3600)),
            finish_reasons=dict(self.finish_reasons),
            sampling_s=round(seconds, 3),
            tokens_per_s=round(completion_tokens / seconds, 1) if seconds else 0.0,
            by_source=by_source,
            by_difficulty=by_difficulty if difficulties - {UNDECIDED} else None,
            stopped_at=stopped_at,
            engine=engine,
            logprobs=None if logprob_bytes is None else self.logprob_counts(logprob_bytes),
        )

    def logprob_counts(self, size: int) -> LogprobCounts:
        return LogprobCounts(tokens=self.logprobs["tokens"], bytes=size, traces_without=self.logprobs["without"])


def total(accounts: Iterable[Account]) -> Account:
    whole = Account()
    for account in accounts:
        whole.include(account)
    return whole
