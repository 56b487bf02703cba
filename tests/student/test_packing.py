"""Packs hold every row once and within bounds, and rows in a pack do not see each other."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from student.data.packing import pack


def test_every_row_once_and_no_pack_too_long() -> None:
    lengths = np.random.default_rng(0).integers(1, 101, 2000)
    packs = pack(lengths, 100)
    assert sorted(row for one in packs for row in one) == list(range(2000))
    assert max(sum(lengths[row] for row in one) for one in packs) <= 100
    assert len(packs) <= 1.05 * lengths.sum() / 100, "hardly any room is left"


@pytest.mark.parametrize(
    ("lengths", "packs"),
    [
        ([5, 3, 4, 1], [[0], [2, 3], [1]]),
        ([5, 5], [[0], [1]]),
        ([2, 2, 1], [[0, 1, 2]]),
        ([], []),
    ],
)
def test_the_fullest_pack_with_room_is_taken(lengths: list[int], packs: list[list[int]]) -> None:
    assert pack(np.array(lengths, dtype=int), 5) == packs


def test_a_row_longer_than_a_pack_is_refused() -> None:
    assert pack(np.array([4]), 4) == [[0]]
    with pytest.raises(ValueError, match="5 tokens does not fit into 4"):
        pack(np.array([5]), 4)


def losses(model: torch.nn.Module, rows: list[list[int]]) -> torch.Tensor:
    """Loss of the last row's tokens, in a pack with those before it."""
    example = {
        "input_ids": [token for row in rows for token in row],
        "labels": [token for row in rows for token in row],
        "seq_lengths": [len(row) for row in rows],
    }
    batch = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)([example])
    labels = batch.pop("labels")
    with torch.no_grad():
        logits = model(**batch, use_cache=False).logits[0]  # as the trainer calls it
    last = slice(-len(rows[-1]), None)
    return torch.nn.functional.cross_entropy(logits[last][:-1], labels[0][last][1:], reduction="none")


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_a_row_in_a_pack_is_as_alone(attention: str, tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, attn_implementation=attention)
    first, other, last = [40, 41, 42, 43, 44], [60, 61, 62, 63, 64], [50, 51, 52, 53]
    alone = losses(model, [last])
    assert torch.equal(losses(model, [first, last]), alone)
    assert torch.equal(losses(model, [other, last]), alone), "another row before it changes nothing"
    joined = losses(model, [first + last])[-3:]
    assert (joined - alone).abs().max() > 1e-3, "as one row it does see what is before it"


def test_so_it_is_in_layers_with_a_sliding_window() -> None:
    """Gemma 3's, whose window here is shorter than the rows."""
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    kinds = ["sliding_attention", "full_attention"]
    config = Gemma3TextConfig(
        **shape, num_key_value_heads=1, head_dim=8, vocab_size=100, sliding_window=3, layer_types=kinds
    )
    model = Gemma3ForCausalLM(config).eval()
    first, last = [40, 41, 42, 43, 44], [50, 51, 52, 53, 54, 55]
    alone = losses(model, [last])
    assert torch.allclose(losses(model, [first, last]), alone, atol=1e-6)
    assert (losses(model, [first + last])[-5:] - alone).abs().max() > 1e-4
