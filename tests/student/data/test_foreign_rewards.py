"""Pairs and step labels made elsewhere become rows for reward models."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from configs.reward_data import PairColumns
from records.errors import InputError
from records.hashing import problem_id
from records.replies import read_pairs, read_replies
from records.step_labels import LabelledSolution
from student.data.foreign_labels import import_labels
from student.data.foreign_pairs import import_pairs


def rows(*cells: tuple[str, str, str]) -> list[tuple[str, dict[str, Any]]]:
    named = [dict(zip(("prompt", "chosen", "rejected"), one, strict=True)) for one in cells]
    return [(f"made: row {at}", one) for at, one in enumerate(named)]


def test_pairs_are_split_and_benchmarks_left_out(tmp_path: Path) -> None:
    given = rows(("held?", "a", "b"), ("1 + 1?", "<think>\none\n</think>\n\n2", "<think>\nunclosed"))
    counts = import_pairs(tmp_path, given, PairColumns(), "made", {problem_id("held?")})
    assert (counts.pairs, counts.problems, counts.left_out) == (1, 1, {"in_benchmark": 1})
    better, worse = read_replies(tmp_path)
    assert (better.reasoning, better.answer, better.closed, better.accepted) == ("one", "2", True, True)
    assert (worse.reasoning, worse.answer, worse.closed, worse.accepted) == ("unclosed", "", False, False)
    assert (better.sample_index, worse.sample_index) == (2, 3)
    assert [(pair.chosen, pair.rejected) for pair in read_pairs(tmp_path)] == [(0, 1)]


def test_pairs_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no column 'better'"):
        import_pairs(tmp_path, rows(("a", "b", "c")), PairColumns(chosen="better"), "made", set())
    with pytest.raises(InputError, match=r"no pair is left to train on; left out are .*in_benchmark"):
        import_pairs(tmp_path, rows(("a", "b", "c")), PairColumns(), "made", {problem_id("a")})


def test_replies_that_are_alike_are_no_pair(tmp_path: Path) -> None:
    given = rows(("1 + 1?", "<think>a</think>2", "<think>\na\n</think>\n\n2 "), ("2 + 2?", "4", "5"))
    counts = import_pairs(tmp_path, given, PairColumns(), "made", set())
    assert (counts.pairs, counts.left_out) == (1, {"alike": 1})
    assert [reply.sample_index for reply in read_replies(tmp_path)] == [2, 3]


def solution(problem: str, *labels: float | None) -> LabelledSolution:
    return LabelledSolution(problem, tuple(f"step {at}" for at in range(len(labels))), labels, "made")


def test_labels_are_counted(tmp_path: Path) -> None:
    given = [solution("a", 1.0, 0.0, None), solution("b", None), solution("held?", 1.0), solution("c", 0.25)]
    counts = import_labels(tmp_path, given, "made", {problem_id("held?")})
    assert (counts.solutions, counts.steps, counts.labelled, counts.right) == (2, 4, 3, 1)
    assert counts.left_out == {"unlabelled": 1, "in_benchmark": 1}
    table = pq.read_table(tmp_path / "steps.parquet").to_pydict()
    assert table["labels"] == [[1.0, 0.0, None], [0.25]]
    assert table["sample_index"] == [0, 3]


@pytest.mark.parametrize(("label", "kind"), [(1.0, "right"), (0.5, "wrong")])
def test_constant_labels_teach_nothing(tmp_path: Path, label: float, kind: str) -> None:
    with pytest.raises(InputError, match=f"all 2 labelled steps are {kind}"):
        import_labels(tmp_path, [solution("a", label, None, label)], "made", set())


def test_no_solution_is_left(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no solution is left to train on"):
        import_labels(tmp_path, [solution("a", None)], "made", set())
