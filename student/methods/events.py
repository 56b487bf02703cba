"""Writes a training's metrics as TensorBoard event files: `tensorboard --logdir RUN_DIR` shows them while it runs."""

from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter
from transformers import TrainerCallback

from records.training_log import RECORDS, TENSORBOARD


class WriteEvents(TrainerCallback):
    """Writes what the trainer logs. A resumed training hides the steps after its checkpoint that are trained again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / RECORDS / TENSORBOARD
        self.writer: SummaryWriter | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.writer = SummaryWriter(str(self.folder), purge_step=state.global_step + 1)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        assert self.writer is not None
        for name, value in (logs or {}).items():
            if value is None:  # the mean reward of completions that all have none
                continue
            group = "held_out" if name.startswith("eval_") else "train"
            self.writer.add_scalar(f"{group}/{name.removeprefix('eval_')}", value, state.global_step)
        self.writer.flush()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        assert self.writer is not None
        self.writer.close()
