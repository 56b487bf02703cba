"""Times a training of transformers' trainer, without what comes before its first step and after its last."""

import time
from typing import Any

from transformers import TrainerCallback


class StepClock(TrainerCallback):
    """Runs from the begin of the training to the end of its last step."""

    begun = ended = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.begun = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.ended = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.ended - self.begun
