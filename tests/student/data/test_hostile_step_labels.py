"""Hostile files of step labels: every bad value is one short line, and no row becomes much longer than it is."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from records import tables
from records.errors import InputError
from student.data.step_labels.registry import FORMS, MOST_TIMES, read_labelled, size_of

HALF = "\ud800"
VALUES = [None, True, 7, 10**400, -1, 1.5, float("nan"), float("inf"), "x", HALF, "\0", [], {}, [[]], [None], [HALF]]
GOOD: dict[str, dict[str, Any]] = {
    "prm800k": {
        "question": {"problem": "P"},
        "label": {
            "steps": [
                {
                    "completions": [{"text": "a", "rating": 1}, {"text": "b", "rating": -1}],
                    "human_completion": {"text": "c"},
                    "chosen_completion": 0,
                }
            ]
        },
    },
    "math_shepherd": {"input": "P Step 1: a ки", "label": "P Step 1: a +", "task": "GSM8K"},
    "math_aps": {
        "question": "P",
        "reasoning_steps": {"text": "P", "children": [{"text": "a", "mc_value": 0.5, "children": []}]},
    },
    "prmbench": {
        "original_question": "O",
        "modified_question": "P",
        "original_process": ["a"],
        "modified_process": ["a"],
        "error_steps": [1],
        "classification": "circular",
    },
    "mr_gsm8k": {
        "question": "P",
        "model_output_steps": ["a"],
        "model_output_solution_correctness": "wrong",
        "model_output_solution_first_error_step": 1,
    },
    "bigbench_mistake": {"input": "P", "steps": ["a"], "mistake_index": 0},
}


def changed(row: Any, value: Any) -> list[Any]:
    """Every row in which one value, at any depth, is another one."""
    if isinstance(row, dict):
        return [value] + [row | {key: one} for key in row for one in changed(row[key], value)]
    if isinstance(row, list):
        return [value] + [[*row[:at], one, *row[at + 1 :]] for at in range(len(row)) for one in changed(row[at], value)]
    return [value]


def read(tmp_path: Path, form: str, row: Any) -> int:
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps(row) + "\n")
    found = list(read_labelled(file, form))
    for one in found:
        "".join((one.problem, one.source, *one.steps)).encode()
        assert len(one.steps) == len(one.labels)
        assert all(label is None or 0 <= label <= 1 for label in one.labels)
    return len(found)


def refusal_if_any(tmp_path: Path, form: str, row: Any) -> str:
    try:
        read(tmp_path, form, row)
    except InputError as error:
        return str(error).removeprefix(str(tmp_path))
    return ""


def refusal(tmp_path: Path, form: str, row: Any) -> str:
    with pytest.raises(InputError) as found:
        read(tmp_path, form, row)
    return str(found.value)


@pytest.mark.parametrize("form", FORMS)
def test_any_value_is_read_or_refused_in_one_short_line(tmp_path: Path, form: str) -> None:
    assert read(tmp_path, form, GOOD[form])
    refused = 0
    for value in VALUES:
        for row in changed(GOOD[form], value):
            line = refusal_if_any(tmp_path, form, row)
            refused += line != ""
            assert len(line) < 250, row
            assert "\n" not in line
    assert refused > 20


def test_names_of_columns_are_clipped(tmp_path: Path) -> None:
    line = refusal(tmp_path, "bigbench_mistake", {f"{number} {'k' * 100}": 1 for number in range(21)})
    assert line.endswith("and 1 more: check the form of the labels, or remove the row")
    assert len(line) < 1600


def prm800k(steps: int, others: int, text: str) -> dict[str, Any]:
    one = {"completions": [{"text": text, "rating": 1}, *[{"text": "", "rating": -1}] * others], "chosen_completion": 0}
    return {"question": {"problem": "P"}, "label": {"steps": [one] * steps}}


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("prm800k", prm800k(2_200, 1, "a")),
        ("prm800k", prm800k(2, 400, "a" * 100_000)),
        (
            "math_aps",
            {
                "question": "P",
                "reasoning_steps": {
                    "children": [
                        {
                            "text": "a" * 1_000_000,
                            "mc_value": 0.5,
                            "children": [{"text": "b", "mc_value": 0.5, "children": []}] * 1_000,
                        }
                    ]
                },
            },
        ),
    ],
)
def test_solutions_do_not_multiply_a_row(tmp_path: Path, form: str, row: dict[str, Any]) -> None:
    assert f"repeat its text more than {MOST_TIMES} times" in refusal(tmp_path, form, row)


def test_a_long_solution_with_others_is_read(tmp_path: Path) -> None:
    """Its solutions take about 90 times as much as the row."""
    assert read(tmp_path, "prm800k", prm800k(200, 1, "a" * 200)) == 201


def test_size_counts_characters_and_values_of_any_depth() -> None:
    nested: Any = "ab"
    for _ in range(2_000):
        nested = [nested]
    assert size_of(nested) == 2_003
    assert size_of({"a": ["b", None, ("c",)]}) == 8  # a dict, a list, a text, null, a tuple, a text; two letters
    assert size_of(("", 1.0)) == 3


@pytest.mark.parametrize(
    ("form", "row"),
    [
        (
            "prmbench",
            GOOD["prmbench"] | {"modified_process": ["a"] * 20_000, "error_steps": list(range(20_001, 40_001))},
        ),
        ("math_aps", {"question": "P", "reasoning_steps": [
            {"solution_prefix": "P" + "a" * size, "mc_value": 0.5} for size in range(2_000)]}),
    ],
)  # fmt: skip
def test_time_does_not_grow_with_the_square(tmp_path: Path, form: str, row: dict[str, Any]) -> None:
    started = time.process_time()
    assert read(tmp_path, form, row)
    assert time.process_time() - started < 1.5


def test_a_packed_json_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_JSON_MIB", 1)
    rows = tmp_path / "labels.json.gz"
    for extra, fits in ((0, True), (1, False)):
        rows.write_bytes(gzip.compress(b"[" + b" " * ((1 << 20) - 2 + extra) + b"]"))
        if fits:
            assert list(read_labelled(rows, "prm800k")) == []
        else:
            with pytest.raises(InputError, match="longer than 1 MiB"):
                list(read_labelled(rows, "prm800k"))
