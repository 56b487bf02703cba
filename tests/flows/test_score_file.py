"""`retort score` tells a user's mistake, and a broken file, in one line."""

import gzip
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from score_file_makers import ONE, Rows, refused, scored, write

from eval.verdict_table import reading, rows
from flows.__main__ import main
from records import tables


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        ([*ONE, ONE[0]], [], "problem 'a' has two samples 0"),
        ([{"problem": "a", "sample": "x", "correct": 1}] * 2, [], "problem 'a' has two samples 'x'"),
        ([{"problem": "a", "correct": 1}] * 2, [], "no column 'sample'"),
        ([{"problem": "a", "sample": 0}], [], "has no column 'correct'; it has problem, sample"),
        ([{"id": "a", "correct": 1}], [], "name the right one with --problem-column"),
        (ONE, ["--score-column", "reward"], "has no column 'reward'"),
        (ONE, ["--by", "level"], "has no column 'level'"),
        (ONE, ["--where", "sample=1"], "no rows that meet the condition, of 2"),
        (ONE, ["--where", "sample"], "must be NAME=VALUE"),
        (ONE, ["--k", "1,2"], "problem 'a' has 1 samples, fewer than k = 2"),
        (ONE, ["--k", "0"], "whole numbers above 0"),
        ([*ONE, {"problem": "b", "sample": 1, "correct": True}], ["--k", "2"], "fewer than k = 2"),
        ([{"problem": "a", "sample": 0, "correct": float("nan")}], [], "'correct' is nan"),
        ([{"problem": "a", "sample": 0, "correct": True, "score": float("nan")}], [], "'score' is nan"),
        ([{"problem": "a", "sample": 0, "correct": True, "tokens": "many"}], [], "must be a number, found 'many'"),
        ([{"problem": "a", "sample": 0, "correct": 0.5}], [], "must say right or wrong"),
        ([{"problem": "", "sample": 0, "correct": True}], [], "'problem' is empty"),
        ([{"problem": "a", "correct": [True, False], "score": [1.0]}], [], "lists 2 samples, column 'score' lists 1"),
        ([{"problem": "a", "correct": []}, *ONE], [], "'correct' lists no sample"),
        ([*ONE, {"problem": "c", "correct": []}], [], "'correct' lists no sample"),
        ([{"problem": "a", "correct": 3, "n": 2}], ["--total-column", "n"], "is 3 of 2 samples"),
        ([{"problem": "a", "correct": 1, "n": 1_000_001}], ["--total-column", "n"], "a count up to 1,000,000"),
        ([{"problem": "a", "correct": 1, "n": 1e300}], ["--total-column", "n"], "a count up to 1,000,000"),
        ([{"problem": "a", "sample": 0, "correct": True, "tokens": 10**400}], [], "must be a number"),
        (
            [{"problem": "a", "sample": at, "correct": True, "level": at} for at in range(2)],
            ["--by", "level"],
            "earlier row",
        ),
    ],
)
def test_a_mistake_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: Rows, options: list[str], told: str
) -> None:
    line = refused(capsys, write(tmp_path / "t.jsonl", rows), *options)
    assert told in line
    assert "Traceback" not in line


WHOLE = gzip.compress(" ".join(map(str, range(9000))).encode(), mtime=0)
CORRUPT = WHOLE[:20] + b"\xff" * 20 + WHOLE[40:]
"""A gzip whose header is right and whose data is not."""


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.jsonl", b"", "has no rows"),
        ("t.csv", b"", "is empty"),
        ("t.csv", b"problem,correct\n", "has no rows"),
        ("t.csv", b"problem,correct,correct\na,1,1\n", "two columns named 'correct'"),
        ("t.csv", b"problem,correct\na,1,1\n", "more cells than the header"),
        ("t.csv", b"problem,correct\na,1\nb\xff,1\n", "not UTF-8"),
        ("t.csv", b'problem,correct\n"a,1\n', "not readable CSV"),
        ("t.jsonl", b'{"problem": "\xff", "correct": 1}\n', "t.jsonl:1: not UTF-8"),
        ("t.jsonl", b'{"problem": 1\n', "t.jsonl:1: not JSON"),
        ("t.json", b'{"rows": [], "other": []}', "name its list of rows with --rows (rows, other)"),
        ("t.json", b"[]", "has no rows"),
        ("t.parquet", b"no", "not a readable Parquet file"),
        ("t.csv.gz", b"no", "not readable CSV"),
        ("t.csv.gz", CORRUPT, "not readable CSV"),
        ("t.json.gz", CORRUPT, "broken gzip file"),
        ("t.jsonl.gz", CORRUPT, "broken gzip file"),
        ("t.xlsx", b"", "must end in"),
    ],
)
def test_a_broken_file_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert told in refused(capsys, tmp_path / name)


NOT_UTF8 = pa.Array.from_buffers(
    pa.string(), 1, [None, pa.py_buffer(bytes(4) + b"\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
)


@pytest.mark.parametrize(
    ("problems", "told"),
    [
        (NOT_UTF8, "holds text that is not UTF-8 (invalid start byte)"),
        (
            pa.array([2**62], pa.timestamp("us")),
            "holds a date or time zone that does not exist (date value out of range)",
        ),
        (
            pa.array([1], pa.timestamp("us", tz="Mars/Olympus")),
            "holds a date or time zone that does not exist ('Mars/Olympus')",
        ),
    ],
    ids=["not UTF-8", "a late date", "a zone"],
)
def test_parquet_that_python_cannot_hold_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], problems: pa.Array, told: str
) -> None:
    pq.write_table(pa.table({"problem": problems, "correct": pa.array([True])}), tmp_path / "t.parquet")
    assert told in refused(capsys, tmp_path / "t.parquet")


