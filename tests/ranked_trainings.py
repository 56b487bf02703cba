"""Trainings in two ranks on the CPU: how a test starts them, kills them, and compares what they made."""

import os
import signal
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rank_makers import DDP, tell_pid
from ranked_launchers import pids_in
from safetensors.torch import load_file

from flows.run.ranks import RankFailed, run_in_ranks
from records.training_counts import TrainingCounts
from student.data.mixing import Part
from student.data.student_files import StudentOrigin
from student.methods.sft import train

SETTINGS = {"gradient_accumulation_steps": 2, "max_steps": -1, "num_train_epochs": 3, "save_steps": 2}
"""9 rows in batches of 2 x 2: the last batch of an epoch is filled up."""


def fit_in_two(
    folder: Path, model: Path, data: Path, training: Any, shard: Any = "ddp", telling: Any = tell_pid
) -> TrainingCounts:
    """Train in two ranks, each of which calls `telling` with the folder and the training."""
    folder.mkdir(exist_ok=True)
    function = partial(train, folder, training, StudentOrigin(str(model)), [Part(data)], device="cpu", shard=shard)
    call = partial(telling, folder, function)
    counts: TrainingCounts = run_in_ranks(call, DDP, 2, folder.name, lambda *_, **__: None)
    return counts


def log_of(folder: Path) -> dict[str, list[Any]]:
    return pq.read_table(folder / "training" / "log.parquet").to_pydict()


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    return pq.read_table(folder / "training" / "ledger.parquet").to_pylist()


def assert_same_training(one: Path, other: Path) -> None:
    """The same rows in the same steps, and all numbers alike up to the order in which float32 is added up: they were
    seen to differ by 2e-7, the gradient norm of sharded adapters by 1e-5."""
    assert ledger_of(one) == ledger_of(other)
    logs = log_of(one), log_of(other)
    for exact in ("step", "tokens", "supervised"):
        assert logs[0][exact] == logs[1][exact]
    for near in ("loss", "eval_loss", "learning_rate", "grad_norm"):
        pairs = [pair for pair in zip(logs[0][near], logs[1][near], strict=True) if pair != (None, None)]
        assert pairs
        assert all(mine == pytest.approx(theirs, rel=1e-4) for mine, theirs in pairs), near
    weights = load_file(one / "model.safetensors"), load_file(other / "model.safetensors")
    assert weights[0].keys() == weights[1].keys()
    assert max(float((weights[0][name] - weights[1][name]).abs().max()) for name in weights[0]) < 1e-4


def fit_and_kill(
    folder: Path, model: Path, data: Path, training: Any, step: int, delay_s: float, shard: Any = "ddp"
) -> None:
    """Train, and kill both ranks some time after a step."""
    folder.mkdir()
    killer = threading.Thread(target=kill_ranks, args=(folder, step, delay_s))
    killer.start()
    with pytest.raises(RankFailed, match="SIGKILL"):
        fit_in_two(folder, model, data, training, shard)
    killer.join()


def kill_ranks(folder: Path, step: int, delay_s: float) -> None:
    """Kill both ranks of a training some time after a step."""
    ranks, journal = pids_in(folder), folder / ".work" / "steps.jsonl"
    while step and not (journal.exists() and journal.read_bytes().count(b"\n") >= step):
        time.sleep(0.005)
    time.sleep(delay_s)
    for pid in ranks:
        os.kill(pid, signal.SIGKILL)
