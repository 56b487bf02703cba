"""CRUXEval's rows: values are stated, never computed."""

import json
from pathlib import Path

import pytest

from configs.benchmarks import Benchmark, resolved
from filters.verifiers.code_answer import verify_code
from records.errors import InputError
from records.rows import Problem
from teacher.problems.files import read_file

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
