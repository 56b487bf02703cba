"""Tells how a training goes: to the flow while it runs, and as `training/log.parquet` for curves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from records.parquet import TRAINING_LOG, write_rows
from records.training_log import LOG_FILE, RECORDS
from student.methods.journal import Step

LOGGED = ("learning_rate", "grad_norm", "entropy", "mean_token_accuracy", "tokens_per_s", "supervised_tokens_per_s")
MORE = ("memory_gib", "mfu", "eval_loss", "eval_entropy", "eval_mean_token_accuracy")
DRAWN = ("completion_length", "truncated", "eval_completion_length")
"""Of completions that the student draws in training."""
SCORED = ("judged_right", "margin", "eval_judged_right", "eval_margin", "eval_first_errors_found")
"""Of reward models."""
SHOWN = {
    "loss": "loss",
    "eval_loss": "held-out loss",
    "mean_token_accuracy": "accuracy",
    "judged_right": "judged right",
    "eval_judged_right": "held-out judged right",
    "completion_length": "tokens drawn",
    "entropy": "entropy",
    "tokens_per_s": "tokens/s",
    "mfu": "MFU %",
    "memory_gib": "GiB",
}
"""What the line of progress shows, under which name."""


class ReportProgress(TrainerCallback):
    """Reports the trainer's steps and metrics to the flow whenever the trainer logs them."""

    def __init__(self, progress: Callable[..., None]) -> None:
        self.progress = progress

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        shown = {name: float(logs[key]) for key, name in SHOWN.items() if logs and key in logs}
        if shown:
            self.progress(state.global_step, state.max_steps, **shown)


def write_log(folder: Path, steps: list[Step], history: list[dict[str, Any]]) -> None:
    """Write a row for each step, with the trainer's own metrics in the rows of the steps at which it logged them."""
    by_step: dict[int, dict[str, Any]] = {}
    for entry in history:
        by_step.setdefault(entry["step"], {}).update(entry)

    def rows() -> Iterator[dict[str, Any]]:
        for step in steps:
            logged = by_step.get(step.step, {})
            own = {name: getattr(step, name) for name in ("step", "loss", "tokens", "supervised", "seconds")}
            yield own | {name: logged.get(name) for name in (*LOGGED, *MORE, *DRAWN, *SCORED)}

    (folder / RECORDS).mkdir(exist_ok=True)
    write_rows(folder / RECORDS / LOG_FILE, rows(), TRAINING_LOG)
