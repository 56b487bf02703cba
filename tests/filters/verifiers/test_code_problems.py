"""Problems with unit tests, from a user's file to verdicts: all common forms are read, and mistakes are named."""

import json
from pathlib import Path
from typing import Any

import pytest
from judging_makers import judge_all

from configs.judging import Judging
from configs.models import Prompt
from configs.sampling import Sampling
from configs.sources import ProblemColumns, ProblemFile
from configs.teachers import FakeTeacher
from filters.verifiers.programs.unit_tests import NoTests, read_tests
from records.errors import InputError
from records.parquet import read_problems, read_traces
from teacher.engines.fake import FakeSampler
from teacher.problems.sources import write_problems
from teacher.sampling.stage import SamplingJob, sample_traces

COLUMNS = ProblemColumns(prompt="text", reference="code", extra={"tests": "test_list", "setup": "test_setup_code"})
ROWS = [
    {
        "text": "Double it.",
        "code": "def f(n):\n    return 2 * n",
        "test_list": ["assert f(2) == 4"],
        "test_setup_code": "",
    },
    {"text": "Halve it.", "code": "def g(n):\n    return half(n)", "test_list": ["assert g(half(8)) == 2"]}
    | {"test_setup_code": "def half(n):\n    return n // 2"},
]


def file_of(folder: Path, rows: list[dict[str, Any]], columns: ProblemColumns = COLUMNS) -> ProblemFile:
    path = folder / "problems.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ProblemFile(kind="file", path=str(path), verifier="code", columns=columns)


def test_sampled_programs_are_judged_by_their_problems_tests(tmp_path: Path) -> None:
    write_problems(tmp_path, [file_of(tmp_path, ROWS)], set())
    teacher = FakeTeacher(kind="fake", accuracy=0.5, unclosed=0)
    work = SamplingJob(tmp_path, Sampling(n=4, max_tokens=64, shard_size=8), Prompt(), "model", "fake")
    traces = tmp_path / "traces"
    traces.mkdir()

    def quiet(*_: Any, **__: Any) -> None:
        pass

    sample_traces(traces, work, lambda: FakeSampler(teacher), quiet)
    counts = judge_all(tmp_path, traces, Judging())
    judged = list(read_traces(tmp_path / "judged-00000.parquet"))
    right = {row["text"]: row["code"] for row in ROWS}
    assert [trace.accepted for trace in judged] == [right[trace.prompt] in trace.answer for trace in judged]
    assert 0 < counts.accepted < 8
    assert counts.rejected == {"tests_failed": 8 - counts.accepted}


def test_problems_need_no_reference(tmp_path: Path) -> None:
    columns = ProblemColumns(prompt="text", reference=None, extra={"tests": "test_list"})
    write_problems(tmp_path, [file_of(tmp_path, ROWS, columns)], set())
    first, _ = read_problems(tmp_path / "problems.parquet")
    assert (first.reference, json.loads(first.extra)) == ("", {"tests": ["assert f(2) == 4"]})


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    columns = ProblemColumns(prompt="text", reference=None, extra={"tests": "tests"})
    with pytest.raises(InputError, match=r"problems\.jsonl:1: has no column 'tests'; it has text, code, test_list"):
        write_problems(tmp_path, [file_of(tmp_path, ROWS, columns)], set())


CHECK = "def check(candidate):\n    assert candidate(2) == 4\n"


@pytest.mark.parametrize(
    ("extra", "asserts", "inputs"),
    [
        ({"tests": ["assert f(2) == 4"]}, ["assert f(2) == 4"], []),
        ({"tests": '["assert f(2) == 4"]'}, ["assert f(2) == 4"], []),
        ({"tests": "assert f(2) == 4"}, ["assert f(2) == 4"], []),
        ({"tests": CHECK, "entry_point": "Solution().f"}, [CHECK + "\ncheck(Solution().f)"], []),
        ({"tests": CHECK + "check(f)"}, [CHECK + "check(f)"], []),
        ({"tests": {"inputs": ["1"], "outputs": ["2"]}}, [], ["1"]),
        ({"inputs": ["1"], "outputs": ["2"]}, [], ["1"]),
        ({"tests": {"input": ["1"], "output": ["2"]}}, [], ["1"]),
        ({"tests": '{"inputs": [["1", "2"]], "outputs": ["2"]}'}, [], ["1\n2"]),
        ({"tests": [{"input": "1", "output": "2", "type": "stdin_stdout"}]}, [], ["1"]),
    ],
)
def test_forms_of_tests(extra: dict[str, Any], asserts: list[str], inputs: list[str]) -> None:
    found = read_tests(json.dumps(extra))
    assert (found.asserts, found.inputs) == (asserts, inputs)
    assert len(found.outputs) == len(inputs)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("", "not JSON"),
        ("[1]", "must be a JSON object"),
        ("{}", "0 inputs and 0 outputs"),
        ('{"code": "def f(x): ...", "input": "1", "output": "2"}', "must be lists"),
        ('{"tests": []}', "no tests"),
        ('{"tests": [1]}', "tests must be texts"),
        ('{"tests": {"inputs": ["1"], "outputs": []}}', "1 inputs and 0 outputs"),
        ('{"tests": {"inputs": [[1]], "outputs": [2]}}', "write asserts"),
        ('{"tests": ["assert f()"], "setup": [3]}', "setup must be text"),
        (json.dumps({"tests": CHECK}), "needs entry_point"),
    ],
)
def test_what_is_no_set_of_tests(extra: str, message: str) -> None:
    with pytest.raises(NoTests, match=message):
        read_tests(extra)
