"""Two ranks decide alike: when a training ends early, which checkpoint is the best, that a loss is no number."""

from pathlib import Path
from typing import Any

import pytest
import torch
from rank_makers import tell_error
from ranked_trainings import fit_in_two, ledger_of
from safetensors.torch import load_file
from training_makers import answers, fit, make_row, make_training
from transformers import AutoModelForCausalLM, AutoTokenizer

from configs.training import Training
from records.errors import InputError
from records.hashing import sha256_of
from records.parquet import write_rows
from records.schemas import DATASET

RARE = "Z"
"""A token of one row only."""
STOPPING: dict[str, Any] = {"max_steps": 30, "lr_scheduler_type": "constant", "learning_rate": 0.4}
"""Steps so large that the held-out loss soon rises."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rows of each of 12 problems."""
    folder = tmp_path_factory.mktemp("decide") / "data"
    folder.mkdir()
    rows = [make_row(f"{at % 12}?", one, f"p{at % 12}", at) for at, one in enumerate(answers(24))]
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder


def stopping(**fields: Any) -> Training:
    return make_training(STOPPING, held_out=0.25, patience=2, **fields)


@pytest.mark.parametrize("shard", ["ddp", "fsdp2"])
def test_they_stop_early_and_keep_the_best(shard: str, data: Path, tiny_model: Path, tmp_path: Path) -> None:
    one = fit(tmp_path / "one", tiny_model, data, stopping())
    two = fit_in_two(tmp_path / "two", tiny_model, data, stopping(), shard)
    assert two.best_step is not None
    assert (two.steps, two.best_step) == (one.steps, one.best_step)
    assert two.steps == two.best_step + 4 < 30, "two evaluations without a better one"
    assert two.held_out_loss == pytest.approx(one.held_out_loss, rel=1e-3)
    assert ledger_of(tmp_path / "one") == ledger_of(tmp_path / "two")
    kept, best = load_file(tmp_path / "two" / "model.safetensors"), checkpoint_of(tmp_path / "two", two.best_step)
    assert all(torch.equal(kept[name], best[name]) for name in kept)

    # Killed after they had stopped, and before the weights were written, they do not train on.
    weights = tmp_path / "two" / "model.safetensors"
    before = sha256_of(weights)
    weights.unlink()
    assert fit_in_two(tmp_path / "two", tiny_model, data, stopping(), shard) == two
    assert sha256_of(weights) == before


def test_a_rank_without_held_out_rows_counts_for_nothing(data: Path, tiny_model: Path, tmp_path: Path) -> None:
    """Its batch is filled up with empty rows, whose smoothed loss is 0 / 0."""
    settings = {"max_steps": 2, "label_smoothing_factor": 0.1, "per_device_train_batch_size": 4}
    training = make_training(settings, held_out=1)  # two rows in a batch of two ranks
    two = fit_in_two(tmp_path / "two", tiny_model, data, training)
    one = fit(tmp_path / "one", tiny_model, data, training)
    assert two.held_out_rows == 2
    assert two.held_out_loss == pytest.approx(one.held_out_loss, rel=1e-4)


def checkpoint_of(folder: Path, step: int) -> dict[str, torch.Tensor]:
    checkpoint = folder / ".work" / "checkpoints" / f"checkpoint-{step}"
    sharded = checkpoint / "pytorch_model_fsdp.bin"
    return torch.load(sharded) if sharded.exists() else load_file(checkpoint / "model.safetensors")


@pytest.mark.parametrize("shard", ["ddp", "fsdp2"])
def test_one_rank_whose_loss_is_no_number_ends_both(shard: str, tiny_model: Path, tmp_path: Path) -> None:
    base, data, folder = poisoned(tiny_model, tmp_path / "base"), tmp_path / "data", tmp_path / "out"
    data.mkdir()
    rows = [make_row(f"{at}{RARE * (at == 5)}?", one, str(at)) for at, one in enumerate(answers(12))]
    write_rows(data / "train.parquet", rows, DATASET)
    training = make_training({"gradient_accumulation_steps": 2, "max_steps": 3})  # every row once
    with pytest.raises(
        InputError, match=r"^the loss became nan at step [123]; lower settings\.learning_rate"
    ) as caught:
        fit_in_two(folder, base, data, training, shard, telling=tell_error)
    assert [(folder / f"{rank}.error").read_text() for rank in "01"] == [f"InputError: {caught.value}"] * 2
    assert not (folder / "model.safetensors").exists()


def poisoned(model: Path, folder: Path) -> Path:
    """Copy a model, with an output layer of its own, and the embedding of the rare token made NaN: the loss of a row
    that has it in its prompt is NaN, and of no other."""
    loaded, tokenizer = AutoModelForCausalLM.from_pretrained(model), AutoTokenizer.from_pretrained(model)
    head = loaded.get_input_embeddings().weight.detach().clone()
    loaded.config.tie_word_embeddings = False
    loaded.save_pretrained(folder)
    apart = AutoModelForCausalLM.from_pretrained(folder)
    apart.get_output_embeddings().weight.data.copy_(head)
    apart.get_input_embeddings().weight.data[tokenizer.encode(RARE)] = float("nan")
    apart.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
