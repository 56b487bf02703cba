"""A base gets more positions than its own, in the preflight, in training and in the trained model's config."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from student_makers import make_row, make_student, make_training, write_dataset
from training_makers import SETTINGS, answers
from training_makers import write_dataset as write_answers
from transformers import AutoModelForCausalLM, Gemma3TextConfig, LlamaConfig, Qwen2Config

from configs.models import Positions
from records.errors import InputError
from student.data.mixing import Part
from student.data.preflight import run_preflight
from student.data.student_files import StudentOrigin, give_positions
from student.methods.sft import train


def given(config: Any, **positions: Any) -> Any:
    give_positions(config, Positions(**positions))
    return config


def test_positions_and_rotary_base_are_replaced_and_nothing_else() -> None:
    for make in (Qwen2Config, LlamaConfig):
        before = make(max_position_embeddings=4096, rope_parameters={"rope_type": "default", "rope_theta": 1e4})
        longer = given(make(**before.to_dict()), max_position_embeddings=8192)
        assert longer.to_dict() == before.to_dict() | {"max_position_embeddings": 8192}
        turned = given(make(**before.to_dict()), max_position_embeddings=8192, rope_theta=3e5).to_dict()
        assert turned["rope_parameters"] == {"rope_type": "default", "rope_theta": 3e5}


def test_a_model_with_several_rotary_bases_keeps_them() -> None:
    assert given(Gemma3TextConfig(), max_position_embeddings=99).max_position_embeddings == 99
    with pytest.raises(InputError, match=r"rope_theta: gemma3_text has no rotary base, or one for each kind of layer"):
        given(Gemma3TextConfig(), max_position_embeddings=99, rope_theta=3e5)


@pytest.mark.parametrize("kind", ["yarn", "linear"])
def test_a_model_that_stretches_its_positions_itself_is_refused(kind: str) -> None:
    rope = {"rope_type": kind, "rope_theta": 1e4, "factor": 4.0}
    config = Qwen2Config(max_position_embeddings=4096, rope_parameters=rope)
    with pytest.raises(InputError, match=rf"qwen2 stretches its positions itself \({kind}\)"):
        given(config, max_position_embeddings=8192)


@pytest.mark.parametrize(("positions", "refused"), [(399, True), (400, False), (401, False)])
def test_the_preflight_counts_them(tmp_path: Path, positions: int, refused: bool) -> None:
    base = make_student(tmp_path / "student", max_position_embeddings=100)
    longer = StudentOrigin(base.path, positions=Positions(max_position_embeddings=positions))
    data = write_dataset(tmp_path / "data", [make_row()])
    found = run_preflight([data], longer, "visible", make_training(), lambda done, total: None)
    assert found.special_tokens is not None
    assert found.special_tokens.context == positions
    assert bool(found.refusals) is refused


@pytest.mark.parametrize("lora", [None, {"r": 2}])
def test_the_student_is_trained_and_saved_with_them(tmp_path: Path, tiny_model: Path, lora: Any) -> None:
    positions = Positions(max_position_embeddings=4096, rope_theta=500.0)
    losses = []
    for folder, origin in (
        (tmp_path / "own", StudentOrigin(str(tiny_model))),
        (tmp_path / "given", StudentOrigin(str(tiny_model), positions=positions)),
    ):
        folder.mkdir()
        config = make_training(lora, max_length=128, dtype="float32", settings=SETTINGS | {"max_steps": 1})
        data = write_answers(folder / "data", answers(4))
        losses.append(train(folder, config, origin, [Part(data)], lambda *a, **k: None).loss)
    assert losses[0] != losses[1], "other angles, another loss"
    saved = json.loads((tmp_path / "given" / "config.json").read_text())
    assert (saved["max_position_embeddings"], saved["rope_parameters"]["rope_theta"]) == (4096, 500.0)
    angles = AutoModelForCausalLM.from_pretrained(tmp_path / "given").model.rotary_emb.inv_freq
    assert torch.allclose(angles, 500.0 ** (-torch.arange(0, 32, 2) / 32))
