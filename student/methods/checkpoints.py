"""Checkpoints of an interrupted training: which is the newest whole one, and whether it is the last."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from configs.launch import Shard
from records.errors import InputError
from records.files import write_whole

WHOLE = "whole"
"""A file that is written into a checkpoint once everything else of it is on the disk. It holds the layout."""
STATE = "trainer_state.json"
PLAIN = "none"
"""The layout of weights and states in one piece that any process reads."""


def layout_of(shard: Shard, processes: int) -> str:
    """Return the form of a checkpoint, which only a training of the same form can continue. DeepSpeed writes a file for
    each process; the others write weights and states in one piece."""
    sharded = {"fsdp2": "fsdp2", "zero3": f"zero3 in {processes} processes"}
    return sharded.get(shard, PLAIN) if processes > 1 else PLAIN


def check_layout(checkpoint: Path, layout: str) -> None:
    """Errors: InputError for a checkpoint of another form than that of the training that would continue it."""
    written = (checkpoint / WHOLE).read_text()
    if written != layout:
        raise InputError(
            f"{checkpoint}: was written with launch.shard {written}, and cannot be continued with {layout}; set launch "
            f"as it was, or delete {checkpoint.parent} to train from the start"
        )


def mark_whole(checkpoint: Path, layout: str) -> None:
    """Flush all files of a checkpoint to the disk, and mark it as whole."""
    for file in checkpoint.rglob("*"):
        if file.is_file():
            with file.open("rb+") as opened:
                os.fsync(opened.fileno())
    write_whole(checkpoint / WHOLE, layout)


def newest_checkpoint(checkpoints: Path) -> Path | None:
    """Return the newest whole checkpoint; remove newer, unfinished ones."""
    for folder in sorted(checkpoints.glob("checkpoint-*"), key=lambda path: -step_of(path)):
        if (folder / WHOLE).exists():
            return folder
        shutil.rmtree(folder)
    return None


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def is_last(checkpoint: Path) -> bool:
    """Return True if nothing is left to train after it: its steps are all done, or training was stopped early.

    transformers would enter the epoch's loop again and take one step too many.
    """
    state = read_state(checkpoint)
    stopped = state["stateful_callbacks"]["TrainerControl"]["args"]["should_training_stop"]
    return bool(state["global_step"] >= state["max_steps"] or stopped)


def best_of(checkpoint: Path) -> Path | None:
    """Return the checkpoint that had the lowest held-out loss when this one was written."""
    best = read_state(checkpoint)["best_model_checkpoint"]
    return checkpoint.parent / Path(best).name if best else None


def read_state(checkpoint: Path) -> dict[str, Any]:
    return dict(json.loads((checkpoint / STATE).read_text()))
