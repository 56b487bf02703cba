"""References after a mark, templates, windows of dates, LiveCodeBench's and CRUXEval's rows."""

import base64
import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from configs.benchmarks import Benchmark, resolved
from configs.sources import ProblemFile
from filters.verifiers.code_answer import verify_code
from records.errors import InputError
from records.hashing import problem_id
from records.rows import Problem
from teacher.problems.files import read_file
from teacher.problems.formats import pickled_text
from teacher.problems.formats.pickled_text import UnsafePickle, unpickled_text


def read(tmp_path: Path, *rows: Any, **settings: Any) -> list[Problem]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(read_file(ProblemFile.model_validate({"kind": "file", "path": str(path), **settings})))


def refusal(tmp_path: Path, *rows: Any, **settings: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(tmp_path, *rows, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path / 'rows.jsonl'}")


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


# LiveCodeBench


def encoded(tests: Any) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)))).decode()


STDIN = [{"input": f"{n}\n", "output": f"{n * n}\n", "testtype": "stdin"} for n in (3, 4)]
FUNCTIONAL = [{"input": f"[{n}, 1]\n{n}", "output": f"[{n}]", "testtype": "functional"} for n in (3, 4)]
METHOD = "class Solution:\n    def keep(self, nums: List[int], k: int) -> List[int]:\n        "


def contest_row(**cells: Any) -> dict[str, Any]:
    row = {"question_title": "Square", "question_content": "Print n squared.", "platform": "atcoder"}
    row |= {"contest_date": "2024-08-17T00:00:00", "starter_code": "", "difficulty": "easy", "metadata": "{}"}
    tests = {"public_test_cases": json.dumps(STDIN[:1]), "private_test_cases": encoded(STDIN[1:])}
    return row | tests | cells


def functional_row() -> dict[str, Any]:
    tests = {"public_test_cases": json.dumps(FUNCTIONAL[:1]), "private_test_cases": encoded(FUNCTIONAL[1:])}
    return contest_row(starter_code=METHOD, metadata=json.dumps({"func_name": "keep"}), **tests)


def livecodebench(tmp_path: Path, *rows: Any, **settings: Any) -> list[Problem]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tree = resolved("livecodebench", {"path": str(path), **settings})
    return [it for source in Benchmark.model_validate(tree).sources for it in read_file(source)]


def test_a_program_is_run_on_public_and_private_tests(tmp_path: Path) -> None:
    (problem,) = livecodebench(tmp_path, contest_row(), **{"from": "2024-08-17", "until": "2024-08-17"})
    assert problem.prompt.startswith("Print n squared.\n\nWrite a Python program that reads")
    assert problem.question == "Print n squared."
    assert json.loads(problem.extra)["difficulty"] == "easy"
    assert verify_code(problem.extra, "```python\nprint(int(input()) ** 2)\n```").outcome == "pass"
    assert verify_code(problem.extra, "```python\nprint(9)\n```").detail == "test 2: wrong output"


def test_a_method_is_called_with_the_lines_of_the_input(tmp_path: Path) -> None:
    (problem,) = livecodebench(tmp_path, functional_row())
    assert f"```python\n{METHOD}\n```" in problem.prompt
    for returned, outcome in (("[k]", "pass"), ("(k,)", "pass"), ("nums", "fail"), ("[3]", "fail")):
        answer = f"```python\n{METHOD}return {returned}\n```"
        assert verify_code(problem.extra, answer).outcome == outcome, returned


def test_private_tests_may_be_plain_json(tmp_path: Path) -> None:
    (problem,) = livecodebench(tmp_path, contest_row(private_test_cases=json.dumps(STDIN[1:])))
    assert len(json.loads(problem.extra)["tests"]) == 2


class Dangerous:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def packed(pickled: bytes) -> str:
    return base64.b64encode(zlib.compress(pickled)).decode()


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        row = contest_row(private_test_cases=packed(pickle.dumps(Dangerous(tmp_path / "made"), protocol)))
        with pytest.raises(InputError, match=r"it names \w+\.mkdir, which a text does not need"):
            livecodebench(tmp_path, row)
    assert not (tmp_path / "made").exists()
    pickle.loads(pickle.dumps(Dangerous(tmp_path / "made")))  # it would have
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (packed(pickle.dumps(["[]"])), "it holds a list, not a text"),
        (packed(b"\x80\x04."), "it is damaged"),
        (packed(b"Pfoo\n."), "it refers to an object outside itself"),
        (packed(pickle.dumps("[]"))[:-4], "it is"),
        ("no base64!", "it is not base64 of compressed data"),
        (base64.b64encode(b"not compressed").decode(), "it is not base64 of compressed data"),
    ],
)
def test_what_is_no_pickled_text_is_one_line(text: str, message: str) -> None:
    with pytest.raises(UnsafePickle, match=message):
        unpickled_text(text)


