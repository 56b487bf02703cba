"""The order of a problem's traces."""

import pytest

from configs.selection import Selection
from filters.selection.candidates import Candidate
from filters.selection.ranking import ordered

LENGTHS = [30, 10, 50, 20, 40]


def lengths(order: str, problem: str = "p", of: list[int] = LENGTHS) -> list[int]:
    candidates = [Candidate(at, length, "made") for at, length in enumerate(of)]
    return [one.length for one in ordered(candidates, Selection.model_validate({"order": order}), problem)]


@pytest.mark.parametrize(
    ("order", "wanted"), [("first", LENGTHS), ("shortest", [10, 20, 30, 40, 50]), ("longest", [50, 40, 30, 20, 10])]
)
def test_by_length(order: str, wanted: list[int]) -> None:
    assert lengths(order) == wanted


def test_mixed_takes_both_ends_in_turn_from_either() -> None:
    firsts = [lengths("mixed", f"p{at}") for at in range(100)]
    assert {tuple(one) for one in firsts} == {(10, 50, 20, 40, 30), (50, 10, 40, 20, 30)}
    assert 30 < sum(one[0] == 10 for one in firsts) < 70
    assert lengths("mixed", "p1") == firsts[1]


@pytest.mark.parametrize("order", ["shortest", "longest", "mixed", "random"])
def test_none_and_one(order: str) -> None:
    assert lengths(order, of=[]) == []
    assert lengths(order, of=[7]) == [7]


def test_equal_lengths_keep_their_order() -> None:
    candidates = [Candidate(at, 5, "made") for at in range(3)]
    for order in ("shortest", "longest"):
        config = Selection.model_validate({"order": order})
        assert [one.position for one in ordered(candidates, config, "p")] == [0, 1, 2]
