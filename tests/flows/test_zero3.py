"""DeepSpeed's ZeRO-3 on two CPU processes. The locks leave deepspeed out, so it runs where that is installed:

uv pip install --target TARGET --no-deps deepspeed==0.19.8 hjson py-cpuinfo ninja msgpack einops
PYTHONPATH=TARGET python -m pytest tests/flows/test_zero3.py
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from ranked_trainings import SETTINGS, assert_same_training, fit_in_two, ledger_of
from training_makers import answers, fit, make_training, write_dataset

from records.hashing import sha256_of

pytestmark = pytest.mark.skipif(find_spec("deepspeed") is None, reason="deepspeed is not installed")
os.environ["DS_ACCELERATOR"] = "cpu"


@pytest.mark.parametrize("lora", [None, {"r": 4}], ids=["full", "lora"])
def test_two_processes_train_as_one_and_resume(lora: dict[str, Any] | None, tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(11))
    training = make_training(SETTINGS, held_out=2, lora=lora)
    fit(tmp_path / "one", tiny_model, data, training)
    two = fit_in_two(tmp_path / "two", tiny_model, data, training, "zero3")
    assert_same_training(tmp_path / "one", tmp_path / "two")

    # Without its last checkpoint it continues from the one before, to the same end.
    resumed = shutil.copytree(tmp_path / "two", tmp_path / "resumed")
    shutil.rmtree(resumed / ".work" / "checkpoints" / f"checkpoint-{two.steps}")
    (resumed / "model.safetensors").unlink()
    again = fit_in_two(resumed, tiny_model, data, training, "zero3")
    assert ledger_of(resumed) == ledger_of(tmp_path / "two")
    assert (again.loss, again.held_out_loss) == (two.loss, two.held_out_loss)
    assert sha256_of(resumed / "model.safetensors") == sha256_of(tmp_path / "two" / "model.safetensors")
