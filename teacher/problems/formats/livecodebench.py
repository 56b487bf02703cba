"""LiveCodeBench's code generation: contest programs that read and write, and methods of a class.

One row in the form that the dataset's own loader reads (livecodebench/code_generation_lite; texts shortened):

    {"question_title": "Square", "question_content": "Print n squared …", "platform": "atcoder",
     "question_id": "abc301_a", "contest_id": "abc301", "contest_date": "2023-05-13T00:00:00", "starter_code": "",
     "difficulty": "easy",
     "public_test_cases": "[{\\"input\\": \\"3\\\\n\\", \\"output\\": \\"9\\", \\"testtype\\": \\"stdin\\"}]",
     "private_test_cases": "eJxrYJmazsgABhE9jBDG…", "metadata": "{}"}

`private_test_cases` are base64 of zlib of a pickled JSON text, or the JSON itself. A problem with `func_name` in its
metadata is functional: each line of an input is one argument in JSON, the output the result in JSON.
"""

import json
from typing import Any

from configs.sources import ProblemFile
from records.errors import InputError
from records.rows import Problem
from records.tables import text_of
from teacher.problems.formats.making import filled, make_problem
from teacher.problems.formats.pickled_text import UnsafePickle, unpickled_text
from teacher.problems.tables import extra_values

STDIN = """{problem}

Write a Python program that reads the input from standard input and writes the output to standard output. Answer with \
the whole program in one fenced block of Python code."""
FUNCTIONAL = """{problem}

Complete this class:

```python
{starter_code}
```

Answer with the whole class in one fenced block of Python code."""
# As upstream (LiveCodeBench, lcb_runner/evaluation/testing_util.py) a returned tuple counts as a list.
AS_LIST = "def as_list(value):\n    return list(value) if isinstance(value, tuple) else value\n"


def livecodebench_problem(source: ProblemFile, row: dict[str, Any], place: str) -> Problem:
    """Return the problem with all its public and private tests. Errors: InputError for a row that is not as above."""
    question = text_of(row, "question_content", place)
    tests = [
        *cases_of(text_of(row, "public_test_cases", place), place, "public_test_cases"),
        *cases_of(text_of(row, "private_test_cases", place), place, "private_test_cases"),
    ]
    if not tests:
        raise InputError(f"{place}: has no tests; remove the row")
    function = function_of(text_of(row, "metadata", place, may_be_empty=True), place)
    extra = extra_values(row, source.columns.extra, place)
    if function:
        starter = text_of(row, "starter_code", place)
        asserts = [asserted(function, test, place) for test in tests]
        judged: dict[str, Any] = {"tests": asserts, "setup": AS_LIST, "entry_point": f"Solution().{function}"}
        prompt = filled(FUNCTIONAL, {"problem": question, "starter_code": starter})
    else:
        judged = {"tests": [{"input": test["input"], "output": test["output"]} for test in tests]}
        prompt = filled(STDIN, {"problem": question})
    return make_problem(source, prompt, "", extra | judged, place, question=question)


def cases_of(text: str, place: str, column: str) -> list[dict[str, str]]:
    """Return the tests of a cell. Errors: InputError if they cannot be read, or not safely."""
    try:
        cases = json.loads(text if text.lstrip().startswith("[") else unpickled_text(text))
    except (ValueError, RecursionError, UnsafePickle) as error:
        raise InputError(f"{place}: column {column!r} holds no tests in the form of LiveCodeBench ({error})") from None
    if not isinstance(cases, list) or not all(
        isinstance(case, dict) and isinstance(case.get("input"), str) and isinstance(case.get("output"), str)
        for case in cases
    ):
        raise InputError(f"{place}: column {column!r} must be a list of tests with input and output")
    return cases


def function_of(metadata: str, place: str) -> str:
    """Return the name of the method to write; empty for a program that reads and writes."""
    try:
        found = json.loads(metadata) if metadata.strip() else {}
    except (ValueError, RecursionError):
        found = None
    name = found.get("func_name") or "" if isinstance(found, dict) else None
    if not isinstance(name, str) or (name and not name.isidentifier()):
        raise InputError(f"{place}: column 'metadata' must be a JSON object, with the name of a method in func_name")
    return name


def asserted(function: str, test: dict[str, str], place: str) -> str:
    """Return one functional test as an assert."""
    try:
        arguments = [json.loads(line) for line in test["input"].split("\n") if line.strip()]
        expected = json.loads(test["output"])
    except (ValueError, RecursionError):
        raise InputError(f"{place}: a test of {function} is not JSON; correct or remove the row") from None
    given = ", ".join(map(repr, arguments))
    return f"assert as_list(Solution().{function}({given})) == {expected!r}"
