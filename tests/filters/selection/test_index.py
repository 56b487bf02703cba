"""The index gives back what was put in, problem by problem, and leaves no file behind."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import make_trace

from filters.selection.building import build_index
from filters.selection.candidates import ProblemCandidates
from filters.selection.entry import Entry
from filters.selection.index import AT_ONCE, FILE, temporary_index
from filters.selection.near_duplicates import signature
from filters.selection.scores import Scores
from records.rows import Trace, Verdict


def entry(position: int, answer: str = "4") -> Entry:
    return Entry(position, 1, 1, 1, "pass", answer, "4", 10, "made", b"digest")


def problem(rank: int, number: int) -> ProblemCandidates:
    return ProblemCandidates(rank, number, f"id {number}", 1, 1, None, rank, 1, 0)


def accepted(count: int) -> Iterator[Trace]:
    """Four traces a problem."""
    verdicts = [Verdict("math", "1", "pass", extracted="4")]
    return (
        make_trace(prompt=f"p{i // 4}", sample_index=i % 4, reasoning=f"r{i}", verdicts=verdicts) for i in range(count)
    )


def test_traces_come_back_by_problem_in_order_of_appearance(tmp_path: Path) -> None:
    with temporary_index(tmp_path) as index:
        index.add_entries([("b", entry(0)), ("a", entry(1)), ("b", entry(2)), ("c", entry(3)), ("a", entry(4))])
        index.add_entries([("b", entry(5))])
        found = [(number, identity, [one.position for one in group]) for number, identity, group in index.problems()]
    assert found == [(1, "b", [0, 2, 5]), (2, "a", [1, 4]), (3, "c", [3])]


@pytest.mark.parametrize("answer", ["", "\0", "a\0b", "½ ≠ \U0001f600", " 4 "])
def test_an_entry_comes_back_as_it_was(tmp_path: Path, answer: str) -> None:
    with temporary_index(tmp_path) as index:
        index.add_entries([("a", entry(0, answer))])
        ((_, _, group),) = index.problems()
    assert group == [entry(0, answer)]


@pytest.mark.parametrize("count", [AT_ONCE - 1, AT_ONCE, AT_ONCE + 1])
def test_problems_may_be_dropped_while_they_are_read(tmp_path: Path, count: int) -> None:
    with temporary_index(tmp_path) as index:
        for rank in reversed(range(count)):
            index.add_problem(problem(rank, count - rank), [entry(rank)])
        seen = []
        for one in index.with_candidates():
            seen.append(one.rank)
            if one.rank % 2:
                index.drop(one)
        assert seen == [*range(count)]
        assert [one.rank for one in index.with_candidates()] == [*range(0, count, 2)]


def test_problems_by_identity_leave_out_those_without_candidates(tmp_path: Path) -> None:
    with temporary_index(tmp_path) as index:
        index.add_entries([(identity, entry(position)) for position, identity in enumerate("cabd")])
        for number in (1, 2, 4):
            index.add_problem(problem(number, number), [])
        assert [*index.numbers_by_id()] == [2, 1, 4]


def test_the_file_is_hidden(tmp_path: Path) -> None:
    with temporary_index(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [FILE]
    assert FILE.startswith(".")


def test_no_query_sorts_or_searches_a_whole_table(tmp_path: Path) -> None:
    """Sorting would fill the machine's temporary folder; a scan for each problem would take hours for a million."""
    statements: list[str] = []
    with temporary_index(tmp_path) as index:
        index.connection.set_trace_callback(statements.append)
        build_index(index, accepted(8), None, str.__eq__, Scores(), Counter())
        index.add_signatures([(0, signature("a b", 16))])
        index.add_bands(0, [b"a"])
        assert [*index.sharing([b"a"])] == [0]
        assert len(index.signature(0)) == 16
        for one in [*index.with_candidates()]:
            index.add_best(one.number, index.candidates(one.number))
        assert [index.best(number, 1) is None for number in index.numbers_by_id()] == [False, False]
        assert [*index.disputed()] == []
        index.drop(problem(0, 1))
        index.connection.set_trace_callback(None)
        plans = {row[3] for one in statements for row in index.connection.execute(f"EXPLAIN QUERY PLAN {one}")}
    scans = {plan for plan in plans if not plan.startswith("SEARCH ")}
    assert scans == {"SCAN problem", "SCAN problem USING COVERING INDEX sqlite_autoindex_problem_1", "SCAN disputed"}


def test_memory_does_not_grow_with_the_traces(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            with temporary_index(tmp_path) as index:
                assert build_index(index, accepted(count), None, str.__eq__, Scores(), Counter()) == count
                assert sum(one.texts for one in index.with_candidates()) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(4_000)  # imports, and Python keeps up to 2,000 freed tuples of each length
    assert peak(16_000) < peak(8_000) + 300_000  # garbage that was not collected yet takes up to 200,000
