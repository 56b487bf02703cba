"""CRUXEval: which value a short function returns, and which arguments make it return a value.

One real row (MIT, facebookresearch/cruxeval):

    {"code": "def f(text, value):\\n    text_list = list(text)\\n    text_list.append(value)\\n    return …",
     "input": "'bcksrut', 'q'", "output": "'bcksrutq'", "id": "sample_3"}

Both questions are judged by running the function in the sandbox on what the answer states: `assert f(input) == output`,
as the authors do. The answer states it as a literal, so that a program that calls the function answers nothing. A
dictionary of arguments, instead of the authors' call, leaves no doubt whether a tuple is one argument or several.
"""

import ast
from typing import Any

from configs.sources import ProblemFile
from records.errors import InputError
from records.rows import Problem
from records.tables import text_of
from teacher.problems.formats.making import filled, make_problem
from teacher.problems.tables import extra_values

OUTPUT = """What does `f({input})` return?

```python
{code}
```

Answer with one fenced block of Python code that assigns the returned value, written out, to `output`:

```python
output = ...
```"""
INPUT = """Find arguments for which `f` returns `{output}`.

```python
{code}
```

Answer with one fenced block of Python code that assigns them, written out, to `arguments`, a dictionary with a value \
for each parameter of `f`:

```python
arguments = {names}
```"""


def output_problem(source: ProblemFile, row: dict[str, Any], place: str) -> Problem:
    """Return the problem of predicting the output. Errors: InputError for a row that is not as above."""
    cells = cells_of(row, place)
    test = f"{cells['code']}\n\nassert f({cells['input']}) == output"
    return crux_problem(source, row, place, filled(OUTPUT, cells), f"output = {cells['output']}", test, cells)


def input_problem(source: ProblemFile, row: dict[str, Any], place: str) -> Problem:
    """Return the problem of finding an input; any that gives the output is right. Errors: InputError for a row that is
    not as above."""
    cells = cells_of(row, place)
    test = f"{cells['code']}\n\nassert f(**arguments) == {cells['output']}"
    given = arguments_of(cells, place)
    names = "{" + ", ".join(f"{name!r}: ..." for name in given) + "}"
    stated = "{" + ", ".join(f"{name!r}: {value}" for name, value in given.items()) + "}"
    prompt = filled(INPUT, {**cells, "names": names})
    return crux_problem(source, row, place, prompt, f"arguments = {stated}", test, cells)


def cells_of(row: dict[str, Any], place: str) -> dict[str, str]:
    arguments = text_of(row, "input", place, may_be_empty=True)  # sample_135 calls f()
    return {"code": text_of(row, "code", place), "input": arguments, "output": text_of(row, "output", place)}


def crux_problem(
    source: ProblemFile, row: dict[str, Any], place: str, prompt: str, reference: str, test: str, cells: dict[str, str]
) -> Problem:
    extra = extra_values(row, source.columns.extra, place) | {"tests": [test], "literals": True}
    return make_problem(source, prompt, reference, extra, place, question=cells["code"])


def arguments_of(cells: dict[str, str], place: str) -> dict[str, str]:
    """Return the row's own arguments by parameter, as source text. Errors: InputError if they cannot be named."""
    try:
        functions = [node for node in ast.parse(cells["code"]).body if isinstance(node, ast.FunctionDef)]
        parameters = next(node.args for node in functions if node.name == "f")
        call = ast.parse(f"f({cells['input']})", mode="eval").body
    except (SyntaxError, ValueError, StopIteration):
        raise InputError(f"{place}: column 'code' defines no f, or 'input' is no list of arguments") from None
    assert isinstance(call, ast.Call), "that is how it was written"
    names = [parameter.arg for parameter in parameters.args]
    if parameters.posonlyargs or parameters.vararg or parameters.kwarg or len(call.args) > len(names):
        raise InputError(f"{place}: f takes arguments without a name, which this question cannot ask for")
    positional = zip(names, call.args, strict=False)
    named = [(str(keyword.arg), keyword.value) for keyword in call.keywords]
    return {name: ast.unparse(value) for name, value in [*positional, *named]}
