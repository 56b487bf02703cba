"""The MFU that is logged is student/cost's: frozen weights get no gradients, and a token attends to its own row."""

from typing import Any

import pytest
import torch
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from configs.training import Training
from student.cost.arithmetic import attended
from student.cost.estimating import Rows, cost_of, flops_of
from student.methods.collating import Collator
from student.methods.journal import Step
from student.methods.speed import Work, speed
from student.methods.trainer import Meter, keys_attended

SHAPE = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2}
SHAPE |= {"num_key_value_heads": 1, "vocab_size": 10}
DOCUMENTS = [5, 2, 1]
STEPS = [Step(at, [0], 1.0, 50, 40, 0.5) for at in range(2)]
PEAK = 1e7


def make_training(**fields: Any) -> Training:
    return Training.model_validate({"max_length": 64} | fields)


@pytest.mark.parametrize("fields", [{}, {"lora": {"r": 4}}, {"lora": {}, "quantize": "nf4"}], ids=str)
def test_logged_mfu_and_estimate_count_the_same_flops(fields: dict[str, Any]) -> None:
    training, keys = make_training(**fields), 700
    flops = flops_of(SHAPE, training)
    assert not isinstance(flops, str)
    found = speed(STEPS, keys, Work(flops, PEAK))
    estimated = cost_of(SHAPE, training, Rows(10, 100, 80, 10, attended=keys / 100))
    assert not isinstance(estimated, str)
    assert found["tokens_per_s"] == 100
    assert found["mfu"] == pytest.approx(100 * estimated.flops / estimated.tokens * 100 / PEAK)


def test_lora_counts_fewer_flops_than_all_weights() -> None:
    full, lora = (flops_of(SHAPE, make_training(lora=lora)) for lora in (None, {"r": 1}))
    assert not isinstance(full, str)
    assert not isinstance(lora, str)
    assert lora(7.0) < full(7.0)


def test_without_a_known_gpu_or_model_there_is_no_mfu() -> None:
    assert speed(STEPS, 700, None).keys() == {"tokens_per_s", "supervised_tokens_per_s", "memory_gib"}
    assert "mixture of experts" in flops_of(SHAPE | {"num_experts": 4}, make_training())
    assert speed([], 0, None) == {}


def batch_of(kind: str) -> dict[str, torch.Tensor]:
    """DOCUMENTS as a batch: a row each and padded, in one pack, or in two packs that are kept apart and padded."""
    ids = [list(range(length)) for length in DOCUMENTS]
    if kind == "padded":
        packs = [{"input_ids": row, "labels": row, "rows": [at]} for at, row in enumerate(ids)]
    else:
        parts = [[0, 1, 2]] if kind == "one pack" else [[0], [1, 2]]
        packs = []
        for part in parts:
            tokens = [token for at in part for token in ids[at]]
            lengths = [DOCUMENTS[at] for at in part]
            packs.append({"input_ids": tokens, "labels": tokens, "seq_lengths": lengths, "rows": part})
    collate = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=kind != "padded")
    return Collator(collate, "flash_attention_2" if kind == "one pack" else "sdpa")(packs)


@pytest.mark.parametrize("kind", ["padded", "one pack", "packs apart"])
def test_a_token_attends_to_those_before_it_in_its_row(kind: str) -> None:
    assert keys_attended(batch_of(kind)) == attended(DOCUMENTS) * sum(DOCUMENTS) == 15 + 3 + 1


def test_keys_are_those_since_the_last_log() -> None:
    meter = Meter()
    for step in (1, 2):
        meter.add(batch_of("one pack"))
        meter.take(step, copies=1)
    steps, keys = meter.since_last_log()
    assert ([step.step for step in steps], keys) == ([1, 2], 2 * 19)
    assert meter.since_last_log() == ([], 0)
