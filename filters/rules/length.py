"""Rejects completions outside the configured bounds, in tokens. Recorded traces without a token count are not
bounded."""

from dataclasses import dataclass

from filters.reasons import FAIL, PASS, TOO_LONG, TOO_SHORT
from filters.rules.rule import Setup
from records.rows import Trace, Verdict


@dataclass(frozen=True)
class LengthBounds:
    min_tokens: int
    max_tokens: int | None
    name = "length_bounds"
    version = "1"

    @classmethod
    def configured(cls, setup: Setup) -> "LengthBounds":
        return cls(setup.config.min_tokens, setup.config.max_tokens)

    def judge(self, trace: Trace) -> Verdict:
        tokens, reason = trace.completion_tokens, ""
        if tokens and tokens < self.min_tokens:
            reason = TOO_SHORT
        elif self.max_tokens is not None and tokens > self.max_tokens:
            reason = TOO_LONG
        return Verdict(self.name, self.version, FAIL if reason else PASS, reason, str(tokens))
