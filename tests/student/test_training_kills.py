"""A training that `kill -9` hits at random instants ends as one that was never interrupted."""

from pathlib import Path

import pytest

from bench.training_faults import kill_trainings


@pytest.mark.parametrize("packing", [False, True])
def test_killed_at_random_instants(packing: bool, tmp_path: Path) -> None:
    result = kill_trainings(tmp_path, packing, times=2)
    assert result.trainings == 2
    assert result.killed > 0
    assert (result.other_weights, result.rows_twice, result.rows_left_out, result.other_order) == (0, 0, 0, 0)
