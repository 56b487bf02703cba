"""Rejects a trace that was shown the answer and says so, in the words of the hint or in its own."""

import re
from dataclasses import dataclass

from filters.reasons import FAIL, PASS, QUOTES_HINT
from filters.rules.rule import Setup
from filters.rules.words import words_of
from records.rows import Trace, Verdict

ANSWER = r"(?:final |correct )*(?:answer|solution|result)"
PHRASES = (
    rf"\b(?:the|this|that|our|your) (?:given|provided|supplied|reference|known|expected|stated|target) {ANSWER}\b",
    rf"\b{ANSWER} (?:that )?(?:(?:is|was|has been) )?(?:already )?(?:given|provided|supplied|stated|told|shown) "
    r"(?:to (?:me|us)|above|for reference|as (?:a )?reference|in the (?:prompt|question|hint|instructions?))\b",
    rf"\b(?:we|i)(?: are|'re| am|'m| were| was|'ve been| have been)? (?:already )?"
    rf"(?:told|given) (?:that )?the {ANSWER}\b",
    rf"\b(?:we|i) (?:already )?know (?:that )?the {ANSWER}\b",
    r"\b(?:the|a|your|this) hint\b|\banswer key\b|\breference answer\b",
    r"参考答案|(?:给出|给定|提供|已知)的?(?:最终)?答案|答案已(?:经)?(?:给出|知)|提示(?:中|里|说)",
)
TOLD = re.compile("|".join(f"(?:{phrase})" for phrase in PHRASES), re.IGNORECASE)
"""The list is strict: few traces are hinted, and one that relies on the answer teaches the student to guess it."""
NGRAM = 6
"""Words in a row that quote the hint. Shorter runs ("the final answer is") are common phrases."""


@dataclass(frozen=True)
class QuotesHint:
    """Rejects hinted traces that quote the hint. `hints` are the templates in which traces were shown the answer."""

    hints: tuple[str, ...]
    name = "hint"
    version = "1"

    @classmethod
    def configured(cls, setup: Setup) -> "QuotesHint | None":
        return cls(setup.hints) if setup.hints else None

    def judge(self, trace: Trace) -> Verdict:
        quoted = self.quoted(trace) if trace.hinted else ""
        return Verdict(self.name, self.version, FAIL if quoted else PASS, QUOTES_HINT if quoted else "", quoted)

    def quoted(self, trace: Trace) -> str:
        text = f"{trace.reasoning}\n{trace.answer}".replace("’", "'")
        told = TOLD.search(text)
        if told and told.group().lower() not in trace.prompt.lower():
            return told.group()
        prompted = ngrams(trace.prompt)
        said = ngrams(text)
        runs = (run for hint in self.hints for part in re.split(r"{\w+}", hint) for run in ngrams(part))
        return next((" ".join(run) for run in runs if run in said and run not in prompted), "")


def ngrams(text: str) -> dict[tuple[str, ...], None]:
    """Return every run of NGRAM words, in order."""
    words = words_of(text.casefold())
    return dict.fromkeys(tuple(words[at : at + NGRAM]) for at in range(len(words) - NGRAM + 1))
