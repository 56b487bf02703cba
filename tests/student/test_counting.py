"""What is counted of a training that has ended."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from training_makers import make_training
from transformers import TrainerState

from records.training_counts import CPU
from student.methods.counting import best_step, counted, held_out, merged_onto
from student.methods.journal import Step

EVALUATED = [{"step": 2, "eval_loss": 0.5}, {"step": 3, "loss": 0.1}, {"step": 4, "eval_loss": 0.7123456}]
STEPS = [Step(1, [0], 0.25, 30, 20, 0.5), Step(2, [1], 0.1234567, 10, 5, 1.0004)]


def state_of(log: list[dict[str, Any]], best: int | None = None) -> TrainerState:
    return TrainerState(global_step=4, log_history=log, best_global_step=best)


@pytest.mark.parametrize(
    ("best", "loads", "loss"), [(None, False, 0.71235), (2, True, 0.5), (4, True, 0.71235), (2, False, 0.71235)]
)
def test_the_held_out_loss_is_that_of_the_saved_weights(best: int | None, loads: bool, loss: float) -> None:
    state = state_of(EVALUATED, best)
    arguments = SimpleNamespace(load_best_model_at_end=loads)
    assert held_out(state, "eval_loss", best_step(state, arguments)) == loss


def test_without_an_evaluation_there_is_no_held_out_loss() -> None:
    assert held_out(state_of(EVALUATED[1:2]), "eval_loss", None) is None


@pytest.mark.parametrize(
    ("fields", "base"),
    [({}, None), ({"lora": {}}, "base"), ({"lora": {}, "quantize": "nf4"}, "dequantized nf4 base")],
)
def test_adapters_are_merged_onto_the_base(fields: dict[str, Any], base: str | None) -> None:
    assert merged_onto(make_training(**fields)) == base


def test_steps_and_weights_are_added_up() -> None:
    model = torch.nn.Linear(3, 2)
    model.dtype = torch.float32
    found = counted(make_training(), STEPS, state_of(EVALUATED), None, model, cpu=True)
    assert (found["steps"], found["tokens"], found["supervised_tokens"]) == (4, 40, 25)
    assert (found["loss"], found["trainer_s"]) == (0.18673, 1.5)
    assert (found["parameters"], found["dtype"], found["device"]) == (8, "float32", CPU)
