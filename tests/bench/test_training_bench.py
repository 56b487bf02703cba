"""The benchmarks of training run through, at the smallest sizes."""

from pathlib import Path

import pytest

from bench import preflight, start_up, training
from bench.trainings import EMBEDDED, LARGER, Case
from records.preflight import read_preflight


def test_every_way_to_train_is_compared(tmp_path: Path) -> None:
    case = Case(EMBEDDED, tmp_path / "case", rows=40, steps=5)
    speeds = training.measure(case, rounds=1, warm_up=0)
    assert {name: len(several) for name, several in speeds.items()} == dict.fromkeys(training.RUNS, 1)
    entries = training.compare("embedded", speeds)
    assert [entry["unit"] for entry in entries] == ["tokens/s", "tokens/s", "supervised/s"]
    for entry in entries:
        assert entry["ours"] > 0
        assert entry["ratio"] == pytest.approx(entry["by_round"][0], abs=0.02)
        assert f"{entry['ours']:,}" in training.shown(entry)


def test_rows_of_the_larger_model_are_of_mixed_length(tmp_path: Path) -> None:
    case = Case(LARGER, tmp_path, rows=50, steps=5)
    lengths = [len(row["messages"][-1]["content"]) for row, _ in zip(case.dataset(), range(50), strict=False)]
    assert max(lengths) > 4 * min(lengths)


def test_a_start_has_parts_that_add_up(tmp_path: Path) -> None:
    start_up.one_step(tmp_path, 20).make()
    (tmp_path / "ours").mkdir()
    (tmp_path / "TRL").mkdir()
    for name, run in start_up.STARTS.items():
        marks = start_up.Marks(begun := start_up.time.time())
        run(start_up.one_step(tmp_path, 20), tmp_path / name, marks)
        assert sum(marks.seconds.values()) == pytest.approx(marks.last - begun)
        assert {part for part, seconds in marks.seconds.items() if not seconds} <= {"preflight"}


def test_the_preflight_has_sound_rows_to_check(tmp_path: Path) -> None:
    preflight.write_student(tmp_path / "student")
    preflight.write_dataset(tmp_path / "data", 30, 20)
    preflight.check(tmp_path, tmp_path / "data", tmp_path / "student", processes=1)
    found = read_preflight(tmp_path)
    assert (found.rows, found.duplicates, found.refusals) == (30, 0, [])
    assert found.trained > 25
