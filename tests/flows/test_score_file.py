"""`retort score` computes the statistics of any table of verdicts, and tells a user's mistake in one line."""

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from report_makers import judged_trace, write_judged
from score_file_makers import ONE, TABLE, Rows, refused, scored, write

from eval.metrics.accuracy import score_benchmark
from flows.__main__ import main
from records.rows import Variant


@pytest.mark.parametrize("name", ["t.jsonl", "t.jsonl.gz", "t.json", "t.csv", "t.csv.gz", "t.parquet"])
def test_every_format_says_the_same(tmp_path: Path, name: str) -> None:
    found = scored(write(tmp_path / name, TABLE), "--equal", "text")
    assert {metric: row["value"] for metric, row in found.items()} == pytest.approx(
        {
            **{
                "avg@3": 0.5,
                "right": 3,
                "pass@2": 5 / 6,
                "g_pass@2_0.5": 5 / 6,
                "g_pass@2_0.75": 1 / 6,
                "g_pass@2_1": 1 / 6,
            },
            **{"pass@3": 1, "g_pass@3_0.5": 0.5, "g_pass@3_0.75": 0, "g_pass@3_1": 0},
            **{"maj@2": found["maj@2"]["value"], "maj@3": 1, "best_of@2": 2 / 3, "best_of@3": 0.5},
            **{"unknown": 0, "no_answer": 0, "tokens": 20, "tokens_right": 50 / 3, "tokens_wrong": 70 / 3},
        }
    )
    row = found["avg@3"]
    assert list(row) == ["metric", "value", "low", "high", "n_problems", "n_samples", "p", "why"]
    assert row["low"] < 0.5 < row["high"]
    assert (row["n_problems"], row["n_samples"], row["p"], row["why"]) == (2, 6, None, "")


def test_answers_vote_by_equivalence(tmp_path: Path) -> None:
    """7 and 7.0 outvote 4; as texts the three tie, and the first wins. Right answers are one class in any case."""
    file = write(tmp_path / "t.jsonl", TABLE)
    assert scored(file)["maj@3"]["value"] == 0.5
    assert scored(file, "--equal", "text")["maj@3"]["value"] == 1.0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (True, False),
        (1, 0),
        (1.0, 0.0),
        ("True", "False"),
        ("1", "0"),
        ("pass", "fail"),
        ("Correct", "incorrect"),
        ("yes", "no"),
    ],
)
def test_verdicts_as_people_write_them(tmp_path: Path, right: Any, wrong: Any) -> None:
    rows = [{"problem": at, "correct": right if at < 3 else wrong} for at in range(4)]
    assert scored(write(tmp_path / "t.jsonl", rows))["avg@1"]["value"] == 0.75


def test_columns_under_other_names_and_problems_named_by_two(tmp_path: Path) -> None:
    rows = [
        {"set": name, "idx": at, "run": 0, "is_correct": str(at == 0), "level": at} for name in "xy" for at in range(2)
    ]
    file = write(tmp_path / "t.csv", rows)
    names = ["--problem-column", "set,idx", "--sample-column", "run", "--correct-column", "is_correct"]
    found = scored(file, *names, "--by", "set,level")
    assert found["avg@1"]["n_problems"] == 4
    assert (found["avg@1|level=0"]["value"], found["avg@1|set=x"]["value"]) == (1.0, 0.5)
    assert scored(file, *names, "--where", "set=y", "--where", "idx=1")["avg@1"]["n_problems"] == 1


def test_a_row_may_hold_all_samples(tmp_path: Path) -> None:
    rows = [
        {"problem": "a", "correct": [True, False], "answer": ["1", ""], "score": [[0.5], [0.7]]},
        {"problem": "b", "correct": [False, False], "answer": ["2", "3"], "score": [[0.1], [0.2]]},
    ]
    for name in ("t.jsonl", "t.parquet"):
        found = scored(write(tmp_path / name, rows))
        values = [found[metric]["value"] for metric in ("avg@2", "pass@2", "best_of@2", "no_answer", "maj@2")]
        assert values == [0.25, 0.5, 0.0, 0.25, 0.5]


def test_a_row_may_count_right_samples(tmp_path: Path) -> None:
    rows = [{"problem": "a", "passed": "3", "total": "4"}, {"problem": "b", "passed": "0", "total": "2"}]
    file = write(tmp_path / "t.csv", rows)
    found = scored(file, "--correct-column", "passed", "--total-column", "total")
    assert (found["avg@n"]["value"], found["avg@n"]["n_samples"]) == (0.375, 6)
    assert found["pass@2"]["value"] == 0.5


