"""Writes a benchmark as a task of lm-eval: the run's prompts and token limit, and a metric of lm-eval's own.

The format is that of lm-eval 0.4.13 (github.com/EleutherAI/lm-evaluation-harness, docs/new_task_guide.md).
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from configs.prompt import Prompt
from eval.comparing.evaluated_run import EvaluatedRun, Measurement
from eval.lm_eval.asked import Model, Sampling, drawn_as
from records.errors import InputError
from records.files import write_whole
from records.parquet import check_columns, read_rows, write_rows
from records.rows import CODE, Variant
from records.thinking import FORMATS

PROBLEMS = pa.schema([(name, pa.string()) for name in ("id", "system", "prompt", "reference")])
"""Parquet, because the reader of JSON would turn a reference such as 2026-01-31 into a date."""
BOXED = r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}"
"""Of `so it is \\boxed{\\frac{1}{2}}` the content of the box."""
FILTER, METRIC = "boxed", "exact_match"
BATCH = 16


@dataclass(frozen=True, slots=True)
class Task:
    """A benchmark as one variant was asked it. Made by `task_of`; written by `write_task`."""

    name: str
    measurement: Measurement
    sampling: Sampling
    model: Model
    prompt: Prompt


def task_of(run: EvaluatedRun, benchmark: str, variant: Variant) -> Task:
    """Find what a variant was asked. Errors: InputError if the run did not measure it, or lm-eval could not."""
    if (benchmark, variant) not in run.measured:
        measured = ", ".join(f"{other} on {name}" for name, other in run.measured)
        raise InputError(f"{run.name}: {variant} was not measured on {benchmark}; measured: {measured}")
    measurement = run.measured[benchmark, variant]
    name = f"retort_{re.sub(r'[^A-Za-z0-9]+', '_', benchmark)}"
    task = Task(name, measurement, *drawn_as(measurement.sampled))
    name = task.prompt.reasoning_format
    if task.model.thinks and FORMATS[name].special:
        raise InputError(
            f"{benchmark}: lm-eval drops the special tokens of the reasoning format {name} before it looks for the end "
            "of the reasoning, and would judge the reasoning; only models whose tags are text can be checked"
        )
    return task


def problems_of(measurement: Measurement) -> Iterator[dict[str, str]]:
    """Yield id, prompt, reference and verifier of every problem, in the order in which they were judged."""
    seen: set[str] = set()
    columns = ["problem_id", "prompt", "reference", "verifier"]
    check_columns(measurement.judged.artifact.path, columns)
    for row in read_rows(measurement.judged.artifact.path, columns):
        if row["problem_id"] not in seen:
            seen.add(row["problem_id"])
            yield {"id": row["problem_id"], **{name: row[name] for name in ("prompt", "reference", "verifier")}}


def write_task(folder: Path, task: Task) -> Path:
    """Write the task and its problems into a folder, and return the task's file. Errors: InputError for programs, of
    which lm-eval runs no tests."""
    rows = []
    for problem in problems_of(task.measurement):
        if problem["verifier"] == CODE:
            raise InputError(f"{task.name}: its programs are judged by running tests, which a task of lm-eval does not")
        *system, user = task.prompt.messages(problem["prompt"])
        turns = {"system": system[0]["content"] if system else "", "prompt": user["content"]}
        rows.append({"id": problem["id"], "reference": problem["reference"], **turns})
    file = folder / f"{task.name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        problems = folder / f"{task.name}.parquet"
        write_rows(problems, rows, PROBLEMS)
        write_whole(file, yaml.safe_dump(settings_of(task, problems), sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror or error}); choose another --out") from error
    return file


def settings_of(task: Task, problems: Path) -> dict[str, Any]:
    """Return lm-eval's settings of the task. Without `until: []` it would end every answer at the first blank line."""
    sampling, greedy = task.sampling, task.sampling.temperature == 0
    given = {"top_p": sampling.top_p, "top_k": sampling.top_k}
    drawing = {} if greedy else {name: value for name, value in given.items() if value != -1}
    return {
        "task": task.name,
        "dataset_path": "parquet",
        "dataset_kwargs": {"data_files": {"test": str(problems.absolute())}},
        "test_split": "test",
        "output_type": "generate_until",
        **({"description": "system"} if task.prompt.system else {}),
        "doc_to_text": "prompt",
        "doc_to_target": "reference",
        "generation_kwargs": {
            "until": [],
            "do_sample": not greedy,
            "temperature": sampling.temperature,
            **drawing,
            "max_gen_toks": sampling.max_tokens,
        },
        "filter_list": [
            {
                "name": FILTER,
                "filter": [
                    {"function": "regex", "regex_pattern": BOXED, "group_select": -1},
                    {"function": "take_first"},
                ],
            }
        ],
        "metric_list": [
            {"metric": METRIC, "aggregation": "mean", "higher_is_better": True, "regexes_to_ignore": [r"\s"]},
        ],
        "metadata": {"version": 1.0},
    }


def command(task: Task, checkpoint: str, folder: Path) -> str:
    """Return the command by which lm-eval measures the task."""
    model: dict[str, Any] = {"pretrained": checkpoint, "dtype": task.model.dtype}
    if task.model.thinks:
        model["think_end_token"] = FORMATS[task.prompt.reasoning_format].mark
    if task.prompt.chat_template_kwargs:
        model["chat_template_args"] = task.prompt.chat_template_kwargs
    words = [
        *("lm_eval", "--model", "hf", "--model_args", json.dumps(model, ensure_ascii=False)),
        *("--tasks", task.name, "--include_path", str(folder), "--apply_chat_template"),
        *("--batch_size", str(BATCH), "--log_samples", "--output_path", str(folder)),
    ]
    return shlex.join(words)
