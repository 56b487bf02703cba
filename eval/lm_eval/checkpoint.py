"""Finds the checkpoint that lm-eval is to load, and what lm-eval will do otherwise than the run did."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.comparing.evaluated_run import EvaluatedRun
from eval.comparing.lineage import read_made
from eval.lm_eval.task import Task
from records.errors import InputError
from records.files import MANIFEST

CHECKPOINT = "checkpoint"
"""Link at the top of a run directory to what was published last (`flows.run.directory`)."""
DEFAULTS = "generation_config.json"


def checkpoint_of(run: EvaluatedRun, task: Task) -> Path:
    """Return the run's published checkpoint. Errors: InputError if it is none, or not of the weights that were
    measured."""
    path = run.score.artifact.path.parent / CHECKPOINT
    if not (path / MANIFEST).is_file():
        raise InputError(f"{path}: no published checkpoint; name the weights with --checkpoint")
    measured = task.measurement.sampled.inputs.needs
    if not set(read_made(path).inputs.needs) & set(measured):
        raise InputError(
            f"{path}: not of the weights that {task.measurement.sampled.artifact.path.name} was drawn with; name these "
            "with --checkpoint"
        )
    return path


def notes(task: Task, checkpoint: Path) -> Iterator[str]:
    """Yield what makes lm-eval's completions others than the run's."""
    if task.sampling.temperature > 0:
        yield "the run drew its completions at a temperature, so lm-eval's are others: only the scores can be compared"
    file = checkpoint / DEFAULTS
    if file.is_file():
        limit, given = limit_in(file), task.sampling.max_tokens
        if limit not in (None, given):
            yield (
                f"{file} limits completions to {limit} tokens, and transformers prefers that to the task's {given}; "
                "change it there"
            )


def limit_in(file: Path) -> Any:
    """Return the limit on a completion's tokens that a checkpoint's defaults name. Errors: InputError if they are no
    mapping."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8"))).get("max_new_tokens")
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{file}: not a JSON object ({error}); correct the checkpoint") from error
