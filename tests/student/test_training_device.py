"""A training that is meant for a GPU does not run on the CPU in silence."""

from typing import Any

import pytest
import torch
from training_makers import make_training

from records.errors import InputError
from student.methods.device import LARGE, on_cpu

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU it is used")


def notes_of(parameters: int = 10, device: Any = "auto", **fields: Any) -> list[str]:
    notes: list[str] = []
    training = make_training(**fields)
    assert on_cpu(device, training, parameters, lambda done, total, note: notes.append(note))
    return notes


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"attn_implementation": "flash_attention_2"}, "attn_implementation is flash_attention_2"),
        ({"lora": {}, "quantize": "nf4"}, "quantize is nf4"),
        ({"settings": {"optim": "paged_adamw_8bit"}}, "settings.optim is paged_adamw_8bit"),
        ({"parameters": LARGE}, "the model has 0.2 billion parameters"),
    ],
)
def test_what_is_meant_for_a_gpu_is_told(given: dict[str, Any], reason: str) -> None:
    (note,) = notes_of(**given)
    assert note == f"WARNING: no GPU is visible, so this trains on the CPU, although {reason}"
    assert notes_of(**given, device="cpu") == [], "asked for"


def test_a_small_model_is_not() -> None:
    assert notes_of() == notes_of(parameters=LARGE - 1) == []


def test_cuda_asked_for_and_not_there() -> None:
    with pytest.raises(InputError, match=r"launch\.device: cuda, but no GPU is visible"):
        on_cpu("cuda", make_training(), 10, lambda *_, **__: None)
