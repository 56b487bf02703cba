"""How many rows may be left out of a training."""

import pytest

from student.data.faults import TOO_LONG, too_many_dropped


@pytest.mark.parametrize("percent", range(101))
def test_as_many_rows_as_the_share_allows_are_left_out(percent: int) -> None:
    for rows in (1, 3, 7, 100, 150, 1000):
        for lost in {0, percent * rows // 100, percent * rows // 100 + 1, rows - 1} & set(range(rows)):
            refusal = too_many_dropped({TOO_LONG: lost}, rows, percent / 100, {TOO_LONG: "row 0"})
            assert (refusal == "") == (100 * lost <= percent * rows), (lost, rows)


def test_all_rows_are_never_left_out() -> None:
    assert too_many_dropped({TOO_LONG: 2}, 3, 1.0, {TOO_LONG: "row 0"}) == ""
    assert "3 of 3 rows cannot be trained on" in too_many_dropped({TOO_LONG: 3}, 3, 1.0, {TOO_LONG: "row 0"})
    assert too_many_dropped({}, 0, 1.0, {}) == "there is no row to train on: select some"
