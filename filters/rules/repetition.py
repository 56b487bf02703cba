"""Rejects loops and repetitions in the reasoning or in the answer."""

from dataclasses import dataclass

import numpy as np

from configs.judging import RepetitionLimits
from filters.reasons import FAIL, PASS, REPETITIVE
from filters.rules.rule import Setup
from filters.rules.words import ngram_hashes, words_of
from records.rows import Trace, Verdict


# The measure is Gopher's (arXiv 2112.11446, table A1): the share of characters inside repeated n-grams. Its limits are
# for web text (top 2- to 4-gram 0.20 to 0.16; duplicate 5- to 10-grams 0.15 to 0.10) and would reject 42 to 98 % of
# real traces by source, because a derivation restates its equations at every step. These limits come from 16,148 real
# traces: duplicate 20-grams reach 0.4 where a derivation restates itself, 0.59 in honest case analyses, and more in
# loops. The check of a repeated end finds loops that began late in a long text (docs/filters.md has the histograms).
@dataclass(frozen=True)
class Repetition:
    limits: RepetitionLimits
    name = "repetition"
    version = "1"

    @classmethod
    def configured(cls, setup: Setup) -> "Repetition | None":
        return cls(setup.config.repetition) if setup.config.repetition else None

    def judge(self, trace: Trace) -> Verdict:
        share = 0.0
        for part in (trace.reasoning, trace.answer):
            words = words_of(part)
            if len(words) < self.limits.min_words:
                continue
            period, covered = repeated_end(words[:-1], self.limits.end_repeats)  # the last word may be cut off
            if covered >= self.limits.min_words:
                detail = f"ends in {covered // period} repeats of {period} words"
                return Verdict(self.name, self.version, FAIL, REPETITIVE, detail)
            share = max(share, duplicate_share(words, self.limits.ngram))
        if share > self.limits.max_duplicate_share:
            return Verdict(self.name, self.version, FAIL, REPETITIVE, f"duplicate share {share:.2f}")
        return Verdict(self.name, self.version, PASS, detail=f"{share:.2f}")


def duplicate_share(words: list[str], n: int) -> float:
    """Return the share of the words' characters inside n-grams that occurred before; each character counts once."""
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.uint64)
    hashes = ngram_hashes(ids, n)
    if not len(hashes):
        return 0.0
    repeated = np.ones(len(hashes), dtype=bool)
    repeated[np.unique(hashes, return_index=True)[1]] = False
    edges = np.zeros(len(words) + 1, dtype=np.int64)
    edges[: len(hashes)] += repeated
    edges[n : n + len(hashes)] -= repeated
    lengths = np.array([len(word) for word in words])
    return float(lengths[np.cumsum(edges)[:-1] > 0].sum() / lengths.sum())


def repeated_end(words: list[str], repeats: int) -> tuple[int, int]:
    """Return `(period, words)` of the longest end that consists of at least `repeats` equal blocks; `(1, 0)` if there
    is none.

    Z-function of the reversed words (Gusfield, Algorithms on Strings, 1.3): matches[i] words before the last i repeat
    the end, so an end of matches[i] + i words has period i. Linear in the number of words.
    """
    text = words[::-1]
    matches, left, right, best = [0] * len(text), 0, 0, (1, 0)
    for i in range(1, len(text)):
        length = min(right - i, matches[i - left]) if i < right else 0
        while i + length < len(text) and text[length] == text[i + length]:
            length += 1
        matches[i] = length
        if i + length > right:
            left, right = i, i + length
        if length >= (repeats - 1) * i and length + i > best[1]:
            best = (i, length + i)
    return best
