"""On-policy distillation on the CPU: what it writes, what it compares, and an interrupted one that ends as a whole
one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from distill_makers import distil, make_stage, write_pair, write_problems
from dying import Killed, dying_at
from transformers import AutoModelForCausalLM

from records.errors import InputError
from records.hashing import sha256_of
from student.methods.distill import never_draw
from student.methods.distill_trainer import RepeatedOrder


def table(folder: Path, name: str) -> dict[str, list[Any]]:
    return dict(pq.read_table(folder / "training" / f"{name}.parquet").to_pydict())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_problems(tmp_path_factory.mktemp("problems"))


def test_weights_ledger_and_log_come_out(pair: tuple[Path, Path], problems: Path, tmp_path: Path) -> None:
    stage = make_stage({"eval_steps": 2}, held_out=2)
    counts = distil(tmp_path / "out", pair, problems, stage)
    assert (counts.rows, counts.held_out_rows, counts.steps, counts.dropped) == (8, 2, 4, {})
    assert counts.parameters == counts.trainable_parameters
    before, after = (
        AutoModelForCausalLM.from_pretrained(folder).state_dict() for folder in (pair[0], tmp_path / "out")
    )
    assert any(not torch.equal(before[name], after[name]) for name in before)
    log, ledger = table(tmp_path / "out", "log"), table(tmp_path / "out", "ledger")
    assert log["step"] == [1, 2, 3, 4]
    assert sum(log["loss"]) / 4 == pytest.approx(counts.loss, abs=1e-5)
    assert sum(log["supervised"]) == counts.supervised_tokens < counts.tokens == sum(log["tokens"])
    assert all(0 < length <= 12 for length in log["completion_length"])
    assert all(entropy > 0 for entropy in log["entropy"])
    assert counts.held_out_loss == pytest.approx(log["eval_loss"][3], abs=1e-5)
    assert log["eval_loss"][0] is None
    assert ledger["step"] == [step for step in (1, 2, 3, 4) for _ in range(4)]
    assert len(set(ledger["problem_id"][:8])) == 8  # an epoch takes every prompt once
    assert set(ledger["problem_id"][8:]) == set(ledger["problem_id"][:8])


def test_an_interrupted_training_ends_bit_identical(pair: tuple[Path, Path], problems: Path, tmp_path: Path) -> None:
    stage = make_stage({"max_steps": 5, "eval_steps": 1}, held_out=2, lora={"r": 2, "lora_dropout": 0.2})
    whole = distil(tmp_path / "whole", pair, problems, stage)
    for step in (1, 3, 5):  # before the first checkpoint, within an epoch, and after the last one
        with pytest.raises(Killed):
            distil(tmp_path / "killed", pair, problems, stage, dying_at(step))
    resumed = distil(tmp_path / "killed", pair, problems, stage)
    first, second = (sha256_of(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert first == second
    assert table(tmp_path / "whole", "ledger") == table(tmp_path / "killed", "ledger")
    assert (resumed.loss, resumed.tokens, resumed.held_out_loss) == (whole.loss, whole.tokens, whole.held_out_loss)


def test_evaluating_more_often_changes_no_weight(pair: tuple[Path, Path], problems: Path, tmp_path: Path) -> None:
    for name, steps in (("often", 1), ("seldom", 4)):
        distil(tmp_path / name, pair, problems, make_stage({"eval_steps": steps}, held_out=2))
    first, second = (sha256_of(tmp_path / name / "model.safetensors") for name in ("often", "seldom"))
    assert first == second


def test_another_vocabulary_of_the_same_size_is_refused(problems: Path, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, other=True)
    with pytest.raises(InputError, match=r"vocabularies .* differ in \d+ entries, such as .*align: gold"):
        distil(tmp_path / "out", pair, problems)


def test_long_prompts_are_left_out(pair: tuple[Path, Path], problems: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"10 of 10 rows cannot be trained on.*10 prompt_too_long"):
        distil(tmp_path / "out", pair, problems, make_stage(max_length=16))


def test_fewer_prompts_than_a_step_takes(pair: tuple[Path, Path], problems: Path, tmp_path: Path) -> None:
    stage = make_stage(prompts={"limit": 3})
    with pytest.raises(InputError, match="a step takes 4 prompts, and there are 3"):
        distil(tmp_path / "out", pair, problems, stage)
    counts = distil(tmp_path / "enough", pair, problems, make_stage({"max_steps": 1}, prompts={"limit": 4}))
    assert counts.rows == 4


def test_a_quantized_student_is_distilled(pair: tuple[Path, Path], problems: Path, tmp_path: Path) -> None:
    stage = make_stage({"max_steps": 2}, quantize="nf4", lora={"r": 2})
    counts = distil(tmp_path / "out", pair, problems, stage)
    assert counts.trainable_parameters < counts.parameters
    assert counts.merged_onto == "dequantized nf4 base"
    assert (tmp_path / "out" / "adapter").is_dir()


def test_an_order_repeats_whole_batches_and_changes_with_the_epoch() -> None:
    order = RepeatedOrder(7, 3, 2, seed=5)
    first = list(order)
    assert len(first) == len(order) == 12
    assert first[:3] == first[3:6] != first[6:9] == first[9:]
    assert len(set(first)) == 6
    order.epoch = 1
    assert list(order) != first
    assert list(RepeatedOrder(7, 3, 1, seed=None)) == [0, 1, 2, 3, 4, 5]
    assert list(RepeatedOrder(2, 3, 1, seed=None)) == []


def test_what_is_no_token_is_never_drawn() -> None:
    here = SimpleNamespace(generation_kwargs={"suppress_tokens": [7]}, use_vllm=False)
    never_draw(here, range(280, 282))
    assert here.generation_kwargs == {"suppress_tokens": [7, 280, 281]}
    vllm = SimpleNamespace(generation_kwargs=None, use_vllm=True)
    never_draw(vllm, range(280, 282))
    assert vllm.generation_kwargs == {"logit_bias": {280: -100.0, 281: -100.0}}
    never_draw(vllm, range(280, 280))
    assert len(vllm.generation_kwargs["logit_bias"]) == 2
