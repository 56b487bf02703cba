"""What FSDP2 and ZeRO-3 add to TRL's settings, what is let through to them, and what is refused."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from training_makers import make_training
from transformers import GptOssConfig, GptOssForCausalLM

from configs.launch import Launch
from records.errors import InputError
from student.data.student_files import StudentOrigin
from student.methods.adapters import reassembled
from student.methods.checkpoints import check_layout, layout_of, mark_whole
from student.methods.device import processes_here
from student.methods.settings import check_settings, trl_config
from student.methods.sharding import ZERO3, check_sharding, copies, sharded

LONG = {"parallelism_config": {"cp_size": 2}, "packing": False}


def test_fsdp2_recomputes_what_gradient_checkpointing_would(tmp_path: Path) -> None:
    for asked in (True, False):
        found = sharded({"gradient_checkpointing": asked}, "fsdp2")
        assert found["fsdp_config"] == {"version": 2, "activation_checkpointing": asked}
        assert (found["fsdp"], found["gradient_checkpointing"]) == (True, False)
    given = {"fsdp_config": {"reshard_after_forward": False, "activation_checkpointing": True}}
    assert sharded(given, "fsdp2")["fsdp_config"] == {"version": 2} | given["fsdp_config"]
    training = make_training({"gradient_accumulation_steps": 2, "gradient_checkpointing": True})
    arguments = trl_config(training, tmp_path, cpu=True, shard="fsdp2", processes=2)
    assert (arguments.fsdp, arguments.gradient_checkpointing, arguments.gradient_accumulation_steps) == (True, False, 1)
    plugin = arguments.fsdp_plugin_args
    assert (plugin["fsdp_version"], plugin["activation_checkpointing"]) == (2, True)
    assert plugin["state_dict_type"] == "FULL_STATE_DICT"


def test_zero3_is_deepspeeds_config() -> None:
    found = sharded({"learning_rate": 1}, "zero3")
    assert found == {"learning_rate": 1, "deepspeed": ZERO3}
    assert ZERO3["zero_optimization"]["stage"] == 3
    assert ZERO3["zero_optimization"]["stage3_gather_16bit_weights_on_model_save"]
    own = {"zero_optimization": {"stage": 3, "offload_param": {"device": "cpu"}}}
    assert sharded({"deepspeed": own}, "zero3") == {"deepspeed": own}


@pytest.mark.parametrize("shard", ["none", "ddp"])
def test_nothing_is_added_where_nothing_is_sharded(shard: Any) -> None:
    assert sharded({"gradient_checkpointing": True}, shard) == {"gradient_checkpointing": True}


@pytest.mark.skipif(find_spec("deepspeed") is not None, reason="with deepspeed it trains")
def test_zero3_without_deepspeed() -> None:
    with pytest.raises(InputError, match=r"^launch\.shard: zero3 needs the package deepspeed"):
        check_settings(make_training(), shard="zero3")


@pytest.mark.parametrize(
    ("settings", "shard", "message"),
    [
        ({"fsdp_config": {}}, "ddp", "training.settings.fsdp_config: is read with launch.shard: fsdp2 only"),
        ({"deepspeed": {}}, "fsdp2", "training.settings.deepspeed: is read with launch.shard: zero3 only"),
        ({"accelerator_config": {"split_batches": True}}, "ddp", "training.settings.accelerator_config.split_batches"),
        ({"train_sampling_strategy": "group_by_length"}, "ddp", "training.settings.train_sampling_strategy"),
        (LONG, "ddp", "training.settings.parallelism_config: needs launch.shard: fsdp2"),
        (LONG | {"packing": True}, "fsdp2", "training.settings.parallelism_config.cp_size: rows packed together"),
        (LONG | {"eval_packing": True}, "fsdp2", "training.settings.parallelism_config.cp_size: rows packed together"),
        ({"parallelism_config": {"sp_size": 2}}, "fsdp2", "training.settings.parallelism_config.sp_size: remove it"),
        ({"parallelism_config": {"tp_size": 2}}, "fsdp2", "training.settings.parallelism_config.tp_size: remove it"),
        ({"optim": "paged_adamw_8bit"}, "fsdp2", "training.settings.optim: paged_adamw_8bit cannot read weights that"),
        ({"fsdp": "full_shard"}, "fsdp2", "training.settings.fsdp: remove it; set launch.shard: fsdp2"),
    ],
)
def test_mistakes(settings: dict[str, Any], shard: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        check_settings(make_training(settings), shard=shard, processes=2)
    assert str(caught.value).startswith(message)


def test_weights_in_4_bits_are_not_sharded() -> None:
    training = make_training(lora={}, quantize="nf4")
    with pytest.raises(InputError, match=r"training\.quantize: nf4 weights stay whole .* ddp"):
        check_sharding(training, "fsdp2")
    check_sharding(training, "ddp")


def test_what_saves_memory_is_let_through(tmp_path: Path) -> None:
    settings = LONG | {"activation_offloading": True, "gradient_accumulation_steps": 2}
    check_settings(make_training(settings), shard="fsdp2", processes=4)
    assert copies(settings) == 2
    arguments = trl_config(make_training(settings), tmp_path, cpu=True, shard="fsdp2", processes=4)
    assert (arguments.activation_offloading, arguments.parallelism_config.cp_size) == (True, 2)
    assert arguments.gradient_accumulation_steps == 1, "two groups of two processes"
    with pytest.raises(InputError, match="3 processes are no groups of 2"):
        check_settings(make_training(settings), shard="fsdp2", processes=3)


def test_a_batch_is_divided_before_anything_is_trained() -> None:
    with pytest.raises(InputError, match=r"a batch of 2 rows .* cannot be divided among 3 processes"):
        check_settings(make_training(), shard="ddp", processes=3)


@pytest.mark.parametrize(
    ("given", "count"),
    [({}, 1), ({"shard": "ddp"}, 1), ({"shard": "ddp", "processes": 3}, 3), ({"shard": "ddp", "processes": 1}, 1)],
)
def test_processes_on_a_cpu(given: dict[str, Any], count: int) -> None:
    assert processes_here(Launch(device="cpu", **given)) == count


def test_a_checkpoint_of_another_form_is_not_continued(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint-2"
    checkpoint.mkdir()
    plain, fsdp2 = layout_of("ddp", 2), layout_of("fsdp2", 2)
    assert plain == layout_of("none", 1) == layout_of("fsdp2", 1) != fsdp2 == layout_of("fsdp2", 4)
    assert layout_of("zero3", 2) != layout_of("zero3", 4)
    mark_whole(checkpoint, plain, "steps")
    check_layout(checkpoint, plain)
    with pytest.raises(InputError, match=r"was written with launch\.shard none, and cannot be continued with fsdp2"):
        check_layout(checkpoint, fsdp2)


def test_what_a_sharded_training_wrote_is_read_for_a_model_without_sdpa(tmp_path: Path) -> None:
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "head_dim": 16, "vocab_size": 64}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 2, "num_experts_per_tok": 1}
    model = GptOssForCausalLM(GptOssConfig(**sizes, **heads))
    model.save_pretrained(tmp_path)
    training = make_training(attn_implementation="eager")
    found = reassembled(tmp_path, training, StudentOrigin(str(tmp_path)), tmp_path / "out").state_dict()
    assert all(found[name].equal(weight) for name, weight in model.state_dict().items())
