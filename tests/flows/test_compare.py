"""`retort compare` prints and writes a comparison, and tells a user's mistake in one line."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from evaluated_makers import NF4, STUDENT, make_evaluated
from refusals import command_refusal

from flows.__main__ import main
from records.files import MANIFEST
from records.schemas import TRACE, VERDICT


def make_two(folder: Path) -> list[str]:
    make_evaluated(folder / "a", {STUDENT: [[1]] * 6 + [[0]] * 4, NF4: [[1]] * 10})
    make_evaluated(folder / "b", {STUDENT: [[1]] * 10, NF4: [[0]] * 10})
    return [str(folder / "a"), str(folder / "b")]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    return command_refusal(capsys, main, "compare", *arguments)


def test_tables_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = ["--json", str(tmp_path / "out.json"), "--markdown", str(tmp_path / "out.md")]
    assert main(["compare", *make_two(tmp_path), *written]) == 0
    printed = capsys.readouterr().out
    assert "student full  b    10        100.00%" in printed
    assert "tokens of the evaluation" in printed
    assert "## Accuracy" in (tmp_path / "out.md").read_text()
    rows = json.loads((tmp_path / "out.json").read_text())
    (row,) = [row for row in rows if row["metric"] == "difference" and row["precision"] == "nf4"]
    assert list(row) == [
        *("run", "against", "benchmark", "model", "precision"),
        *("metric", "value", "low", "high", "n_problems", "n_samples", "p", "why"),
    ]
    assert (row["run"], row["against"], row["benchmark"], row["value"]) == ("b", "a", "sums", -1.0)
    assert row["low"] == -1.0
    assert row["p"] == pytest.approx(2 * 0.5**10)


def test_bad_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = make_two(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "begun" / "sample-0123456789ab").mkdir(parents=True)
    (score,) = (tmp_path / "a").glob("score-*")
    assert "name a second run" in refused(capsys, a)
    assert "nowhere: no such directory" in refused(capsys, a, tmp_path / "nowhere")
    assert "empty: not a run directory" in refused(capsys, a, tmp_path / "empty")
    assert "begun: no finished evaluation" in refused(capsys, a, tmp_path / "begun")
    assert f"the same evaluation as {a}" in refused(capsys, a, b, score)
    assert "cannot be written" in refused(capsys, a, b, "--json", tmp_path / "no" / "out.json")
    assert "an artifact of eval-sums-student-full" in refused(capsys, a, next(Path(b).glob("eval-sums-student-full-*")))


def test_damaged_and_foreign_runs_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = make_two(tmp_path)
    (judged,) = Path(b).glob("eval-judge-sums-student-full-*")
    (judged / "judged-00000.parquet").write_bytes(b"")
    assert "changed since it was made" in refused(capsys, a, b)
    (judged / MANIFEST).unlink()
    assert "which is no longer beside it" in refused(capsys, a, b)
    (manifest,) = Path(b).glob(f"score-*/{MANIFEST}")
    whole = json.loads(manifest.read_text())
    for measured in (None, 7, "sums", [7], [["sums", "student"]], [["sums", "student", 4]], [["a", "b", "c"]] * 99):
        settings = {} if measured is None else {"measured": measured}
        manifest.write_text(json.dumps(whole | {"inputs": whole["inputs"] | {"settings": settings}}))
        assert "another version of Retort made it" in refused(capsys, a, b)
    manifest.write_text(json.dumps(whole | {"inputs": {}}))
    assert "another version of Retort wrote it (inputs.version" in refused(capsys, a, b)
    manifest.write_text("{")
    assert "broken" in refused(capsys, a, b)


@pytest.mark.parametrize("stage", ["score", "eval-sums", "eval-judge", "benchmark"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_or_folder_in_a_manifests_place_is_one_line(
    stage: str, make: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = make_two(tmp_path)
    manifest = next(Path(b).glob(f"{stage}-*/{MANIFEST}"))
    manifest.unlink()
    make(manifest)
    assert "broken (ValueError: no regular file)" in refused(capsys, a, b)


def test_a_manifest_without_needs_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = make_two(tmp_path)
    (judged,) = Path(b).glob("eval-judge-sums-student-full-*")
    whole = json.loads((judged / MANIFEST).read_text())
    (judged / MANIFEST).write_text(json.dumps(whole | {"inputs": whole["inputs"] | {"needs": []}}))
    assert "does not say what it was made from" in refused(capsys, a, b)


def test_a_run_that_an_earlier_version_judged_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose verdicts had no extracted answer apart."""
    earlier = pa.struct([field for field in VERDICT if field.name != "extracted"])
    place = TRACE.get_field_index("verdicts")
    a = make_two(tmp_path)[0]
    monkeypatch.setattr("evaluated_makers.TRACE", TRACE.set(place, pa.field("verdicts", pa.list_(earlier))))
    make_evaluated(tmp_path / "c", {STUDENT: [[1]] * 10})
    told = refused(capsys, a, tmp_path / "c")
    assert "the column 'verdicts' is not as this version of Retort writes it; have the run judge anew" in told