def test_a_text_that_grows_beyond_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled_text, "MOST_BYTES", 1 << 20)
    fits, exceeds = pickle.dumps("x" * ((1 << 20) - 100)), pickle.dumps("x" * (1 << 20))
    assert len(fits) <= 1 << 20 < len(exceeds)
    assert len(unpickled_text(packed(fits))) == (1 << 20) - 100
    with pytest.raises(UnsafePickle, match="it is cut off, or larger than 1 MiB"):
        unpickled_text(packed(exceeds))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"public_test_cases": "[]", "private_test_cases": "[]"}, "has no tests; remove the row"),
        (
            {"public_test_cases": '[{"input": "1"}]'},
            "column 'public_test_cases' must be a list of tests with input",
        ),
        ({"private_test_cases": "[{"}, "column 'private_test_cases' holds no tests in the form of LiveCodeBench (Exp"),
        ({"metadata": "[]"}, "column 'metadata' must be a JSON object, with the name of a method in func_name"),
        ({"metadata": '{"func_name": "a b"}'}, "column 'metadata' must be a JSON object, with the name of a method"),
        (
            {
                "metadata": '{"func_name": "f"}',
                "starter_code": "class Solution:",
                "public_test_cases": json.dumps(STDIN),
            }
            | {"private_test_cases": '[{"input": "x", "output": "1"}]'},
            "a test of f is not JSON; correct or remove the row",
        ),
    ],
)
def test_broken_contest_rows_are_one_line(tmp_path: Path, cells: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        livecodebench(tmp_path, contest_row(**cells))
    assert str(caught.value).startswith(f"{tmp_path / 'rows.jsonl'}:1: {message}")


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


# CRUXEval

CODE = "def f(text, dict):\n    return [text] * len(dict)"
CRUX = {"code": CODE, "input": "'a', dict={1: 2, 3: 4}", "output": "['a', 'a']"}


def crux(tmp_path: Path, **cells: str) -> list[Problem]:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(CRUX | cells))
    tree = resolved("cruxeval", {"path": str(path)})
    return [it for source in Benchmark.model_validate(tree).sources for it in read_file(source)]


@pytest.mark.parametrize(
    ("program", "outcomes"),
    [
        ("output = ['a', 'a']", ("pass", "fail")),
        ("# two of them\noutput = ['a'] * 2", ("pass", "fail")),
        ("output = ['a']", ("fail", "fail")),
        ("arguments = {'text': 'a', 'dict': {1: 2, 3: 4}}", ("fail", "pass")),
        ("arguments = {'text': 'a', 'dict': [8, 9]}", ("fail", "pass")),
        ("arguments = {'text': 'a', 'dict': []}", ("fail", "fail")),
        ("arguments = {'text': 'a'}", ("fail", "fail")),
        (f"{CODE}\noutput = f('a', [1, 2])", ("fail", "fail")),
        ("output = [c for c in 'aa']", ("fail", "fail")),
        ("output = list('aa')", ("pass", "fail")),
        ("output = eval(\"['a', 'a']\")", ("fail", "fail")),
        ("import builtins", ("fail", "fail")),
    ],
)
def test_values_are_stated_and_not_computed(tmp_path: Path, program: str, outcomes: tuple[str, str]) -> None:
    problems = crux(tmp_path)
    assert [it.source for it in problems] == ["cruxeval_output", "cruxeval_input"]
    assert tuple(verify_code(it.extra, f"```python\n{program}\n```").outcome for it in problems) == outcomes


def test_both_questions_name_what_is_given(tmp_path: Path) -> None:
    output, found = crux(tmp_path)
    assert output.prompt.startswith("What does `f('a', dict={1: 2, 3: 4})` return?")
    assert found.prompt.startswith("Find arguments for which `f` returns `['a', 'a']`.")
    assert "arguments = {'text': ..., 'dict': ...}" in found.prompt
    assert output.question == found.question == CODE
    assert output.reference == "output = ['a', 'a']"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"code": "def g(x): return x"}, "column 'code' defines no f, or 'input' is no list of arguments"),
        ({"input": "'a', ("}, "column 'code' defines no f, or 'input' is no list of arguments"),
        ({"code": "def f(*values): return values"}, "f takes arguments without a name, which this question cannot as"),
        ({"output": ""}, "column 'output' is empty; correct or remove the row"),
    ],
)
def test_broken_functions_are_one_line(tmp_path: Path, cells: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        crux(tmp_path, **cells)
    assert str(caught.value).startswith(f"{tmp_path / 'rows.jsonl'}:1: {message}")
