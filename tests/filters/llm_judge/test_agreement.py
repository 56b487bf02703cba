"""Agreement and kappa are those of the books, with intervals that have a width."""

import pytest

from filters.llm_judge.agreement import AgreementTable, wilson
from records.opinion_counts import AgreementCounts


def table(both: int, lost: int, let_in: int, neither: int, unknown: int = 0) -> AgreementCounts:
    made = AgreementTable()
    cells = {("pass", "pass"): both, ("pass", "fail"): lost, ("fail", "pass"): let_in, ("fail", "fail"): neither}
    for (verifiers, judge), count in (cells | {("fail", "unknown"): unknown}).items():
        for _ in range(count):
            made.add(verifiers, judge)
    counts = made.counts()
    assert counts is not None
    return counts


def test_kappa_of_a_known_table() -> None:
    """20, 5, 10, 15 is the example of Wikipedia's "Cohen's kappa": agreement 0.7, by chance 0.5, kappa 0.4."""
    counts = table(20, 5, 10, 15, unknown=3)
    assert counts.agreement.value == pytest.approx(0.7)
    assert counts.kappa.value == pytest.approx(0.4)
    assert (counts.agreement.of, counts.undecided) == (50, 3)
    assert counts.passed_kept.value == pytest.approx(0.8)
    assert counts.failed_kept.value == pytest.approx(0.6)


def test_perfect_agreement_has_an_interval_with_a_width() -> None:
    counts = table(50, 0, 0, 50)
    assert counts.kappa.value == 1.0
    assert counts.kappa.low == pytest.approx(0.926, abs=0.001)
    assert counts.kappa.high == 1.0


def test_a_judge_that_always_says_yes_agrees_by_chance() -> None:
    counts = table(50, 0, 50, 0)
    assert counts.agreement.value == 0.5
    assert counts.kappa.value == pytest.approx(0.0)


def test_where_all_say_the_same_kappa_is_not_defined() -> None:
    counts = table(9, 0, 0, 0)
    assert (counts.agreement.value, counts.kappa.value, counts.failed_kept.value) == (1.0, None, None)


def test_without_a_decided_trace_nothing_is_defined() -> None:
    counts = table(0, 0, 0, 0, unknown=4)
    assert (counts.agreement.value, counts.kappa.value, counts.undecided) == (None, None, 4)
    assert AgreementTable().counts() is None


def test_wilson_s_interval() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611."""
    share, none = wilson(81, 263), wilson(0, 20)
    assert (share.low, share.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    assert (none.low, none.high) == (0.0, pytest.approx(0.1611, abs=1e-4))
