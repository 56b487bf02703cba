"""LiveCodeBench's rows: programs and methods with their tests, which no pickle may run."""

import base64
import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from configs.benchmarks import Benchmark, resolved
from filters.verifiers.code_answer import verify_code
from records.errors import InputError
from records.rows import Problem
from teacher.problems.files import read_file
from teacher.problems.formats import pickled_text
from teacher.problems.formats.pickled_text import UnsafePickle, unpickled_text


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
