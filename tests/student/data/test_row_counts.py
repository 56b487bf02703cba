"""Lengths and duplicates of any number of rows are counted as if all of them were in memory."""

from contextlib import closing

import numpy as np
import pytest

from student.data.digests import Digests, digest_of
from student.data.row_lengths import RowLengths


@pytest.mark.parametrize("rows", [1, 2, 20, 21, 1000])
def test_lengths_are_summed_up_as_from_all_of_them(rows: int) -> None:
    draws = np.random.default_rng(rows).integers(1, 300, rows)
    counted = RowLengths()
    for batch in np.array_split(draws, 3):
        counted.add(RowLengths(batch))
    summary = counted.summary()
    assert summary is not None
    found = [summary.shortest, summary.median, summary.p95, summary.longest]
    assert found == np.quantile(draws, [0, 0.5, 0.95, 1], method="higher").tolist()
    assert counted.tokens() == draws.sum()
    assert counted.attended() == pytest.approx((draws * (draws + 1) / 2).sum() / draws.sum())
    assert sum(summary.histogram.values()) == rows
    for bound, count in summary.histogram.items():
        assert count == ((draws <= int(bound)) & (draws > int(bound) / 2)).sum()


def test_no_rows_have_no_lengths() -> None:
    assert RowLengths().summary() is None
    assert RowLengths().tokens() == 0


@pytest.mark.parametrize("at_once", [1, 99, 100, 101, 10_000])
def test_duplicates_are_found_however_few_digests_fit_into_memory(at_once: int) -> None:
    draws = np.random.default_rng(0).integers(0, 1 << 64, 80, dtype=np.uint64, endpoint=False)
    ends = np.array([0, 0, (1 << 64) - 1, (1 << 64) - 1], np.uint64)
    everything = np.concatenate([draws, draws[:10], draws[:6], ends])
    with closing(Digests()) as digests:
        assert digests.duplicates(at_once) == 0
        for batch in np.array_split(everything, 7):
            digests.add(batch)
        assert digests.duplicates(at_once) == 18


def test_digests_tell_rows_apart() -> None:
    assert digest_of([1, 2]) == digest_of([1, 2]) < 2**64
    assert len({digest_of(ids) for ids in ([1, 2], [2, 1], [1], [1, 2, 0], [258])}) == 5
