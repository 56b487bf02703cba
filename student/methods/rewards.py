"""What a judged completion is rewarded with. Each part is a reward function of TRL's trainer, which logs it apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from records.rows import CUT_OFF, Trace, Verdict

FORMAT, LANGUAGE = "answer_format", "language"
"""Names of the rules whose verdicts are rewards of their own."""
PASS, UNKNOWN = "pass", "unknown"
CACHE_SHARE = 0.2
"""Share of the longest completion over which its length is punished: DAPO's 4,096 of 20,480 tokens."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A completion with the verdicts on it."""

    trace: Trace
    verdicts: Sequence[Verdict]
    longest: int
    """`max_completion_length`."""

    @property
    def is_unknown(self) -> bool:
        """True if a verifier gave up. Such a completion has no reward at all, not even for its format: it is left out
        of its group's mean and gets no gradient."""
        return any(verdict.outcome == UNKNOWN for verdict in self.verdicts)

    @property
    def is_truncated(self) -> bool:
        return self.trace.finish_reason == CUT_OFF

    def passes(self, name: str) -> bool:
        """Return True if a rule passes a completion that ended by itself."""
        return not self.is_truncated and any(one.filter == name and one.outcome == PASS for one in self.verdicts)


def answer(judged: Judged) -> float:
    """Return 1 if every rule but the language's passes, and the verifier, which is asked only then and comes last."""
    others = [verdict for verdict in judged.verdicts if verdict.filter != LANGUAGE]
    asked = bool(others) and others[-1].filter == judged.trace.verifier
    return float(asked and all(verdict.outcome == PASS for verdict in others))


def format_(judged: Judged) -> float:
    return float(judged.passes(FORMAT))


def language(judged: Judged) -> float:
    """Return 1 for one language, 0 for mixed ones and for an answer that is none: nonsense has no language."""
    return float(judged.passes(FORMAT) and judged.passes(LANGUAGE))


def length(judged: Judged) -> float:
    """Return DAPO's soft overlong punishment (arXiv 2503.14476, equation 13): 0 up to the cache, then down to -1."""
    cache = CACHE_SHARE * judged.longest
    over = judged.trace.completion_tokens - (judged.longest - cache)
    return -min(max(over / cache, 0.0), 1.0)


PARTS: dict[str, Callable[[Judged], float]] = {
    "answer": answer,
    "format": format_,
    "language": language,
    "length": length,
}
"""Functions that return a part of the reward, by the name of its weight in `configs.reinforcement.Rewards`."""


def rewards_of(judged: Judged, parts: Sequence[str]) -> list[float] | None:
    """Return the parts of a completion's reward; None if it has none."""
    return None if judged.is_unknown else [PARTS[name](judged) for name in parts]
