"""Selecting by score: the best first, and a threshold that is no verdict."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import make_trace
from selection_makers import text_of

from configs.selection import Selection
from filters.selection.dataset import read_scores_of, select_traces
from filters.selection.scores import Scores
from records.counts import SelectionCounts
from records.errors import InputError
from records.parquet import read_rows, write_rows
from records.rows import Verdict
from records.schemas import TRACE
from records.scores import SCORE

NO = float("nan")


def select(folder: Path, values: list[float], prompts: str = "", **config: Any) -> tuple[SelectionCounts, list[int]]:
    """Counts, and the sample indices of the rows of accepted traces with these scores, of one problem or of several."""
    passed = [Verdict("math", "1", "pass", extracted="4")]
    traces = [
        make_trace(prompt=prompts[at : at + 1] or "a", sample_index=at, reasoning=text_of(at), verdicts=passed)
        for at in range(len(values))
    ]
    write_rows(folder / "judged.parquet", traces, TRACE)
    scores = Scores(np.array(values), config.get("min_score"))
    selection = Selection(scorer="prm", **config)
    counts = select_traces(folder, folder / "judged.parquet", selection, lambda _: [], str.__eq__, scores=scores)
    return counts, [row["sample_index"] for row in read_rows(folder / "data")]


def test_the_highest_scores_come_first_and_those_without_last(tmp_path: Path) -> None:
    counts, rows = select(tmp_path, [0.2, NO, 0.9, 0.5, 0.9], order="score", max_per_problem=3)
    assert rows == [2, 3, 4], "rows are in the traces' order; of five the three best"
    assert counts.left_out == {"over_cap": 2}
    assert select(tmp_path, [NO, 0.2, -1.0], order="score", max_per_problem=2)[1] == [1, 2]
    assert select(tmp_path, [0.5, 0.5], order="score", max_per_problem=1)[1] == [0], "the first of equal ones"


def test_a_threshold_leaves_out_what_is_below_it(tmp_path: Path) -> None:
    counts, rows = select(tmp_path, [0.49, 0.5, 0.51, NO], min_score=0.5)
    assert rows == [1, 2]
    assert counts.left_out == {"low_score": 1, "no_score": 1}


def test_a_problem_may_lose_all_its_traces(tmp_path: Path) -> None:
    counts, rows = select(tmp_path, [0.1, 0.2, 0.9], prompts="aab", min_score=0.5)
    assert (rows, counts.problems, counts.left_out) == ([2], 1, {"low_score": 2})
    with pytest.raises(InputError, match=r"every accepted trace was left out.*low_score.*loosen selection"):
        select(tmp_path, [0.1, 0.2], min_score=0.5)


def test_scores_belong_to_as_many_traces(tmp_path: Path) -> None:
    write_rows(tmp_path / "judged.parquet", [make_trace(), make_trace(sample_index=1)], TRACE)
    row = {"problem_id": "p", "attempt": 0, "sample_index": 0, "scorer": "s", "steps": [], "ends": [], "tokens": 0}
    write_rows(tmp_path / "scores.parquet", [row | {"outcome": 0.25}], SCORE)
    with pytest.raises(InputError, match=r"holds 1 scores, and .* 2 traces"):
        read_scores_of(tmp_path / "judged.parquet", tmp_path / "scores.parquet", "outcome", None)
    write_rows(tmp_path / "scores.parquet", [row | {"outcome": 0.25}, row], SCORE)
    scores = read_scores_of(tmp_path / "judged.parquet", tmp_path / "scores.parquet", "outcome", None)
    assert [scores.of(0), scores.of(1)] == [0.25, None]
