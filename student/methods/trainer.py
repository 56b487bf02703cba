"""TRL's SFTTrainer, with a journal of what each step trained on and an end to a loss that is no number."""

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback
from trl import SFTTrainer

from records.errors import InputError
from student.methods.checkpoints import mark_whole
from student.methods.collating import Collator
from student.methods.head import labels_only
from student.methods.journal import Journal, Step
from student.methods.speed import Work, speed


@dataclass
class Meter:
    """Adds up the micro-batches of the step at hand."""

    rows: list[int] = field(default_factory=list)
    loss: float = 0.0
    tokens: int = 0
    supervised: int = 0
    total: int = 0
    """Tokens of all steps so far, those of earlier attempts included."""
    since: float = 0.0
    recent: list[Step] = field(default_factory=list)
    """Steps since the last log."""
    keys: int = 0
    """How many tokens the tokens since the last log attend to, themselves included, summed up."""

    def add(self, batch: dict[str, torch.Tensor], loss: float) -> None:
        self.rows += batch["rows"].tolist()
        self.loss += loss
        tokens = int(batch["lengths"].sum())
        self.tokens += tokens
        self.total += tokens
        self.keys += keys_attended(batch)
        self.supervised += int((batch["labels"] >= 0).sum())

    def take(self, step: int) -> Step:
        """Return the finished step, and start the next one."""
        now = time.monotonic()
        done = Step(step, self.rows, self.loss, self.tokens, self.supervised, round(now - self.since, 4))
        self.rows, self.loss, self.tokens, self.supervised, self.since = [], 0.0, 0, 0, now
        self.recent.append(done)
        return done

    def since_last_log(self) -> tuple[list[Step], int]:
        """Return the steps since the last call, and their `keys`."""
        recent, keys, self.recent, self.keys = self.recent, self.keys, [], 0
        return recent, keys


def keys_attended(batch: dict[str, torch.Tensor]) -> int:
    """Return how many tokens the tokens of a batch attend to, themselves included: the one at position i of its row
    attends to i + 1. Packed rows come with `position_ids`, which are 0 over padding; others start at 0 each."""
    lengths = batch["lengths"]
    if "position_ids" not in batch:
        return int((lengths * (lengths + 1) // 2).sum())
    positions = batch["position_ids"]
    padding = positions.numel() - int(lengths.sum())
    return int((positions + 1).sum()) - padding


class JournaledTrainer(SFTTrainer):
    """Trains on batches that carry the numbers of their rows, and logs its speed."""

    def __init__(self, journal: Journal, meter: Meter, work: Work | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.journal, self.meter, self.work = journal, meter, work
        model: Any = self.model
        collate: Any = self.data_collator
        self.data_collator = Collator(collate, model.config._attn_implementation)

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        loss = super().training_step(model, inputs, num_items_in_batch)
        value = float(loss)
        if not math.isfinite(value):
            raise InputError(
                f"the loss became {value} at step {self.state.global_step + 1}; lower settings.learning_rate, or set "
                "dtype: float32"
            )
        self.meter.add(inputs, value)
        return loss

    def compute_loss(self, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        for name in ("rows", "lengths"):  # they are for the journal; a model takes no such input
            inputs.pop(name, None)
        with labels_only():
            return super().compute_loss(model, inputs, *arguments, **named)

    def count_tokens_before(self, journal: Journal) -> None:
        """Start the token count where an earlier attempt ended."""
        self.meter.total = sum(step.tokens for step in journal.steps())

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if "loss" in logs:
            logs |= speed(*self.meter.since_last_log(), self.work)
            self._metrics["train"]["num_tokens"] = [self.meter.total]  # TRL's starts at 0 in every attempt
        super().log(logs, start_time)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        self.journal.sync()
        super()._save_checkpoint(model, trial)


class KeepJournal(TrainerCallback):
    """Writes the journal's lines, and marks checkpoints as whole."""

    def __init__(self, journal: Journal, meter: Meter) -> None:
        self.journal, self.meter = journal, meter

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.meter.since = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.journal.append(self.meter.take(state.global_step))

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        mark_whole(Path(args.output_dir) / f"checkpoint-{state.global_step}")
