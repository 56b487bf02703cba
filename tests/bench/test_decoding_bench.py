"""The bench of search as decoding: differences at equal tokens, paired by problem and by seed."""

import numpy as np
import pytest

from bench.decoding_table import SEARCH, Measured, markdown, summary


def measured(search: list[float], best: list[float], tokens: float) -> Measured:
    ways = {SEARCH: search, "best-of-k": best}
    values = {way: dict(zip("abcd", column, strict=True)) for way, column in ways.items()}
    return Measured(values, tokens, tokens / 10, short=1)


def test_differences_have_an_interval_over_problems_and_one_over_seeds() -> None:
    found = summary(
        {
            1: {"beam": measured([1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0], 40)},
            2: {"beam": measured([1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0], 60)},
        }
    )
    row = found["searches"]["beam"]
    assert (row["problems"], row["tokens"], row["draws"], row["short"]) == (4, 50, 5, 2)
    assert row["accuracy"] == {SEARCH: [75.0, 100.0], "best-of-k": [50.0, 50.0]}
    gain = row["gains"]["best-of-k"]
    assert gain["mean"] == pytest.approx(37.5)
    # Student's t with one degree of freedom: 12.706 x (25 / sqrt(2)) / sqrt(2)
    assert gain["over_seeds"] == pytest.approx([37.5 - 158.8, 37.5 + 158.8], abs=0.1)
    low, high = gain["over_problems"]
    assert -100 < low < 37.5 < high < 100
    assert markdown(found)[-1].startswith("| beam | 50 | 5.0 | 2 | 75.0 100.0 | +37.5, ")


def test_a_problem_without_a_verdict_counts_nowhere() -> None:
    nan = float("nan")
    runs = {
        1: {"beam": measured([1.0, nan, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0], 40)},
        2: {"beam": measured([1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, nan], 40)},
    }
    row = summary(runs)["searches"]["beam"]
    assert row["problems"] == 2
    assert row["accuracy"][SEARCH] == [50.0, 50.0]
    assert not np.isnan(row["gains"]["best-of-k"]["mean"])
