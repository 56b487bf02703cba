"""What a trained model ends in: a new head has no weights in the base's files, and needs a class of transformers."""

import pytest
from reward_makers import make_process, make_reward
from training_makers import make_training
from transformers import MambaConfig, Qwen3Config

from configs.training import Training
from student.methods.heads import has_class, missing_weights


@pytest.mark.parametrize(("config", "kind"), [(make_reward(), "sequence"), (make_process(), "token")])
def test_a_base_that_cannot_have_the_head_is_refused(config: Training, kind: str) -> None:
    assert has_class(config, Qwen3Config()) == ""
    assert has_class(config, MambaConfig()).startswith(f"transformers has no {kind} classification of mamba")
    assert has_class(make_training(), MambaConfig()) == "", "it writes, and has no new head"


def test_only_a_new_head_may_be_missing() -> None:
    missing = ["score.weight", "model.norm.weight", "classifier.bias"]
    assert missing_weights(make_reward(), missing) == ["model.norm.weight"]
    assert missing_weights(make_training(), missing) == sorted(missing)