def test_a_column_that_stands_twice_in_parquet_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = [pa.array(["a"]), pa.array(["b"]), pa.array([True])]
    pq.write_table(pa.Table.from_arrays(columns, names=["problem", "problem", "correct"]), tmp_path / "t.parquet")
    assert "two columns named 'problem'" in refused(capsys, tmp_path / "t.parquet")


def test_half_a_character_is_written_as_a_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"problem": at, "correct": True, "level": ["\ud800x", "y"][at % 2]} for at in range(8)]
    assert "avg@1|level=\ufffdx" in scored(write(tmp_path / "t.jsonl", rows), "--by", "level")
    assert "\ufffdx" in capsys.readouterr().out


@pytest.mark.parametrize("end", ["json.gz", "csv.gz", "csv"])
@pytest.mark.parametrize("extra", [0, 1])
def test_a_packed_file_is_bounded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, end: str, extra: int
) -> None:
    """A gzip of kilobytes may hold one row of gigabytes, over any number of lines."""
    monkeypatch.setattr(tables, "MOST_JSON_MIB", 1)
    monkeypatch.setattr(rows, "LONGEST_ROW", 1 << 20)
    start, close = (b'[{"correct": 1, "problem": "', b'"}]') if end == "json.gz" else (b'problem,correct\n"', b'",1\n')
    filling = b"a\n" if end != "json.gz" else b"a"
    longest = (1 << 20) - len(start) - len(close) + extra
    content = start + filling * (longest // len(filling)) + b"b" * (longest % len(filling)) + close
    file = tmp_path / f"t.{end}"
    file.write_bytes(gzip.compress(content) if end.endswith("gz") else content)
    if extra:
        assert " more than 1 MiB" in refused(capsys, file).replace("longer than", "more than")
    else:
        assert scored(file)["avg@1"]["value"] == 1


def test_counts_do_not_multiply_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_COUNTED", 100)
    table = [{"problem": at, "correct": 1, "n": 100} for at in range(3)]
    assert scored(write(tmp_path / "t.jsonl", table[:2]), "--total-column", "n")["right"]["value"] == 2
    capsys.readouterr()
    assert "counts stand for more than 100 samples" in refused(
        capsys, write(tmp_path / "u.jsonl", table), "--total-column", "n"
    )


def test_many_long_columns_are_a_short_line_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text(",".join(f"{at}{'k' * 100}" for at in range(30_000)) + "\nx\n")
    started = time.process_time()
    line = refused(capsys, tmp_path / "t.csv")
    assert "and 29,980 more" in line
    assert len(line) < 2_000
    assert time.process_time() - started < 3


def test_a_missing_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such file" in refused(capsys, tmp_path / "t.csv")
    file = write(tmp_path / "t.jsonl", ONE)
    assert "cannot be written" in refused(capsys, file, "--json", tmp_path / "no" / "out.json")


def test_unequal_problems_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write(tmp_path / f"{n}.jsonl", ONE[:n]) for n in (1, 2)]
    assert "1 only in the second ('b')" in refused(capsys, files[0], "--against", files[1])


def test_runtimes_are_not_mixed_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write(tmp_path / f"{name}.jsonl", [row | {"runtime": name} for row in ONE]) for name in ("vllm", "ollama")]
    assert "different runtimes (vllm; ollama)" in refused(capsys, files[0], "--against", files[1])
    found = scored(files[0], "--against", files[1], "--mixed-runtimes")
    assert found["mixed_runtimes"]["why"] == "the difference mixes runtimes: vllm; ollama"


@pytest.mark.parametrize(
    ("letters", "is_refused"),
    [("A" * 20, True), ("A" * 19, False), ("A" * 110 + "BCD" * 30, True), ("ABCD" * 30, False)],
)
def test_letters_that_were_never_shuffled_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], letters: str, is_refused: bool
) -> None:
    rows = [{"problem": at, "correct": True, "reference": letter} for at, letter in enumerate(letters)]
    file = write(tmp_path / "t.jsonl", rows)
    if is_refused:
        assert "the right option is A in" in refused(capsys, file)
    else:
        assert scored(file)["avg@1"]["value"] == 1


def test_help_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["score", "--help"])
    told = capsys.readouterr().out
    for word in ("--against FILE2", "--json OUT", "--correct-column NAME", "95 % interval"):
        assert word in told


def test_a_tie_goes_to_the_first_sample_that_has_a_name(tmp_path: Path) -> None:
    samples = [{"problem": "a", "answer": f"{at}", "correct": at == 0} for at in range(2)]
    for names in ((0, 1), ("x", "y"), (0.0, 1.0)):
        table = [one | {"sample": name} for one, name in zip(samples, names, strict=True)]
        assert scored(write(tmp_path / "t.jsonl", table))["maj@2"]["value"] == 1.0
