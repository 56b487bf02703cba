"""`retort score` computes the statistics of any table of verdicts."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from evaluated_makers import judged
from report_makers import judged_trace
from score_file_makers import TABLE, refused, scored, write

from eval.metrics.accuracy import score_benchmark
from flows.__main__ import main
from records.artifact import build_once
from records.counts import ScoreCounts
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


def test_a_name_may_be_a_structure(tmp_path: Path) -> None:
    problems = pa.array([{"a": b"x", "b": [1, 2]}, {"a": b"y", "b": []}])
    pq.write_table(pa.table({"problem": problems, "correct": pa.array([True, False])}), tmp_path / "t.parquet")
    assert scored(tmp_path / "t.parquet")["avg@1"]["value"] == 0.5


def test_samples_may_be_numbered_as_they_come(tmp_path: Path) -> None:
    file = write(tmp_path / "t.jsonl", [{"problem": "a", "correct": at} for at in (1, 0)])
    assert scored(file, "--in-order")["avg@2"]["value"] == 0.5


def test_a_runs_folder_is_scored_as_the_run_scores_it(tmp_path: Path) -> None:
    drawn = {"full": "prrwu", "nf4": "rwrwr"}
    outcomes = {"r": "pass", "w": "fail", "u": "unknown", "p": "pass"}
    folders = {
        name: judged(
            tmp_path, name, [judged_trace(f"p{at}", outcomes[letter]) for at, letter in enumerate(letters)]
        ).path
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
    folder = judged(tmp_path, "student", [judged_trace("p")]).path
    assert "leave out the options that name columns" in refused(capsys, folder, "--problem-column", "problem_id")


def test_a_folder_of_other_rows_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def build(folder: Path) -> ScoreCounts:
        write(folder / "other.parquet", TABLE)
        return ScoreCounts(scores=0)

    folder = build_once(tmp_path, "other", {}, build).path
    assert "has no column 'problem_id'" in refused(capsys, folder)


def test_a_folder_that_is_not_finished_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a run at work, or one that was killed, only some shards are there."""
    folder = judged(tmp_path, "student", [judged_trace("p")]).path
    (folder / "judged-00000.parquet").write_bytes(b"")
    assert "changed since it was made" in refused(capsys, folder)
    folder = judged(tmp_path / "at_work", "student", [judged_trace("p")]).path
    (folder / "manifest.json").unlink()
    assert "it is not finished" in refused(capsys, folder)


def test_the_other_table_has_its_own_statistics(tmp_path: Path) -> None:
    """All of them, those of several samples included, are those of the table scored by itself."""
    right = [[1, 1, 0, 1], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
    tables = [right, [[1 - one for one in problem] for problem in right[:4]] + [[1, 1, 0, 0]]]
    files = []
    for name, table in zip("ab", tables, strict=True):
        rows = [
            {"problem": at, "sample": k, "correct": bool(one), "answer": "5" if one else "7"}
            for at, problem in enumerate(table)
            for k, one in enumerate(problem)
        ]
        files.append(write(tmp_path / f"{name}.jsonl", rows))
    together, alone = scored(files[0], "--against", files[1]), [scored(file) for file in files]
    for metric in ("avg@4", "pass@2", "pass@4", "maj@2", "maj@4", "g_pass@2_1"):
        assert alone[0][metric]["value"] != alone[1][metric]["value"], metric
        for prefix, one in zip(("", "against:"), alone, strict=True):
            figures = {name: together[prefix + metric][name] for name in ("value", "low", "high", "n_problems")}
            assert figures == {name: one[metric][name] for name in figures}, prefix + metric
        if metric.startswith(("pass", "avg")):
            difference = together["difference" if metric == "avg@4" else f"difference:{metric}"]["value"]
            assert difference == pytest.approx(alone[0][metric]["value"] - alone[1][metric]["value"])
