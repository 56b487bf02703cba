"""Where stages of reward models may stand, and what a config says of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from configs.schema import Config

TREE: dict[str, Any] = {
    "name": "pair",
    "teacher": {"kind": "vllm", "name": "big", "max_model_len": 1024, "path": "owner/big"},
    "student": {"name": "small", "max_model_len": 1024, "path": "owner/small"},
    "problems": [{"kind": "file", "path": "hf://owner/problems"}],
    "sampling": {"max_tokens": 512, "n": 4},
}
SFT: dict[str, Any] = {"name": "sft", "max_length": 512}
REWARD: dict[str, Any] = {"method": "reward", "max_length": 512}
OF_SFT: dict[str, Any] = {"sample": "sft", "n": 2}
PROCESS: dict[str, Any] = {
    "method": "process_reward",
    "max_length": 512,
    "data": [{"path": "hf://owner/steps", "form": "prm800k"}],
}


def config(*training: dict[str, Any], **more: Any) -> Config:
    return Config.model_validate(TREE | {"training": list(training)} | more)


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ([REWARD], "all stages make reward models, and none a student"),
        (
            [REWARD, SFT | {"start": "reward"}],
            "'reward' makes a reward model, which writes nothing; name another",
        ),
        ([SFT, REWARD | {"start": "sfft"}], "'sfft' is no earlier stage; choose one of previous, base, sft"),
        ([REWARD | {"quantize": "nf4", "lora": {}}, SFT], "would quantize the new head"),
        ([SFT, REWARD | {"rounds": 2, "data": [{"from": OF_SFT | {"sample": "previous"}}]}], "rounds: a reward model"),
        ([REWARD | {"data": [{}]}, SFT], "give either from: traces"),
        ([PROCESS | {"data": []}, SFT], "at least 1 item"),
        (
            [SFT, REWARD | {"data": [{"from": OF_SFT | {"selection": {"max_per_problem": 1}}}]}],
            "selection: a reward model learns from all judged traces",
        ),
        ([SFT, REWARD | {"data": [{"from": OF_SFT, "path": "pairs.jsonl"}]}], "give either from: traces"),
        (
            [SFT, REWARD | {"data": [{"from": OF_SFT | {"sample": "reward"}}]}],
            r"training.1.data.0.from.sample: 'reward' is the stage itself",
        ),
        (
            [SFT, PROCESS | {"data": [{"from": "rollouts", "traces": OF_SFT | {"sample": "sfft"}}]}],
            r"training.1.data.0.traces.sample: 'sfft' is no earlier stage",
        ),
        (
            [SFT, PROCESS | {"data": [{"from": "rollouts", "traces": OF_SFT | {"max_tokens": 1024}}]}],
            r"training.1.data.0.traces: max_tokens must leave room",
        ),
        ([SFT, REWARD, {"method": "distill", "max_length": 1024, "teacher": "reward"}], "is no earlier stage"),
    ],
)
def test_what_cannot_be_is_refused(training: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        config(*training)


def test_a_stage_that_makes_a_reward_model_is_not_measured() -> None:
    evaluation = {"max_tokens": 500, "models": {"base": ["full"], "student": ["full"], "reward": ["full"]}}
    benchmarks = {"held": {"sources": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}]}}
    with pytest.raises(ValidationError, match=r"models.reward: makes a reward model.*evaluation.rerank"):
        config(SFT, REWARD, evaluation=evaluation, benchmarks=benchmarks)
    wrong = evaluation | {"models": {"base": ["full"], "student": ["full"], "sft": ["full"]}}
    with pytest.raises(ValidationError, match=r"models.sft: the last training stage makes the student"):
        config(SFT, REWARD, evaluation=wrong, benchmarks=benchmarks)


def test_a_scorer_names_a_stage_of_its_method() -> None:
    scorers = {"orm": {"kind": "outcome", "from": "reward"}, "prm": {"kind": "process", "from": "process_reward"}}
    assert config(REWARD, SFT, PROCESS, scorers=scorers).training[0].method == "reward"
    with pytest.raises(ValidationError, match=r"scorers.orm.from: sft is of method sft; choose one of reward"):
        config(REWARD, SFT, scorers={"orm": {"kind": "outcome", "from": "sft"}})


ROLLED: dict[str, Any] = {"method": "process_reward", "max_length": 512, "data": [{"from": "rollouts"}]}


def test_rollouts_need_who_continues_a_text() -> None:
    assert config(ROLLED, SFT).training[0].method == "process_reward"
    by_stage = ROLLED | {"data": [{"from": "rollouts", "model": "sft"}]}
    assert config(SFT, by_stage, {"name": "b", "max_length": 512})
    with pytest.raises(ValidationError, match=r"training.0.data.0.model: 'sft' is no earlier stage that writes"):
        config(by_stage, SFT)
    server = {"kind": "server", "name": "big", "model": "m", "max_model_len": 1024, "base_urls": ["http://a/v1"]}
    with pytest.raises(ValidationError, match="only a teacher of kind vllm can continue a text"):
        config(ROLLED, SFT, teacher=server)
    assert config(SFT, by_stage, teacher=server)
    recorded = {"kind": "recorded", "name": "big", "files": [{"path": "hf://owner/traces"}]}
    with pytest.raises(ValidationError, match=r"a recorded teacher has no sampling.max_tokens; set it"):
        config(SFT, by_stage, teacher=recorded, problems=[], sampling=None)
    with pytest.raises(ValidationError, match="n=8 at temperature 0 draws the same rollout 8 times"):
        config(ROLLED | {"data": [{"from": "rollouts", "temperature": 0}]}, SFT)


def test_an_adapter_of_the_base_may_follow_a_reward_model() -> None:
    adapted = SFT | {"lora": {"r": 4}}
    assert config(REWARD, adapted, publishing={"formats": ["adapter"]}).training[1].lora is not None
    with pytest.raises(ValidationError, match="adapter needs a last training stage"):
        config(SFT, REWARD, adapted | {"name": "b"}, publishing={"formats": ["adapter"]})
