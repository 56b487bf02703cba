"""The trainer on the CPU: its rows, dropped rows, and an interrupted training that ends as an uninterrupted one."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from configs.training import Lora, Training
from records.counts import TrainingCounts
from records.errors import InputError
from records.parquet import DATASET, write_rows
from student.methods.sft import newest_checkpoint, train

TRAINING = Training(
    max_steps=6,
    learning_rate=1e-2,
    per_device_train_batch_size=2,
    max_length=128,
    dtype="float32",
    bf16=False,
    save_steps=2,
    logging_steps=1,
)


class Killed(BaseException):
    """Stands for the process dying: nothing in the trainer may catch it."""


def write_dataset(folder: Path, contents: list[str]) -> Path:
    folder.mkdir()
    rows = [
        {
            "messages": [{"role": "user", "content": f"{at}?"}, {"role": "assistant", "content": content}],
            "problem_id": str(at),
            "attempt": 0,
            "sample_index": 0,
            "request_fingerprint": "",
            "reference": "4",
            "source": "made",
            "teacher": "t",
            "completion_tokens": 5,
        }
        for at, content in enumerate(contents)
    ]
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder


def fit(
    folder: Path, model: Path, dataset: Path, training: Training = TRAINING, progress: Any = None
) -> TrainingCounts:
    folder.mkdir(exist_ok=True)
    return train(folder, training, str(model), None, dataset, progress or (lambda *a, **k: None))


def answers(count: int) -> list[str]:
    return [f"<think>\n{at} + 1 = {at + 1}\n</think>\n\n\\boxed{{{at + 1}}}" for at in range(count)]


def test_weights_tokenizer_and_generation_config_come_out(tiny_model: Path, tmp_path: Path) -> None:
    counts = fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)))
    assert (counts.rows, counts.steps, counts.dropped) == (8, 6, {})
    before, after = load_file(tiny_model / "model.safetensors"), load_file(tmp_path / "out" / "model.safetensors")
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert AutoTokenizer.from_pretrained(tmp_path / "out").eos_token == "<|im_end|>"
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"config.json", "generation_config.json", "chat_template.jinja"} <= names
    assert not any(name.startswith(".") for name in names), "checkpoints and caches are gone"


def test_long_rows_are_dropped_whole_and_counted(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [*answers(4), "<think>\n" + "no " * 500 + "\n</think>\n\n\\boxed{1}"])
    few = TRAINING.model_copy(update={"drop_at_most": 0.2})
    counts = fit(tmp_path / "out", tiny_model, data, few)
    assert (counts.rows, counts.dropped) == (4, {"too_long": 1})


def test_more_dropped_rows_than_allowed_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [*answers(4), "<think>\na\n</think>\n\n"])
    with pytest.raises(InputError, match=r"1 of 5 rows .* 1 no_answer \(first: problem_id 4, sample_index 0\)"):
        fit(tmp_path / "out", tiny_model, data, TRAINING.model_copy(update={"drop_at_most": 0.19}))


def test_nothing_that_fits_says_what_to_raise(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", ["<think>\n" + "no " * 500 + "\n</think>\n\n\\boxed{1}"])
    with pytest.raises(InputError, match=r"1 of 1 rows cannot.*too_long.*raise training.max_length"):
        fit(tmp_path / "out", tiny_model, data)


def test_an_interrupted_training_ends_bit_identical(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    fit(tmp_path / "whole", tiny_model, data)

    def die_at_five(done: int, total: int, **_: Any) -> None:
        if total == TRAINING.max_steps and done == 5:
            raise Killed

    with pytest.raises(Killed):
        fit(tmp_path / "killed", tiny_model, data, progress=die_at_five)
    checkpoints = tmp_path / "killed" / ".checkpoints"
    assert (checkpoints / "checkpoint-4").exists()
    (checkpoints / "checkpoint-5").mkdir()  # torn: the process died while it was written
    fit(tmp_path / "killed", tiny_model, data)
    whole, killed = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert all(torch.equal(whole[name], killed[name]) for name in whole)


def test_newest_whole_checkpoint(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None
    for step in (2, 10, 12):
        (tmp_path / f"checkpoint-{step}").mkdir()
    (tmp_path / "checkpoint-2" / "trainer_state.json").write_text("{}")
    (tmp_path / "checkpoint-10" / "trainer_state.json").write_text("{}")
    (tmp_path / "checkpoint-12" / "trainer_state.json").write_text('{"torn')
    assert newest_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")
    assert not (tmp_path / "checkpoint-12").exists()


def test_lora_is_merged_into_plain_weights(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    fit(tmp_path / "out", tiny_model, data, TRAINING.model_copy(update={"lora": Lora(rank=4, alpha=8)}))
    before, after = load_file(tiny_model / "model.safetensors"), load_file(tmp_path / "out" / "model.safetensors")
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("proj" in name for name in changed)
