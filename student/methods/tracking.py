"""Tells how a training goes: to the flow while it runs, and as `training/log.parquet` for curves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from records.parquet import write_rows
from records.schemas import TRAINING_LOG
from records.training_log import LOG_FILE, RECORDS
from student.methods.journal import Step

LOGGED = ("learning_rate", "grad_norm", "entropy", "mean_token_accuracy", "tokens_per_s", "supervised_tokens_per_s")
MORE = ("memory_gib", "mfu", "eval_loss", "eval_entropy", "eval_mean_token_accuracy")
DRAWN = (
    *("reward", "reward_std", "reward_answer", "reward_format", "reward_language", "reward_length"),
    *("completion_length", "truncated", "no_signal", "unknown", "kl", "clipped"),
    *("generation_s", "judging_s", "judging_wait_s", "eval_accuracy", "eval_completion_length"),
)
"""Columns of trainings whose model samples, of reinforcement learning most of them."""
SCORED = ("judged_right", "margin", "eval_judged_right", "eval_margin", "eval_first_errors_found")
"""Of reward models."""
SHOWN = {
    "reward": "reward",
    "eval_accuracy": "held-out accuracy",
    "completions/mean_length": "completion tokens",
    "no_signal": "groups without signal",
    "kl": "KL",
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

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        warmup, steps = args.get_warmup_steps(state.max_steps), state.max_steps
        if warmup >= steps:  # transformers begins with a learning rate of 0
            learnt = "nothing is learnt" if steps == 1 else "the learning rate is never reached"
            self.progress(state.global_step, steps, note=f"all {steps} steps are warm-up: {learnt} (warmup_steps)")

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        found = {key: value for key, value in (logs or {}).items() if value is not None}
        shown = {name: float(found[key]) for key, name in SHOWN.items() if key in found}
        if shown:
            self.progress(state.global_step, state.max_steps, **shown)


def write_log(folder: Path, steps: list[Step], history: list[dict[str, Any]]) -> None:
    """Write a row for each step, with the trainer's own metrics in the rows of the steps at which it logged them, and
    before them a row 0 if it evaluated the weights that it started from. A step's own metrics come first."""
    by_step: dict[int, dict[str, Any]] = {}
    for entry in history:
        by_step.setdefault(entry["step"], {}).update(entry)

    names = (*LOGGED, *MORE, *DRAWN, *SCORED)

    def rows() -> Iterator[dict[str, Any]]:
        if 0 in by_step:
            yield {"step": 0} | {name: by_step[0].get(name) for name in names}
        for step in steps:
            logged = by_step.get(step.step, {}) | step.metrics
            own = {name: getattr(step, name) for name in ("step", "loss", "tokens", "supervised", "seconds")}
            yield own | {name: logged.get(name) for name in names}

    (folder / RECORDS).mkdir(exist_ok=True)
    write_rows(folder / RECORDS / LOG_FILE, rows(), TRAINING_LOG)