def test_unknown_is_counted_apart(tmp_path: Path) -> None:
    rows = [{"problem": at, "sample": 0, "correct": verdict} for at, verdict in enumerate(["1", "0", "", "unknown"])]
    file = write(tmp_path / "t.csv", rows)
    found = scored(file)
    assert (found["avg@1"]["value"], found["avg@1"]["n_problems"], found["unknown"]["value"]) == (0.5, 2, 0.5)
    assert scored(file, "--unknown", "wrong")["avg@1"]["value"] == 0.25
    pairs = [{"problem": at // 2, "sample": at % 2, "correct": None if at == 3 else True} for at in range(4)]
    found = scored(write(tmp_path / "two.jsonl", pairs), "--k", "2")
    assert (found["pass@2"]["value"], found["pass@2"]["low"]) == (None, None)
    assert found["pass@2"]["why"] == "not computed: 1 problems have fewer than 2 samples with a verdict"


def test_a_column_with_holes_is_not_computed(tmp_path: Path) -> None:
    rows = [{"problem": at, "correct": True, "tokens": "" if at else "5"} for at in range(3)]
    found = scored(write(tmp_path / "t.csv", rows))
    assert found["tokens"]["why"] == "not computed: 2 of 3 samples have none in column 'tokens'"
    assert found["tokens"]["value"] is None


def test_two_tables_are_paired(tmp_path: Path) -> None:
    ours = write(tmp_path / "a.jsonl", [{"problem": at, "correct": at > 2, "tokens": 5} for at in range(10)])
    rows = [{"id": at, "ok": at > 0, "tokens": 7} for at in reversed(range(10))]
    theirs = write(tmp_path / "b.jsonl", rows)
    found = scored(ours, "--against", theirs, "--against-problem-column", "id", "--against-correct-column", "ok")
    assert (found["avg@1"]["value"], found["against:avg@1"]["value"]) == (0.7, 0.9)
    difference = found["difference"]
    assert difference["value"] == pytest.approx(-0.2)
    assert difference["low"] < -0.2 < difference["high"]
    assert difference["p"] == 0.5
    assert (found["lost"]["value"], found["gained"]["value"], found["difference:tokens"]["value"]) == (2, 0, -2)
    assert found["smallest_difference"]["value"] > 0.3
    assert found["problems_for_one_point"]["value"] > 10_000


def test_what_it_prints_has_an_interval_and_no_nan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "t.jsonl", TABLE)
    assert main(["score", str(file), "--against", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["metric", "value", "95%", "interval", "problems", "samples", "p"]
    (row,) = (line.split() for line in lines if line.startswith("difference "))
    assert row[:2] == ["difference", "+0.00"]
    assert row[-1] == "1"
    assert "nan" not in "".join(lines).lower()


def test_problems_are_scored_by_how_the_other_side_does(tmp_path: Path) -> None:
    rows = [{"problem": problem, "sample": at, "correct": at < problem} for problem in range(5) for at in range(4)]
    file = write(tmp_path / "t.jsonl", rows)
    found = scored(file, "--against", file)
    assert {metric: row["value"] for metric, row in found.items() if "|" in metric} == {
        f"avg@4|against={band}": n / 4 for n, band in enumerate(["never", "hard", "medium", "easy", "always"])
    }


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
        ("t.json.gz", CORRUPT, "not JSON"),
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
        (pa.array([2**62], pa.timestamp("us")), "cannot be read (date value out of range)"),
        (pa.array([1], pa.timestamp("us", tz="Mars/Olympus")), "cannot be read ('Mars/Olympus')"),
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


def test_a_name_may_be_a_structure(tmp_path: Path) -> None:
    problems = pa.array([{"a": b"x", "b": [1, 2]}, {"a": b"y", "b": []}])
    pq.write_table(pa.table({"problem": problems, "correct": pa.array([True, False])}), tmp_path / "t.parquet")
    assert scored(tmp_path / "t.parquet")["avg@1"]["value"] == 0.5


def test_half_a_character_is_written_as_a_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"problem": at, "correct": True, "level": ["\ud800x", "y"][at % 2]} for at in range(8)]
    assert "avg@1|level=\ufffdx" in scored(write(tmp_path / "t.jsonl", rows), "--by", "level")
    assert "\ufffdx" in capsys.readouterr().out


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


def test_samples_may_be_numbered_as_they_come(tmp_path: Path) -> None:
    file = write(tmp_path / "t.jsonl", [{"problem": "a", "correct": at} for at in (1, 0)])
    assert scored(file, "--in-order")["avg@2"]["value"] == 0.5


def test_help_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["score", "--help"])
    told = capsys.readouterr().out
    for word in ("--against FILE2", "--json OUT", "--correct-column NAME", "95 % interval"):
        assert word in told


def test_a_runs_folder_is_scored_as_the_run_scores_it(tmp_path: Path) -> None:
    drawn = {"full": "prrwu", "nf4": "rwrwr"}
    outcomes = {"r": "pass", "w": "fail", "u": "unknown", "p": "pass"}
    folders = {
        name: write_judged(
            tmp_path / name, [judged_trace(f"p{at}", outcomes[letter]) for at, letter in enumerate(letters)]
        )
        for name, letters in drawn.items()
    }
    ours, theirs = Variant("student", "nf4"), Variant("student", "full")
    scores = score_benchmark("b", {theirs: folders["full"], ours: folders["nf4"]})
    by_command = scored(folders["nf4"], "--against", folders["full"])
    for metric, name, variant in (
        ("pass@1", "avg@1", ours),
        ("pass@1", "against:avg@1", theirs),
        ("change_from_full", "difference", ours),
        ("unknown", "against:unknown", theirs),
    ):
        (score,) = [one for one in scores if (one.metric, one.variant, one.group) == (metric, variant, "")]
        row = by_command[name]
        assert (score.value, score.low, score.high) == (row["value"], row["low"], row["high"])
        assert score.p == row["p"]


def test_a_folder_needs_no_names_of_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_judged(tmp_path / "judged", [judged_trace("p")])
    assert "leave out the options that name columns" in refused(capsys, folder, "--problem-column", "problem_id")
    (tmp_path / "empty").mkdir()
    assert "holds no Parquet file" in refused(capsys, tmp_path / "empty")
    write(folder / "other.parquet", TABLE)
    assert "has no column 'problem_id'" in refused(capsys, folder)
