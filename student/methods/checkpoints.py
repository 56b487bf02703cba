"""Checkpoints of an interrupted training: which is the newest whole one, and whether it is the last."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from configs.launch import Shard
from records.errors import InputError
from records.files import sync, write_json
from records.hashing import hash_files

WHOLE = "whole"
"""A file that is written into a checkpoint once everything else of it is on the disk. It holds the layout, a hash of
the other files, because transformers passes over an optimizer's state that is missing, and the weights become others,
and a hash of the journal's steps up to it."""
STATE = "trainer_state.json"
NAME = re.compile(r"checkpoint-([0-9]+)")
PLAIN = "none"
"""The layout of weights and states in one piece that any process reads."""


def layout_of(shard: Shard, processes: int) -> str:
    """Return the form of a checkpoint, which only a training of the same form can continue. DeepSpeed writes a file for
    each process; the others write weights and states in one piece."""
    sharded = {"fsdp2": "fsdp2", "zero3": f"zero3 in {processes} processes"}
    return sharded.get(shard, PLAIN) if processes > 1 else PLAIN


def check_layout(checkpoint: Path, layout: str) -> None:
    """Errors: InputError for a checkpoint of another form than that of the training that would continue it."""
    written = mark_of(checkpoint)["layout"]
    if written != layout:
        raise InputError(
            f"{checkpoint}: was written with launch.shard {written}, and cannot be continued with {layout}; set launch "
            f"as it was, or delete {checkpoint.parent} to train from the start"
        )


def check_content(checkpoint: Path) -> None:
    """Errors: InputError for a checkpoint with a file that was changed or removed since it was written."""
    if mark_of(checkpoint)["content"] != content_of(checkpoint):
        raise InputError(
            f"{checkpoint}: changed since it was written; delete it to continue from the checkpoint before it"
        )


def check_steps(checkpoint: Path, steps: str) -> None:
    """Errors: InputError unless `steps` is the hash of the steps that a checkpoint was trained on."""
    if mark_of(checkpoint)["steps"] != steps:
        raise InputError(
            f"{checkpoint}: was trained on other steps than the journal beside it tells; delete {checkpoint.parent} to "
            "train from the start"
        )


def mark_whole(checkpoint: Path, layout: str, steps: str) -> None:
    """Flush all files of a checkpoint to the disk, and mark it as whole. `steps` is a hash of the journal's steps."""
    for file in checkpoint.rglob("*"):
        if file.is_file():
            sync(file)
    write_json(checkpoint / WHOLE, {"layout": layout, "content": content_of(checkpoint), "steps": steps})


def mark_of(checkpoint: Path) -> dict[str, str]:
    """Read a checkpoint's mark. Errors: InputError for one that is broken."""
    try:
        mark = json.loads((checkpoint / WHOLE).read_text(encoding="utf-8"))
        return {name: mark[name] for name in ("layout", "content", "steps")}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{checkpoint / WHOLE}: broken; delete {checkpoint} to continue from the checkpoint before it"
        ) from error


def content_of(checkpoint: Path) -> str:
    """Return a hash of a checkpoint's files besides its mark."""
    return hash_files(checkpoint, [str(file.relative_to(checkpoint)) for file in files_of(checkpoint)])


def files_of(checkpoint: Path) -> list[Path]:
    return sorted(file for file in checkpoint.rglob("*") if file.is_file() and file != checkpoint / WHOLE)


def newest_checkpoint(checkpoints: Path) -> Path | None:
    """Return the newest whole checkpoint; remove newer, unfinished ones. What has another name, or is a link, is none
    of the trainer's."""
    found = [one for one in checkpoints.glob("checkpoint-*") if NAME.fullmatch(one.name) and not one.is_symlink()]
    for folder in sorted(filter(Path.is_dir, found), key=step_of, reverse=True):
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
