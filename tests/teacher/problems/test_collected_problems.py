"""Problems are collected once each, without those of a benchmark or without a reference, or generated."""

import json
from pathlib import Path
from typing import Any

import pytest
from table_makers import ROWS, make_jsonl, make_source

from configs.sources import GeneratedProblems
from records.counts import ProblemsCounts
from records.errors import InputError
from records.hashing import problem_id
from records.parquet import read_problems
from teacher.problems.generated import generate
from teacher.problems.sources import write_problems


def test_each_problem_once_and_none_of_a_benchmark(tmp_path: Path) -> None:
    rows = [*ROWS, ROWS[1] | {"problem": "WHAT  is 1 + 1?"}]  # case and white space aside, a repetition
    sources = [
        make_source(make_jsonl(tmp_path / "a.jsonl", *rows)),
        make_source(make_jsonl(tmp_path / "b.jsonl", ROWS[2])),
    ]
    counts = write_problems(tmp_path, sources, excluded={problem_id(ROWS[0]["problem"])})
    assert counts == ProblemsCounts(problems=4, repeated=2, in_benchmark=1, without_reference=0)
    problems = list(read_problems(tmp_path / "problems.parquet"))
    assert [problem.prompt for problem in problems] == [row["problem"] for row in ROWS[1:]]


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_rows_without_a_reference_stop_the_run_unless_they_may_be_skipped(tmp_path: Path, empty: str | None) -> None:
    file = make_jsonl(tmp_path / "a.jsonl", ROWS[0], ROWS[1] | {"answer": empty}, ROWS[2])
    source = make_source(file)
    with pytest.raises(InputError, match=":2: column 'answer'"):
        write_problems(tmp_path, [source], excluded=set())
    counts = write_problems(tmp_path, [source.model_copy(update={"skip_without_reference": True})], excluded=set())
    assert (counts.problems, counts.without_reference) == (2, 1)
    problems = list(read_problems(tmp_path / "problems.parquet"))
    assert [problem.prompt for problem in problems] == [ROWS[0]["problem"], ROWS[2]["problem"]]


def test_no_problems_left_is_refused(tmp_path: Path) -> None:
    source = make_source(make_jsonl(tmp_path / "a.jsonl", ROWS[0], ROWS[0]))
    with pytest.raises(InputError, match="no problems left: 0 repeated, 2 in a benchmark"):
        write_problems(tmp_path, [source], excluded={problem_id(ROWS[0]["problem"])})


def make_generated(task: str = "chain_sum", **settings: Any) -> GeneratedProblems:
    return GeneratedProblems(kind="reasoning_gym", task=task, size=4, seed=1, settings=settings)


def test_generated_problems_are_repeatable_and_keep_their_entry() -> None:
    problems = list(generate(make_generated()))
    assert problems == list(generate(make_generated()))
    assert len(problems) == 4
    assert json.loads(problems[0].extra)["answer"] == problems[0].reference
    math = list(generate(make_generated().model_copy(update={"verifier": "math"})))
    assert set(json.loads(math[0].extra)) == {"metadata"}


@pytest.mark.parametrize(
    ("source", "task"),
    [
        (make_generated("chain_sun"), "chain_sun"),
        (make_generated(max_term=3), "max_term"),
        (make_generated(min_terms=5, max_terms=2), "min_terms"),
        (make_generated(min_terms="two"), "two"),
    ],
)
def test_bad_task_or_settings(source: GeneratedProblems, task: str) -> None:
    with pytest.raises(InputError, match=task) as caught:
        list(generate(source))
    assert str(caught.value).startswith(f"reasoning-gym task '{source.task}' with ")


def test_settings_that_fail_at_the_first_entry() -> None:
    with pytest.raises(InputError, match="complex_arithmetic"):
        list(generate(make_generated("complex_arithmetic", operations_weights=[1])))
