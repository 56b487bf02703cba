"""Hostile files are judged: no row runs code or stops the command, and every bad value is data or one clear line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT

from flows import judge as command

Row = dict[str, Any]


def write(path: Path, rows: list[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def judged(tmp_path: Path, rows: list[Row], *options: str) -> list[Row]:
    source, target = write(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet"
    assert command.main([str(source), str(target), "--bare", *options]) == 0
    found: list[Row] = pq.read_table(target).to_pylist()
    return found


def refused(capsys: pytest.CaptureFixture[str], source: Path, target: Path, *options: str) -> str:
    """The one line by which the command refuses."""
    assert command.main([str(source), str(target), "--bare", *options]) == 2
    return capsys.readouterr().err.splitlines()[-1]


PAYLOADS = {
    "number_sorting": "[__import__('pathlib').Path({path!r}).touch()]",
    "polynomial_multiplication": "__import__('pathlib').Path({path!r}).touch()",
    "simple_integration": "__import__('pathlib').Path({path!r}).touch()",
    "intermediate_integration": "__import__('pathlib').Path({path!r}).touch()",
}


@pytest.fixture
def entries(tmp_path: Path) -> list[Row]:
    rows = []
    for task, payload in PAYLOADS.items():
        text = payload.format(path=str(tmp_path / task))
        metadata = {"source_dataset": task, "integrand": text, "variable": "x", "numbers": [1]}
        extra = {"question": "?", "answer": text, "metadata": metadata}
        rows.append({"reference": "2", "completion": r"\boxed{1}x", "verifier": "reasoning_gym", "extra": extra})
    return rows


def test_a_row_chooses_no_code(entries: list[Row], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, write(tmp_path / "in.jsonl", entries), tmp_path / "out.parquet")
    assert line.startswith("error: ")
    assert "in.jsonl:1: names the verifier 'reasoning_gym'; allow it with --allow reasoning_gym" in line


def test_nothing_of_an_allowed_row_runs(entries: list[Row], tmp_path: Path) -> None:
    rows = judged(tmp_path, entries, "--allow", "reasoning_gym")
    assert all(row["outcome"] != "pass" for row in rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.parquet"]


TESTS = {"tests": ["assert f(1) == 2"]}
TILDES = "~" * 6000 + "`"
DIGITS = "```python\nprint('1' * 2_000_000 + 'x')\n```"
SLEEPS = "def f(x):\n    import time\n    time.sleep(60)"


CUBES = (
    "(declare-const x Int) (declare-const y Int) (declare-const z Int) (assert (> x 1000))"
    "(assert (= (+ (* x x x) (* y y y) (* z z z)) 33))"
)


@pytest.mark.parametrize(
    ("row", "options", "number"),
    [
        ({"completion": TILDES, "extra": TESTS}, ["--verifier", "code"], signal.SIGINT),
        ({"completion": SLEEPS, "extra": TESTS}, ["--verifier", "code"], signal.SIGTERM),
        (
            {"completion": DIGITS, "extra": {"inputs": ["1"], "outputs": ["3.14"]}},
            ["--verifier", "code"],
            signal.SIGINT,
        ),
        ({"reference": r"\prod_{i=1}^{2} i", "completion": r"\boxed{\prod_{i=1}^{10^9} i}"}, [], signal.SIGINT),
        (
            {"completion": r"\boxed{8}", "extra": {"formal": CUBES, "unknowns": "x"}},
            ["--verifier", "formal"],
            signal.SIGTERM,
        ),
    ],
)
def test_a_signal_ends_judging(tmp_path: Path, row: Row, options: list[str], number: signal.Signals) -> None:
    source = write(tmp_path / "in.jsonl", [row] * 200)
    arguments = [sys.executable, "-m", "flows", "judge", str(source), str(tmp_path / "out.parquet"), "--bare", *options]
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob(".out*")):  # it has begun to judge
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(1)
    ended_by_itself = process.poll() is not None
    started = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    if not ended_by_itself:
        assert time.monotonic() - started < 2
        assert process.returncode == 128 + number, errors
        assert "interrupted; nothing was written" in errors
        assert not list(tmp_path.glob("*out*"))


def test_programs_that_end_badly_are_data(tmp_path: Path) -> None:
    programs = [f"import os\ndef f(x): os.kill(os.getpid(), {number})" for number in (32, 33, 40, 63)]
    programs += ["def f(x): raise ValueError('\\ud800')", "def f(x): return '\\ud800'"]
    rows = judged(tmp_path, [{"completion": one, "extra": TESTS} for one in programs], "--verifier", "code")
    assert [row["outcome"] for row in rows] == ["fail"] * len(programs)
    # The signal may reach the process after its answer, which is wrong as well.
    details = [row["verdicts"][-1]["detail"] for row in rows[:4]]
    assert set(details) <= {*(f"killed by signal {number}" for number in (32, 33, 40, 63)), "test 1: AssertionError"}
    assert any(detail.startswith("killed by signal") for detail in details)
    assert "�" in rows[4]["verdicts"][-1]["detail"]


def test_bad_values_of_extra_are_unverifiable(tmp_path: Path) -> None:
    nested: Any = []
    for _ in range(400):
        nested = [nested]
    extras = [TESTS | {"cpu_s": "ten"}, TESTS | {"cpu_s": [1]}, TESTS | {"tolerance": "x"}, {"tests": nested}]
    extras += [{"tests": 7}, {"inputs": 3, "outputs": 3}]
    rows = judged(
        tmp_path, [{"completion": "def f(x): return 2", "extra": one} for one in extras], "--verifier", "code"
    )
    assert [(row["outcome"], row["reason"]) for row in rows] == [("unknown", "unverifiable")] * len(extras)


def test_bad_cells_are_kept_as_text(tmp_path: Path) -> None:
    rows: list[Row] = [
        {
            "reference": "4",
            "completion": "\\boxed{4}",
            "a": ["\ud800"],
            "b": 2**70,
            "c": 2**60,
            "d\ud800": {"x": "\udfff"},
        },
        {"reference": "4", "completion": "\\boxed{4}\ud800", "a": None, "b": 1, "c": 0.5, "d\ud800": None},
    ]
    first, second = judged(tmp_path, rows)
    assert (first["a"], first["b"], first["c"], first["d�"]) == ('["�"]', str(2**70), str(2**60), '{"x": "�"}')
    assert [row["outcome"] for row in (first, second)] == ["pass", "pass"]


def test_files_that_cannot_be_read_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out.parquet"
    twice = pa.Table.from_arrays([pa.array(["4"])] * 3, names=["reference", "completion", "completion"])
    pq.write_table(twice, tmp_path / "twice.parquet")
    assert "has the column 'completion' twice" in refused(capsys, tmp_path / "twice.parquet", target)
    broken = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    table = pa.Table.from_arrays([pa.array(["4"]), broken], names=["reference", "completion"])
    pq.write_table(table, tmp_path / "broken.parquet")
    assert "not UTF-8" in refused(capsys, tmp_path / "broken.parquet", target)
    deep = '{"reference": "4", "completion": "4", "extra": ' + "[" * 990 + "]" * 990 + "}\n"
    (tmp_path / "deep.jsonl").write_text(deep)
    command.main([str(tmp_path / "deep.jsonl"), str(target), "--bare"])
    assert "Traceback" not in capsys.readouterr().err


def test_a_long_line_is_refused_before_it_is_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "long.jsonl").write_text('{"reference": "4", "completion": "' + "x" * (65 << 20) + '"}\n')
    assert "long.jsonl:1: longer than 64 MiB" in refused(capsys, tmp_path / "long.jsonl", tmp_path / "out.parquet")


def test_an_output_that_cannot_be_written_is_told_before_judging(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "in.jsonl", [{"reference": "4", "completion": "4"}])
    (tmp_path / "folder.parquet").mkdir()
    assert "is a folder" in refused(capsys, source, tmp_path / "folder.parquet")
    assert "cannot be written" in refused(capsys, source, tmp_path / "missing" / "out.parquet")


def test_two_judges_of_one_output_exclude_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"reference": r"\prod_{i=1}^{2} i", "completion": r"\boxed{\prod_{i=1}^{10^9} i}"}] * 20
    source, target = write(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet"
    arguments = [sys.executable, "-m", "flows", "judge", str(source), str(target), "--bare"]
    first = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL)
    while not (tmp_path / ".out.parquet.tmp").exists():
        assert first.poll() is None
        time.sleep(0.05)
    assert "another process is writing it" in refused(capsys, source, target)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert judged(tmp_path, [{"reference": "4", "completion": "4"}])[0]["outcome"] == "pass"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.parquet"]


def test_a_column_has_any_name_that_parquet_can_hold(tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"a\x00b": [1], "reference": ["4"], "completion": ["\\boxed{4}"]}), source)
    assert command.main([str(source), str(target), "--bare"]) == 0
    (row,) = pq.read_table(target).to_pylist()
    assert (row["a�b"], row["outcome"]) == (1, "pass")


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1], pa.timestamp("us", "Nowhere/X")),
        pa.array([2**62], pa.timestamp("us")),
        pa.array([2**30], pa.date32()),
    ],
)
def test_a_date_that_does_not_exist_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], values: pa.Array
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"when": values, "reference": ["4"], "completion": ["\\boxed{4}"]}), source)
    assert "holds a date or time zone" in refused(capsys, source, tmp_path / "out.parquet")
