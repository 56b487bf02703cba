"""What needs a package or a GPU that is not there is refused in one line, before the model is loaded."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from refusals import refusal_of
from training_makers import answers, fit, make_training, write_dataset
from trl.trainer.utils import add_fused_lm_head

from configs.launch import Launch
from flows.training_checks import check_trainings_here
from records.errors import InputError
from student.data.student_files import StudentOrigin
from student.methods.adapters import load_base
from student.methods.requirements import check_machine
from student.methods.settings import check_settings, trl_config

KERNELS: dict[str, Any] = {"model_init_kwargs": {"use_kernels": True}}
WITHOUT_KERNELS = pytest.mark.skipif(find_spec("kernels") is not None, reason="with kernels the model loads")
WITHOUT_LIGER = pytest.mark.skipif(find_spec("liger_kernel") is not None, reason="with liger only the GPU is missing")


def refused(settings: dict[str, Any], cpu: bool, **fields: Any) -> str:
    return refusal_of(lambda: check_machine(make_training(settings, **fields), cpu))


def test_activations_are_offloaded_from_a_gpu_only(tiny_model: Path, tmp_path: Path) -> None:
    offloading = {"activation_offloading": True}
    line = "training.settings.activation_offloading: needs a GPU, and this training runs on the CPU; remove it"
    assert refused(offloading, cpu=True) == line
    check_machine(make_training(offloading), cpu=False)
    check_machine(make_training({"activation_offloading": False}), cpu=True)
    with pytest.raises(InputError, match="activation_offloading: needs a GPU"):
        check_trainings_here({"training": make_training(offloading)}, Launch(device="cpu"), progress=lambda *_, **__: 0)
    data = write_dataset(tmp_path / "data", answers(4))
    with pytest.raises(InputError, match="activation_offloading: needs a GPU"):
        fit(tmp_path / "out", tiny_model, data, make_training(offloading), device="cpu")


@WITHOUT_LIGER
@pytest.mark.parametrize("cpu", [True, False])
def test_liger_is_missing(cpu: bool) -> None:
    line = refused({"use_liger_kernel": True}, cpu)
    assert line.startswith("training.settings.use_liger_kernel: needs the package liger-kernel, which is not installed")
    check_machine(make_training({"use_liger_kernel": False}), cpu)


@WITHOUT_KERNELS
def test_the_package_kernels_is_missing() -> None:
    assert refused(KERNELS, cpu=False).startswith(
        "training.settings.model_init_kwargs.use_kernels: needs the package kernels"
    )
    attention = "kernels-community/flash-attn2"
    assert refused({}, cpu=False, attn_implementation=attention).startswith(
        f"training.attn_implementation: {attention}: needs the package kernels"
    )
    check_machine(make_training({"model_init_kwargs": {"use_kernels": False}}), cpu=False)


@WITHOUT_KERNELS
def test_use_kernels_reaches_the_model(tiny_model: Path) -> None:
    origin = StudentOrigin(str(tiny_model))
    with pytest.raises(InputError, match=r"cannot be loaded for training \(Kernels are not available"):
        load_base(make_training(KERNELS), origin, cpu=True)
    assert load_base(make_training({"model_init_kwargs": {"use_kernels": False}}), origin, cpu=True).training is False


def test_of_loading_only_the_kernels_are_open(tmp_path: Path) -> None:
    check_settings(make_training(KERNELS))
    assert trl_config(make_training(KERNELS), tmp_path, cpu=True).model_init_kwargs is None
    with pytest.raises(InputError, match=r"^training\.settings\.model_init_kwargs\.dtype: remove it; Retort loads"):
        check_settings(make_training({"model_init_kwargs": {"dtype": "float16"}}))


def test_the_input_that_liger_adds_to_an_evaluation_changes_nothing(tiny_model: Path) -> None:
    """transformers gives it to any model once liger is set (trainer.py, `prediction_step`); TRL's output layer passes
    it on to the layers."""
    model = load_base(make_training(), StudentOrigin(str(tiny_model)), cpu=True)
    add_fused_lm_head(model)
    rows = torch.arange(8).reshape(2, 4)
    found = [model(rows, labels=rows, fused_lm_head=True, **more).log_probs for more in ({}, {"skip_logits": True})]
    assert torch.equal(*found)
