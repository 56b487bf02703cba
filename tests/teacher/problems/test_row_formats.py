"""References after a mark, templates, windows of dates, and files of a dataset."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from problem_row_makers import read, refusal

from configs.sources import ProblemFile
from records.errors import InputError
from records.hashing import problem_id
from teacher.problems.files import read_file

# References and templates


def test_the_reference_follows_the_last_mark(tmp_path: Path) -> None:
    row = {"problem": "p", "answer": "1 #### 2\n#### 1,800 "}
    assert [it.reference for it in read(tmp_path, row, reference_after="####")] == ["1,800"]


@pytest.mark.parametrize("answer", ["1,800", "####", "5 ####  \n"])
def test_nothing_after_the_mark_is_an_error(tmp_path: Path, answer: str) -> None:
    message = ":1: column 'answer' has nothing after '####', where reference_after looks; correct the row"
    assert refusal(tmp_path, {"problem": "p", "answer": answer}, reference_after="####") == message


def test_a_list_of_references_is_one_answer_with_all_of_them(tmp_path: Path) -> None:
    rows = [{"problem": "p", "answer": ["3"]}, {"problem": "q", "answer": ["1", "-2"]}]
    assert [it.reference for it in read(tmp_path, *rows)] == ["3", "1, -2"]
    for empty in ([], ["1", " "], [3]):
        assert "must be text or a number, found list" in refusal(tmp_path, {"problem": "p", "answer": empty})


def test_a_template_is_filled_in_one_pass(tmp_path: Path) -> None:
    row = {"problem": "{tests} of {x}\n", "answer": "1", "t": ["a", "b"]}
    (problem,) = read(tmp_path, row, columns={"extra": {"tests": "t"}}, template="{problem}!\n{tests}\n")
    assert (problem.prompt, problem.question) == ("{tests} of {x}!\na\nb", "{tests} of {x}\n")
    assert problem.id == problem_id(problem.prompt)
    (plain,) = read(tmp_path, row)
    assert plain.question == ""


# Windows

DATED = [{"problem": f"p{at}", "answer": "1", "day": f"2024-0{at}-15T00:00:00"} for at in (9, 7, 8)]


@pytest.mark.parametrize(
    ("window", "left"),
    [
        ({"from": "2024-08-15"}, ["p9", "p8"]),
        ({"from": "2024-08-16"}, ["p9"]),
        ({"until": "2024-08-15"}, ["p7", "p8"]),
        ({"until": "2024-08-14"}, ["p7"]),
        ({"from": "2024-07-15", "until": "2024-09-15"}, ["p9", "p7", "p8"]),
        ({"until": "2024-08-15", "limit": 1}, ["p7"]),
        ({}, ["p9", "p7", "p8"]),
    ],
)
def test_both_days_of_a_window_count(tmp_path: Path, window: dict[str, Any], left: list[str]) -> None:
    assert [it.prompt for it in read(tmp_path, *DATED, columns={"date": "day"}, **window)] == left


def test_a_window_that_leaves_nothing(tmp_path: Path) -> None:
    assert refusal(tmp_path, *DATED, columns={"date": "day"}, **{"from": "2024-10-01"}) == (
        ": no problem appeared from 2024-10-01 until the last day; its dates run from 2024-07-15 to 2024-09-15"
    )
    row = {"problem": "p", "answer": "1", "day": "soon"}
    assert "column 'day' is 'soon', no date" in refusal(tmp_path, row, columns={"date": "day"}, until="2024-10-01")


def test_dates_of_parquet(tmp_path: Path) -> None:
    import datetime

    table = pa.table({"problem": ["p"], "answer": ["1"], "day": [datetime.datetime(2024, 8, 15)]})
    pq.write_table(table, tmp_path / "rows.parquet")
    tree = {"kind": "file", "path": str(tmp_path / "rows.parquet"), "columns": {"date": "day"}, "from": "2024-08-15"}
    assert len(list(read_file(ProblemFile.model_validate(tree)))) == 1


def test_files_of_a_dataset_in_a_folder(tmp_path: Path) -> None:
    for at in (5, 6):
        (tmp_path / f"test{at}.jsonl").write_text(json.dumps({"problem": f"p{at}", "answer": "1"}))
    tree: dict[str, Any] = {"kind": "file", "path": str(tmp_path), "files": ["test6.jsonl", "test5.jsonl"]}
    assert [it.prompt for it in read_file(ProblemFile.model_validate(tree))] == ["p6", "p5"]
    with pytest.raises(InputError, match=r"test7\.jsonl: no such file"):
        list(read_file(ProblemFile.model_validate(tree | {"files": ["test7.jsonl"]})))
    with pytest.raises(InputError, match=r"hf://owner/name: test6\.jsonl does not load"):
        list(read_file(ProblemFile.model_validate(tree | {"path": "hf://owner/name"})))


def test_files_of_the_hub_come_from_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0" * 40
    snapshot = tmp_path / "datasets--owner--name" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "test5.jsonl").write_text(json.dumps({"problem": "p5", "answer": "1"}) + "\n{}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    source = {"kind": "file", "path": "hf://owner/name", "files": ["test5.jsonl"], "revision": commit}
    rows = read_file(ProblemFile.model_validate(source))
    assert next(rows).prompt == "p5"
    with pytest.raises(InputError, match=r"hf://owner/name: test5\.jsonl:2: has no column 'problem'"):
        next(rows)
