"""Batches of several packs train on the same losses as each pack alone, and the output layer sees labels only."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from training_makers import answers, fit, make_training, write_dataset
from transformers import AutoModelForCausalLM
from trl.kernels import ChunkedLogProbFunction
from trl.trainer import utils
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling
from trl.trainer.utils import add_fused_lm_head

from student.methods.collating import Collator
from student.methods.head import labels_only

ROWS = [[[40, 41, 42, 43], [60, 61, 62]], [[50, 51, 52, 53, 54]], [[70, 71], [80, 81, 82, 83], [90, 91]]]
"""Three packs, of 7, 5 and 8 tokens."""


def make_pack(number: int) -> dict[str, Any]:
    """A pack of rows whose first token is a prompt without a loss."""
    rows = ROWS[number]
    return {
        "input_ids": [token for row in rows for token in row],
        "labels": [label for row in rows for label in [-100, *row[1:]]],
        "seq_lengths": [len(row) for row in rows],
        "rows": [10 * number + at for at in range(len(rows))],
    }


def make_collator(attention: str, packed: bool = True, **fields: Any) -> Collator:
    return Collator(DataCollatorForLanguageModeling(pad_token_id=0, padding_free=packed, **fields), attention)


def loss_of(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """The summed loss, as TRL computes it."""
    inputs = {name: value for name, value in batch.items() if name not in ("rows", "lengths")}
    loss: Tensor = -model(**inputs, use_cache=False, fused_lm_head=True).log_probs.sum()
    return loss


def test_a_pack_has_a_sequence_of_its_own_where_attention_is_dense() -> None:
    packs = [make_pack(number) for number in range(3)]
    apart = make_collator("sdpa", pad_to_multiple_of=5)(packs)
    assert "attention_mask" not in apart
    assert apart["input_ids"].shape == apart["labels"].shape == (3, 10)
    assert apart["position_ids"][2].tolist() == [0, 1, 0, 1, 2, 3, 0, 1, 0, 0]
    assert apart["labels"][1].tolist() == [-100, 51, 52, 53, 54, -100, -100, -100, -100, -100]
    assert apart["rows"].tolist() == [0, 1, 10, 20, 21, 22]
    assert apart["lengths"].tolist() == [7, 5, 8]
    joined = make_collator("flash_attention_2")(packs)
    assert joined["input_ids"].shape == (1, 20)
    assert joined["cu_seq_lens_q"].tolist() == [0, 4, 7, 12, 14, 18, 20]
    padded = make_collator("sdpa", packed=False)(packs)
    assert padded["attention_mask"].sum(1).tolist() == padded["lengths"].tolist() == [7, 5, 8]


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packs_in_one_batch_have_the_losses_of_each_row_alone(attention: str, tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, attn_implementation=attention)
    add_fused_lm_head(model)
    collate, alone = make_collator(attention), torch.zeros(())
    for number, rows in enumerate(ROWS):
        for row in rows:
            one = {"input_ids": row, "labels": [-100, *row[1:]], "seq_lengths": [len(row)], "rows": [number]}
            alone = alone + loss_of(model, collate([one]))
    together = loss_of(model, collate([make_pack(number) for number in range(3)]))
    assert together.item() == pytest.approx(alone.item(), rel=1e-5)
    together.backward()
    assert all(bool(torch.isfinite(weight.grad).all()) for weight in model.parameters())


def test_the_output_layer_sees_tokens_with_a_label_only(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
    seen: list[int] = []

    class Watched:
        @staticmethod
        def apply(hidden: Tensor, *rest: Any) -> Any:
            seen.append(len(hidden))
            return ChunkedLogProbFunction.apply(hidden, *rest)

    monkeypatch.setattr(utils, "_ChunkedLogProbFunction", Watched)
    batch = make_collator("sdpa")([make_pack(number) for number in range(3)])
    gradients = []
    for context in (nullcontext(), labels_only(), nullcontext()):
        model.zero_grad()
        with context:
            loss_of(model, batch).backward()
        gradients.append([weight.grad.clone() for weight in model.parameters()])
    labels = int((batch["labels"][:, 1:] >= 0).sum())
    assert seen == [3 * 7, labels, 3 * 7]
    assert labels < 3 * 7
    for one, other, _ in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_a_training_counts_no_padding(tiny_model: Path, tmp_path: Path) -> None:
    """Packed in batches of two, as alone, each epoch has the same tokens."""
    data = write_dataset(tmp_path / "data", answers(9))
    settings = {"max_steps": -1, "num_train_epochs": 1}
    alone = fit(tmp_path / "alone", tiny_model, data, make_training({**settings, "per_device_train_batch_size": 1}))
    packed = make_training({**settings, "packing": True, "per_device_train_batch_size": 2, "pad_to_multiple_of": 32})
    together = fit(tmp_path / "packed", tiny_model, data, packed)
    assert together.packs is not None
    assert together.packs < 9
    assert (together.tokens, together.supervised_tokens) == (alone.tokens, alone.supervised_tokens)
