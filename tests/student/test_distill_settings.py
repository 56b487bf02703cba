"""A distillation's settings are TRL's, checked before anything is trained."""

from typing import Any

import pytest
from distill_makers import make_stage

from records.errors import InputError
from student.methods.distill_settings import DRAWN, longest_prompt
from student.methods.kinds import kind_of
from student.methods.settings import check_settings, trl_config

GOLD = {"align": "gold"}


@pytest.mark.parametrize(
    ("settings", "fields", "message"),
    [
        ({"bet": 1.0}, {}, r"training\.settings\.bet: unknown; did you mean beta"),
        ({"packing": True}, {}, r"training\.settings\.packing: unknown; DistillationConfig of the installed"),
        ({"beta": 1.5}, {}, r"training\.settings: beta must be in \[0\.0, 1\.0\]"),
        ({"teacher_model_revision": "a"}, {}, r"settings\.teacher_model_revision: remove it; set teacher of the stage"),
        ({"chat_template_kwargs": {}}, {}, r"settings\.chat_template_kwargs: remove it; prompts are rendered"),
        ({"max_completion_length": 64}, {}, r"max_completion_length: 64 leaves no room for a prompt within .* 64"),
        ({"uld_use_hybrid_loss": True}, {}, r"uld_use_hybrid_loss: unknown"),
        ({"uld_token_merge_strategy": "bayes"}, GOLD, r"settings: uld_token_merge_strategy must be either .*bayes"),
        ({"uld_distillation_weight": -1.0}, GOLD, "uld_distillation_weight must be non-negative"),
        ({"uld_student_temperature": 0.0}, GOLD, "uld_student_temperature must be positive"),
        ({"uld_use_hybrid_loss": True, "uld_hybrid_matched_weight": 0.5}, GOLD, "must both be None"),
        ({"loss_top_k": 5}, {}, r"loss_top_k: unknown"),
        ({"loss_top_k": 5}, {"teacher": {"path": "a/b", "server": "http://a"}}, "loss_top_k must be 1 with beta>0"),
        ({"max_completion_length": 9}, {"source": "stored"}, r"max_completion_length: unknown"),
        ({"label_smoothing_factor": 0.1}, {}, r"label_smoothing_factor: remove it; this loss passes over it"),
        ({"label_smoothing_factor": 0.1}, {"source": "stored"}, r"label_smoothing_factor: remove it; this loss"),
    ],
)
def test_mistakes(settings: dict[str, Any], fields: dict[str, Any], message: str) -> None:
    stage = make_stage(**fields)
    mine = {} if stage.source == "stored" else dict(stage.settings)
    with pytest.raises(InputError, match=message):
        check_settings(stage.model_copy(update={"settings": mine | settings}))


def test_what_is_accepted() -> None:
    check_settings(make_stage({"max_completion_length": 63}))
    check_settings(make_stage({"uld_use_hybrid_loss": True, "uld_token_merge_strategy": "bayesian"}, **GOLD))
    check_settings(make_stage({"loss_top_k": 5, "beta": 0}, teacher={"path": "a/b", "server": "http://a"}))
    stored = make_stage().model_copy(update={"source": "stored", "settings": {"packing": False}})
    check_settings(stored)
    assert kind_of(stored).config == "SFTConfig"


def test_a_prompt_leaves_room_for_a_whole_completion() -> None:
    assert longest_prompt(make_stage({"max_completion_length": 40}, max_length=64)) == 24
    assert longest_prompt(make_stage({}, max_length=1024).model_copy(update={"settings": {}})) == 1024 - DRAWN


@pytest.mark.parametrize("shard", ["fsdp2", "zero3"])
def test_a_sharded_student_draws_no_completions(shard: Any) -> None:
    with pytest.raises(InputError, match=f"{shard}|deepspeed"):
        check_settings(make_stage(), "training", shard, 2)
    check_settings(make_stage(), "training", "ddp", 2)


def test_the_address_of_the_teacher_reaches_trl(tmp_path: Any) -> None:
    stage = make_stage(teacher={"path": "a/b", "server": "http://a:1"})
    assert trl_config(stage, tmp_path, cpu=True).teacher_model_server_url == "http://a:1"
