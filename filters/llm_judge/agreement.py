"""How far a judge and the verifiers agree on traces that the verifiers decided, beyond chance and with intervals."""

from collections import Counter
from math import sqrt

from filters.reasons import FAIL, PASS
from records.opinion_counts import AgreementCounts, Share

Z = 1.959963984540054
"""Of a 95 % interval."""


class AgreementTable:
    """Counts pairs of outcomes, the verifiers' first."""

    def __init__(self) -> None:
        self.pairs = Counter[tuple[str, str]]()

    def add(self, verifiers: str, judge: str) -> None:
        self.pairs[verifiers, judge] += 1

    def counts(self) -> AgreementCounts | None:
        """Return the counts; None if nothing was compared."""
        if not self.pairs:
            return None
        both, lost = self.pairs[PASS, PASS], self.pairs[PASS, FAIL]
        let_in, neither = self.pairs[FAIL, PASS], self.pairs[FAIL, FAIL]
        decided = both + lost + let_in + neither
        agreement = wilson(both + neither, decided)
        return AgreementCounts(
            passed_passed=both,
            passed_failed=lost,
            failed_passed=let_in,
            failed_failed=neither,
            undecided=self.pairs.total() - decided,
            agreement=agreement,
            kappa=kappa(agreement, both + lost, both + let_in),
            passed_kept=wilson(both, both + lost),
            failed_kept=wilson(neither, let_in + neither),
        )


def wilson(count: int, of: int) -> Share:
    """Return a share with Wilson's score interval (1927), which has a width even at 0 and 1. The traces of the
    comparison are of different problems, so they are independent."""
    if not of:
        return Share(value=None, low=None, high=None, of=0)
    share = count / of
    centre = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    return Share(value=share, low=max(0.0, centre - half), high=min(1.0, centre + half), of=of)


def kappa(agreement: Share, passed: int, judged_right: int) -> Share:
    """Return Cohen's kappa from the agreement and how many traces the verifiers and the judge passed.

    As in Cohen's own interval (1960) the agreement by chance is taken as known; the ends are those of the agreement, so
    that the interval has a width even where all agree. None where both say the same of every trace: chance alone would
    agree as well.
    """
    of = agreement.of
    if agreement.value is None or agreement.low is None or agreement.high is None:
        return agreement
    chance = (passed * judged_right + (of - passed) * (of - judged_right)) / (of * of)
    if chance == 1:
        return Share(value=None, low=None, high=None, of=of)

    def beyond_chance(share: float) -> float:
        return (share - chance) / (1 - chance)

    return Share(
        value=beyond_chance(agreement.value),
        low=beyond_chance(agreement.low),
        high=beyond_chance(agreement.high),
        of=of,
    )
