"""TRL's SFTTrainer, with a journal of what each step trained on in all processes, and an end to a loss that is no
number."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import TrainerCallback
from transformers.trainer_utils import rotate_checkpoints
from trl import SFTTrainer

from records.errors import InputError
from student.methods import ranks
from student.methods.batches import interleaved
from student.methods.checkpoints import mark_whole
from student.methods.collating import Collator
from student.methods.cpu_sharding import add_up_gradients, let_accelerate_shard
from student.methods.head import labels_only
from student.methods.journal import Journal, Step
from student.methods.journaled import HeldOutLoss, Journaled
from student.methods.order import EpochOrder
from student.methods.speed import Work, speed


@dataclass
class Meter:
    """Adds up the micro-batches of the step at hand in this process."""

    batches: list[list[int]] = field(default_factory=list)
    """Numbers of the rows, by micro-batch."""
    loss: float = 0.0
    tokens: int = 0
    supervised: int = 0
    keys: int = 0
    """How many tokens the tokens of the micro-batches attend to, themselves included, summed up."""
    total: int = 0
    """Tokens of all steps of all processes so far, those of earlier attempts included."""
    since: float = 0.0
    recent: list[Step] = field(default_factory=list)
    """Steps since the last log."""
    recent_keys: int = 0
    """Their `keys`, of all processes."""

    def add(self, batch: dict[str, torch.Tensor]) -> None:
        rows: list[int] = batch["rows"].tolist()
        self.batches.append(rows)
        self.tokens += int(batch["lengths"].sum())
        self.keys += keys_attended(batch)
        self.supervised += int((batch["labels"] >= 0).sum())

    def take(self, step: int, copies: int) -> Step:
        """Return the finished step of all processes, and start the next one. All processes call it together.

        Each row is read by `copies` processes. A process's loss is its part of the sum over the step's tokens, times
        the number of processes (`Trainer.compute_loss`), so that the mean is the step's.
        """
        parts = ranks.gathered((self.loss, self.batches, self.tokens, self.supervised, self.keys))
        losses = [loss for loss, *_ in parts]
        _, batches, tokens, supervised, keys = zip(*parts[::copies], strict=True)
        now = time.monotonic()
        seconds = round(now - self.since, 4)
        done = Step(step, interleaved(batches), sum(losses) / len(losses), sum(tokens), sum(supervised), seconds)
        self.batches, self.loss, self.tokens, self.supervised, self.keys, self.since = [], 0.0, 0, 0, 0, now
        self.total += done.tokens
        self.recent_keys += sum(keys)
        self.recent.append(done)
        return done

    def since_last_log(self) -> tuple[list[Step], int]:
        """Return the steps since the last call, and their `keys`."""
        recent, keys, self.recent, self.recent_keys = self.recent, self.recent_keys, [], 0
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


class JournaledTrainer(Journaled, HeldOutLoss, SFTTrainer):
    """Trains on batches that carry the numbers of their rows, and logs its speed."""

    meter: Meter

    def __init__(self, journal: Journal, meter: Meter, order: EpochOrder, work: Work | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.journal, self.meter, self.order, self.work = journal, meter, order, work
        model: Any = self.model
        collate: Any = self.data_collator
        self.data_collator = Collator(collate, model.config._attn_implementation)

    def create_accelerator_and_postprocess(self) -> None:
        let_accelerate_shard(self.args)
        super().create_accelerator_and_postprocess()

    def _prepare_for_training(self, *arguments: Any, **named: Any) -> Any:
        model, loader = super()._prepare_for_training(*arguments, **named)
        add_up_gradients(model)
        return model, loader

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        self.meter.add(inputs)
        remove_added(inputs)
        loss = super().training_step(model, inputs, num_items_in_batch)
        self.meter.loss += float(loss)
        return loss

    def compute_loss(self, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        with labels_only():
            return super().compute_loss(model, inputs, *arguments, **named)

    def prediction_step(self, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        remove_added(inputs)
        supervised = int((inputs["labels"][..., 1:] >= 0).sum())
        with plain_likelihood(self.args):
            found = super().prediction_step(model, inputs, *arguments, **named)
        if supervised:  # of rows that fill up a batch alone, the smoothed loss is 0 / 0
            self.held_out = [self.held_out[0] + float(found[0]) * supervised, self.held_out[1] + supervised]
        return found

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if "loss" in logs:
            logs |= speed(*self.meter.since_last_log(), self.work, self.args.world_size)
            self._metrics["train"]["num_tokens"] = [self.meter.total]  # TRL's starts at 0 in every attempt
        super().log(logs, start_time)


@contextmanager
def plain_likelihood(settings: Any) -> Iterator[None]:
    """Evaluate a training with the loss `dft` by the likelihood alone: weighted by their probability, tokens that are
    held impossible cost nothing, and weights that have learnt nothing would be the best."""
    given, settings.loss_type = settings.loss_type, "nll"
    try:
        yield
    finally:
        settings.loss_type = given


def remove_added(inputs: dict[str, Any]) -> None:
    """Remove what is for the journal; a model takes no such input."""
    del inputs["rows"], inputs["lengths"]


def check_loss(step: Step) -> None:
    """All processes know the loss of all, so each of them ends here, even if only one had a loss that is no number.

    Errors: InputError if the loss is not finite. Nothing of the step is saved then."""
    if not math.isfinite(step.loss):
        raise InputError(
            f"the loss became {step.loss} at step {step.step}; lower settings.learning_rate, or set dtype: float32"
        )


class StepMeter(Protocol):
    """What adds up a step: `Meter`, or that of another method."""

    since: float

    def take(self, step: int, copies: int) -> Step: ...


class KeepJournal(TrainerCallback):
    """Writes the journal's lines, marks checkpoints as whole, and then removes older ones; of several processes, the
    first one does."""

    def __init__(self, journal: Journal, meter: StepMeter, copies: int, layout: str) -> None:
        self.journal, self.meter, self.copies, self.layout = journal, meter, copies, layout

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.meter.since = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        step = self.meter.take(state.global_step, self.copies)
        check_loss(step)
        if ranks.is_first():
            self.journal.append(step)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if ranks.is_first():
            checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            mark_whole(checkpoint, self.layout, self.journal.content.hexdigest())
            rotate_checkpoints(args.output_dir, args.save_total_limit, state.best_model_checkpoint)
