"""Mistakes in stages of reinforcement learning are told in one line, before anything is built."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from grpo_makers import STUDENT, make_grpo, write_prompts

from configs.errors import ConfigError
from configs.load import load_config
from configs.stages import GrpoStage
from records.errors import InputError
from records.preflight import Preflight
from records.prompts import read_prompts
from student.data.asked import PromptRenderer
from student.data.preflight import refuse
from student.data.prompt_preflight import preflight_prompts
from student.data.student_files import StudentOrigin
from student.methods.requirements import check_machine
from student.methods.settings import check_settings, settings_of

TINY = ROOT / "configs" / "demo" / "fake.yaml"
STAGE: dict[str, Any] = {"method": "grpo", "max_length": 700}


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ({"patience": 2, "held_out": 0.1}, "patience: there is no held-out loss to wait for"),
        ({"max_length": 512}, "max_length: bounds prompt + completion"),
        ({"rewards": dict.fromkeys(("answer", "format", "language"), 0)}, "rewards: at least one weight must not be 0"),
        ({"rewards": {"answer": 1e39}}, "rewards.answer: Input should be less than or equal to 1000000"),
        ({"rewards": {"length": -2e6}}, "rewards.length: Input should be greater than or equal to -1000000"),
        ({"prompts": {"pass_rate": [0.9, 0.1]}}, "prompts: pass_rate: give [low, high]"),
        ({"prompts": {"pass_rate": [0, 1.1]}}, "prompts: pass_rate: give [low, high]"),
        ({"prompts": {"from": "traces"}}, "prompts.from"),
        ({"data": [{"from": "traces"}]}, "data: unknown key"),
        ({"learning_rate": 1}, "settings.learning_rate"),
    ],
)
def test_mistakes_of_a_config(stage: dict[str, Any], message: str, tmp_path: Path) -> None:
    tree = yaml.safe_load(TINY.read_text())
    tree["student"]["max_model_len"] = 1024
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(tree | {"training": [STAGE | stage]}))
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "c.yaml")
    assert message in str(caught.value)


def test_language_needs_its_rule(tmp_path: Path) -> None:
    tree = yaml.safe_load(TINY.read_text()) | {"training": [STAGE], "judging": {"language": None}}
    tree["student"]["max_model_len"] = 1024
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(tree))
    with pytest.raises(ConfigError, match=r"rewards.language: judging.language is off; set the weight to 0"):
        load_config(tmp_path / "c.yaml")
    load_config(tmp_path / "c.yaml", ["training.0.rewards.language=0"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"reward_weights": [1]}, "reward_weights: remove it; set rewards of the stage"),
        ({"steps_per_generation": 2}, "steps_per_generation: remove it; set generation_batch_size"),
        ({"packing": True}, "packing: unknown"),
        ({"num_generation": 4}, "num_generation: unknown; did you mean num_generations?"),
        (
            {"num_generations": 3, "generation_batch_size": 8},
            r"generation_batch_size \(8\) must be divisible by num_gen",
        ),
        ({"num_generations": 1}, "at least 2 generations"),
        ({"num_generations": False}, "settings.num_generations: write 0 or another value"),
        ({"load_best_model_at_end": True}, "load_best_model_at_end: remove it; held-out accuracy"),
        ({"sync_ref_model": True, "beta": 0.1}, "sync_ref_model: remove it; the changed reference"),
        ({"temperature": "hot"}, "temperature: "),
        ({"temperature": 0.0}, "temperature: Input should be greater than 0"),
        ({"top_p": 0.0}, "top_p: Input should be greater than 0"),
        ({"min_p": 2.0}, "min_p: Input should be less than or equal to 1"),
        ({"epsilon": -0.2}, "epsilon: Input should be greater than or equal to 0"),
        ({"delta": 0.5}, "delta: Input should be greater than 1"),
        ({"beta": -0.1}, "beta: Input should be greater than or equal to 0"),
        ({"num_iterations": 0}, "num_iterations: Input should be greater than or equal to 1"),
        ({"generation_batch_size": 0}, "generation_batch_size: Input should be greater than or equal to 1"),
        ({"loss_type": "ppo"}, "loss_type: take grpo, bnpo"),
        (
            {"lr_scheduler_type": "reduce_lr_on_plateau", "eval_strategy": "steps", "eval_steps": 2},
            "lr_scheduler_type: there is no held-out loss that it could go by",
        ),
        ({"scale_rewards": "std"}, "scale_rewards: take group, batch, none"),
        ({"importance_sampling_level": "row"}, "importance_sampling_level: take token, sequence"),
        ({"generation_kwargs": {"temperature": 0.1}}, r"generation_kwargs\.temperature: set settings\.temperature"),
        ({"generation_kwargs": {"num_return_sequences": 2}}, r"generation_kwargs\.num_return_sequences: remove it"),
    ],
)
def test_mistakes_of_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_settings(make_grpo(settings, held_out=2))


def test_defaults_and_shards() -> None:
    config = make_grpo(held_out=0.1)
    check_settings(config)
    found = settings_of(config.model_copy(update={"settings": {}}))
    assert found["per_device_train_batch_size"] == found["per_device_eval_batch_size"] == 8
    assert found["max_completion_length"] == 512
    assert found["eval_steps"] == found["save_steps"]
    with pytest.raises(InputError, match=r"drawn with whole weights, and fsdp2 divides them"):
        check_settings(config, shard="fsdp2", processes=2)
    check_settings(config, shard="ddp", processes=2)


def test_vllm_needs_a_gpu() -> None:
    check_machine(make_grpo({"use_vllm": True}), cpu=False)
    with pytest.raises(InputError, match="use_vllm: TRL gives vLLM the weights over NCCL"):
        check_machine(make_grpo({"use_vllm": True}), cpu=True)


def test_the_preflight_measures_prompts(tiny_model: Path, tmp_path: Path) -> None:
    prompts, origin = write_prompts(tmp_path / "prompts", 5), StudentOrigin(str(tiny_model))
    done: list[tuple[int, int]] = []

    def measured(config: GrpoStage) -> Preflight:
        renderer = PromptRenderer(origin.tokenizer(), STUDENT.prompt, STUDENT.reasoning, config.longest_prompt)
        problems = [problem for problem, _ in read_prompts(prompts)]
        return preflight_prompts(problems, len(problems), origin, renderer, config, lambda *counts: done.append(counts))

    found = measured(make_grpo())
    refuse(found)
    assert (found.rows, found.trained, found.dropped, found.duplicates) == (5, 5, {}, 0)
    assert done == [(5, 5)]
    assert found.lengths is not None
    longest = found.lengths.longest
    fits = make_grpo(max_length=longest + 8)
    refuse(measured(fits))
    tight = measured(make_grpo(max_length=longest + 7))
    assert tight.dropped["prompt_too_long"].rows >= 1
    with pytest.raises(InputError, match=r"prompt_too_long .first: problem_id .*lower max_completion_length"):
        refuse(tight)
