"""The votes of one problem accept traces without a reference, or dispute the reference."""

from dataclasses import replace

import pytest
from conftest import make_trace

from filters.selection.building import distinct_texts
from filters.selection.entry import Entry, entry_of, vote_of
from filters.selection.votes import count_votes
from records.rows import CODE, MATH, Verdict


def votes(*answers: str, reference: str = "", verdict: str = "unknown", first_pass: int = 1) -> list[Entry]:
    return [
        Entry(position, None, 0, first_pass, verdict, answer, reference, 1, "made", answer.encode())
        for position, answer in enumerate(answers)
    ]


def same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


@pytest.mark.parametrize(("min_majority", "positions"), [(0.74, [0, 1, 3]), (0.75, [0, 1, 3]), (0.76, None)])
def test_a_majority_is_elected_from_its_least_share_on(min_majority: float, positions: list[int] | None) -> None:
    elected, disputed = count_votes(votes("a", "A", "b", "a", ""), min_majority, same)
    assert (elected and [entry.position for entry in elected.entries]) == positions
    assert disputed is None


def test_the_share_counts_the_first_pass_alone() -> None:
    entries = votes("a", "b", "a") + votes("a", "a", first_pass=0)
    elected, _ = count_votes(entries, 0.5, same)
    assert elected is not None
    assert len(elected.entries) == 4
    assert elected.share == 2 / 3
    later, _ = count_votes(votes("a", "a", first_pass=0), 0.5, same)
    assert later is not None
    assert later.share is None


def test_without_a_reference_nothing_is_compared_unless_a_majority_counts() -> None:
    def never(one: str, other: str) -> bool:
        raise AssertionError

    assert count_votes(votes("a", "b"), None, never) == (None, None)


def test_only_undecided_traces_are_elected() -> None:
    elected, _ = count_votes(votes("a", "a", verdict="fail"), 0.5, same)
    assert elected is not None
    assert elected.entries == []


def test_a_majority_against_the_reference_disputes_it() -> None:
    _, disputed = count_votes(votes("a", "A", "b", reference="b", verdict="fail"), None, same)
    assert disputed is not None
    assert (disputed.answer, disputed.votes, disputed.n) == ("a", 2, 3)
    assert count_votes(votes("a", "A", reference="b", verdict="pass"), None, same) == (None, None)


def test_the_verifiers_own_verdict_votes() -> None:
    verdict = Verdict(MATH, "1", "pass", extracted="4")
    assert vote_of(make_trace(verdicts=[Verdict("length", "1", "pass"), verdict])) == verdict


def test_why_an_answer_was_not_judged_is_no_answer() -> None:
    """Four workers that died say the same; two answers of three agree."""
    died = Verdict(MATH, "1", "unknown", "timeout", "a worker died")
    read = [Verdict(MATH, "1", "unknown", "unverifiable", extracted=answer) for answer in ("7", "7", "5")]
    traces = [make_trace(sample_index=at, reference="", verdicts=[one]) for at, one in enumerate([died] * 4 + read)]
    entries = [entry_of(trace, at) for at, trace in enumerate(traces)]
    elected, _ = count_votes(entries, 2 / 3, same)
    assert elected is not None
    assert [entry.position for entry in elected.entries] == [4, 5]


def test_what_its_verifier_never_saw_or_what_saw_the_reference_has_no_vote() -> None:
    verdict = Verdict(MATH, "1", "pass", extracted="4")
    assert vote_of(make_trace(verdicts=[Verdict("length", "1", "fail")])) is None
    assert vote_of(replace(make_trace(verdicts=[verdict]), hinted=True)) is None
    assert vote_of(make_trace(verifier=CODE, verdicts=[replace(verdict, filter=CODE)])) is None


def test_the_first_of_equal_texts_stays_in_its_own_place() -> None:
    assert [entry.position for entry in distinct_texts(votes("a", "b", "a", "c"))] == [0, 1, 3]
