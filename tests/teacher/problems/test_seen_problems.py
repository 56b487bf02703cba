"""Traces are numbered problem by problem, in whatever order they come."""

from pathlib import Path

from teacher.problems.seen_problems import FILE, temporary_problems


def test_traces_are_numbered_by_problem(tmp_path: Path) -> None:
    with temporary_problems(tmp_path) as problems:
        assert problems.count() == 0
        assert [problems.next_index(problem) for problem in "abaacb"] == [0, 0, 1, 2, 0, 1]
        assert problems.count() == 3
        assert [file.name for file in tmp_path.iterdir()] == [FILE]
    assert not [*tmp_path.iterdir()]
    with temporary_problems(tmp_path) as problems:
        assert problems.next_index("a") == 0
