"""Readers of step labels: each form on rows made here, and on the samples that are at hand."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from records.errors import InputError
from records.step_labels import LabelledSolution
from student.data.step_labels.registry import FORMS, read_labelled

SAMPLES = ROOT.parent / "shared" / "data" / "steps"


def completion(text: str, rating: int | None) -> dict[str, Any]:
    return {"text": text, "rating": rating, "flagged": False}


def step(*completions: dict[str, Any], chosen: int | None, human: str | None = None) -> dict[str, Any]:
    written = {"text": human, "rating": None} if human else None
    return {"completions": list(completions), "human_completion": written, "chosen_completion": chosen}


ROWS: dict[str, dict[str, Any]] = {
    "prm800k": {
        "question": {"problem": "P"},
        "label": {
            "finish_reason": "found_error",
            "steps": [
                step(completion("a", 1), chosen=0),
                step(completion("b", -1), completion("c", None), chosen=None, human="d"),
                step(completion("e", 0), completion("f", -1), chosen=0),
                step(completion("g", None), completion("h", -1), completion("i", 1), chosen=None),
            ],
        },
    },
    "math_shepherd": {
        "input": "P? Step 1: a ки\nStep 2: b = + 1 ки\nStep 3: c ки",
        "label": "P? Step 1: a +\nStep 2: b = + 1 -\nStep 3: c +",
        "task": "GSM8K",
    },
    "math_aps": {
        "question": "P",
        "reasoning_steps": [
            {"solution_prefix": "P", "mc_value": 0.9},
            {"solution_prefix": "Pab", "mc_value": 0.0},
            {"solution_prefix": "Pa", "mc_value": 0.5},
            {"solution_prefix": "Pac", "mc_value": 1.0},
        ],
    },
    "prmbench": {
        "original_question": "O",
        "modified_question": "P",
        "original_process": ["1. a", "2. b"],
        "modified_process": ["1. a", "2. c", "3. d"],
        "error_steps": [2, 4],
        "classification": "circular",
    },
    "mr_gsm8k": {
        "question": "P",
        "model_output_steps": ["Step 1: a", "Step 2: b", "Step 3: c"],
        "model_output_solution_correctness": "wrong",
        "model_output_solution_first_error_step": 2,
    },
    "bigbench_mistake": {"input": "P", "steps": ["a", "b", "c"], "mistake_index": 1},
}
SOLUTIONS: dict[str, list[tuple[tuple[str, ...], tuple[float | None, ...]]]] = {
    "prm800k": [
        (("a", "d", "e", "h"), (1.0, 1.0, 1.0, 0.0)),
        (("a", "b"), (None, 0.0)),
        (("a", "d", "f"), (None, None, 0.0)),
        (("a", "d", "e", "i"), (None, None, None, 1.0)),
    ],
    "math_shepherd": [(("Step 1: a", "Step 2: b = + 1", "Step 3: c"), (1.0, 0.0, 1.0))],
    "math_aps": [(("a", "b"), (0.5, 0.0)), (("a", "c"), (None, 1.0))],
    "prmbench": [(("1. a", "2. c", "3. d"), (1.0, 0.0, 1.0)), (("1. a", "2. b"), (1.0, 1.0))],
    "mr_gsm8k": [(("Step 1: a", "Step 2: b", "Step 3: c"), (1.0, 0.0, None))],
    "bigbench_mistake": [(("a", "b", "c"), (1.0, 0.0, None))],
}


def read(tmp_path: Path, form: str, *rows: dict[str, Any]) -> list[LabelledSolution]:
    file = tmp_path / "labels.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return list(read_labelled(file, form))


@pytest.mark.parametrize("form", FORMS)
def test_reads_a_row(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, form, ROWS[form])
    assert [(one.steps, one.labels) for one in found] == SOLUTIONS[form]
    assert found[0].problem == ("P?" if form == "math_shepherd" else "P")
    assert all(one.source.startswith(form) for one in found)


def test_math_aps_as_a_tree_and_as_single_prefixes(tmp_path: Path) -> None:
    leaf: dict[str, Any] = {"text": "a", "mc_value": 0.5, "children": [{"text": "b", "mc_value": 0.0, "children": []}]}
    leaf["children"].append({"text": "c", "mc_value": 1.0, "children": []})
    tree = {"question": "P", "reasoning_steps": {"text": "P", "mc_value": 0.9, "children": [leaf]}}
    found = read(tmp_path, "math_aps", tree, {"question": "P", "partial_answer": "a", "mc_score": 0.25})
    assert [(one.steps, one.labels) for one in found] == [*SOLUTIONS["math_aps"], (("a",), (0.25,))]


@pytest.mark.parametrize(
    ("form", "change", "labels"),
    [
        ("mr_gsm8k", {"model_output_solution_correctness": "correct"}, (1.0, 1.0, 1.0)),
        ("mr_gsm8k", {"model_output_solution_first_error_step": 1}, (0.0, None, None)),
        ("mr_gsm8k", {"model_output_solution_first_error_step": 3}, (1.0, 1.0, 0.0)),
        ("bigbench_mistake", {"mistake_index": None}, (1.0, 1.0, 1.0)),
        ("bigbench_mistake", {"mistake_index": 0}, (0.0, None, None)),
        ("bigbench_mistake", {"mistake_index": 2}, (1.0, 1.0, 0.0)),
        ("prmbench", {"error_steps": []}, (1.0, 1.0, 1.0)),
        ("prmbench", {"error_steps": [3]}, (1.0, 1.0, 0.0)),
        ("prmbench", {"error_steps": [4]}, (None, None, None)),
    ],
)
def test_where_the_error_is(
    tmp_path: Path, form: str, change: dict[str, Any], labels: tuple[float | None, ...]
) -> None:
    assert read(tmp_path, form, ROWS[form] | change)[0].labels == labels


@pytest.mark.parametrize(
    ("form", "change", "message"),
    [
        ("mr_gsm8k", {"model_output_solution_first_error_step": 0}, "number -1 from 0 of 3"),
        ("mr_gsm8k", {"model_output_solution_first_error_step": 4}, "number 3 from 0 of 3"),
        ("mr_gsm8k", {"model_output_solution_first_error_step": "two"}, "first_error_step' is str"),
        ("mr_gsm8k", {"model_output_solution_correctness": "maybe"}, "is maybe, neither"),
        ("bigbench_mistake", {"mistake_index": 3}, "number 3 from 0 of 3"),
        ("bigbench_mistake", {"mistake_index": True}, "'mistake_index' is bool"),
        ("bigbench_mistake", {"steps": []}, "must be a list of texts"),
        ("prmbench", {"error_steps": [0]}, "step numbers from 1"),
        ("prmbench", {"modified_process": [1]}, "must be a list of texts"),
        ("math_shepherd", {"label": "P? Step 1: a +\nStep 2: b = + 1 ?\nStep 3: c +"}, "with + or -"),
        ("math_shepherd", {"label": "P? Step 1: a +"}, "with + or -"),
        ("math_shepherd", {"input": "P? Step 1: a"}, "must hold 'Step 1:'"),
        ("math_shepherd", {"input": "P? a ки"}, "must hold 'Step 1:'"),
        ("math_aps", {"reasoning_steps": [{"solution_prefix": "Q", "mc_value": 0.1}]}, "begin with the question"),
        ("math_aps", {"reasoning_steps": [{"solution_prefix": "P", "mc_value": 1.1}]}, "1.1, not between"),
        ("math_aps", {"partial_answer": "a", "mc_score": -0.1}, "-0.1, not between"),
        ("prm800k", {"label": {"steps": [step(completion("a", 2), chosen=0)]}}, "'rating' is 2"),
        ("prm800k", {"label": {"steps": [step(completion("a", 1), chosen=1)]}}, "'chosen_completion' is 1 of 1"),
        ("prm800k", {"question": {}}, "'problem' is missing"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, form: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        read(tmp_path, form, ROWS[form], ROWS[form] | change)
    assert str(raised.value).startswith(f"{tmp_path / 'labels.jsonl'}:2: ")
    assert "\n" not in str(raised.value)


def test_reads_a_compressed_list(tmp_path: Path) -> None:
    file = tmp_path / "labels.json.gz"
    file.write_bytes(gzip.compress(json.dumps([ROWS["mr_gsm8k"]]).encode()))
    assert len(list(read_labelled(file, "mr_gsm8k"))) == 1
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(InputError, match="broken gzip file"):
        list(read_labelled(file, "mr_gsm8k"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/data/steps")
@pytest.mark.parametrize(
    ("form", "files", "solutions", "right", "wrong"),
    [
        ("prm800k", "openr_samples/samples_prm800k.jsonl", 36, 60, 15),
        ("math_shepherd", "openr_samples/samples_math-shepherd.jsonl", 7, 5, 20),
        ("math_aps", "openr_samples/samples_math-aps.jsonl", 124, 120, 5),
        ("math_aps", "openr_samples/samples_math-aps-tree.jsonl", 242, 153, 7),
        ("math_aps", "openr_samples/math_?_nodes_data.json", 493, 0, 186),
        ("prmbench", "prmbench/prm800k_test_p1_4o_missing_condition.jsonl.gz", 180, 2494, 226),
        ("prmbench", "prmbench/prm_test_p12_multi_solutions.jsonl.gz", 330, 4207, 0),
        ("mr_gsm8k", "mr_gsm8k/*.json.gz", 851, 2426, 851),
        ("bigbench_mistake", "bigbench_mistake/*.jsonl.gz", 2186, 15739, 1708),
    ],
)
def test_reads_the_samples(form: str, files: str, solutions: int, right: int, wrong: int) -> None:
    found = [one for file in sorted(SAMPLES.glob(files)) for one in read_labelled(file, form)]
    counts = Counter(label for one in found for label in one.labels)
    assert (len(found), counts[1.0], counts[0.0]) == (solutions, right, wrong)
    assert all(len(one.steps) == len(one.labels) > 0 and one.problem for one in found)
