"""Ends a training whose rewards have nothing left to say."""

from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback

from records.errors import InputError
from student.methods.grpo_meter import GrpoMeter
from student.methods.journal import Journal, Step

STEPS = 50
"""Steps in a row without a group whose rewards differ, after which a training ends."""


class StopWithoutSignal(TrainerCallback):
    """Ends a training whose groups have had equal rewards for STEPS steps. If they ever differed, what was learnt is
    kept; otherwise there is nothing to keep. It decides by the journal, so a resumed training ends at the same step."""

    def __init__(self, journal: Journal, meter: GrpoMeter, progress: Callable[..., None]) -> None:
        self.journal, self.meter, self.progress = journal, meter, progress
        self.since, self.has_learnt = 0, False

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        for step in self.journal.steps():
            self.count(step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        step = self.meter.recent[-1]
        self.count(step)
        if self.since < STEPS:
            return
        reward = step.metrics.get("reward")
        said = f"for {STEPS} steps all completions of a problem had the same reward"
        said += "" if reward is None else f" (mean {reward:.3g})"
        if not self.has_learnt:
            raise InputError(
                f"{said}, so nothing was learnt: choose problems that the student solves now and then "
                "(prompts.pass_rate), start from a fine-tuned stage, or raise num_generations or temperature"
            )
        self.progress(state.global_step, state.max_steps, note=f"ended early: {said}, so nothing more is learnt")
        control.should_training_stop = control.should_save = True

    def count(self, step: Step) -> None:
        silent = step.metrics.get("no_signal")
        if silent is None:  # a step on completions that were drawn for an earlier one
            return
        self.since = self.since + 1 if silent == 1 else 0
        self.has_learnt |= silent < 1
