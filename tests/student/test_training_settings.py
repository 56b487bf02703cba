"""TRL's settings are checked before anything is trained: every mistake is one line that names its key."""

import dataclasses
import importlib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from training_makers import make_training
from trl import SFTConfig

from configs.load import load_config
from flows.training_checks import check_trainings, trainings_of
from records.errors import InputError
from student.methods.identity import CHOOSES_THE_BEST, SHAPES_NO_WEIGHTS
from student.methods.kinds import KINDS, Kind
from student.methods.settings import HUB_KERNELS, TORCH_VARLEN, check_packing, check_settings, trl_config

SHIPPED = [file for kind in ("demo", "pairs", "recipes") for file in (ROOT / "configs" / kind).glob("*.yaml")]
OWNED, DEFAULTS = KINDS["sft"].owned, KINDS["sft"].defaults
FIELDS = {field.name for field in dataclasses.fields(SFTConfig)}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rat": 1e-5}, "training.settings.learning_rat: unknown; did you mean learning_rate?"),
        ({"zzz": 1}, "training.settings.zzz: unknown; SFTConfig of the installed version has no such field"),
        ({"learning_rate": "high"}, "training.settings.learning_rate: Input should be a valid number"),
        ({"num_train_epochs": None}, "training.settings.num_train_epochs: Input should be a valid number"),
        ({"packing": 7}, "training.settings.packing: Input should be a valid boolean"),
        ({"packing": "no"}, "training.settings.packing: write False or another value (got 'no')"),
        ({"learning_rate": False}, "training.settings.learning_rate: write 0.0 or another value (got False)"),
        ({"per_device_train_batch_size": "8"}, "training.settings.per_device_train_batch_size: write 8 or another"),
        ({"gradient_accumulation_steps": 4.0}, "training.settings.gradient_accumulation_steps: write 4 or another"),
        ({"lr_scheduler_type": "sinus"}, "training.settings: sinus is not a valid SchedulerType"),
        ({"optim": "adamx"}, "training.settings: adamx is not a valid OptimizerNames"),
        ({"load_best_model_at_end": True}, "training.settings: --load_best_model_at_end requires"),
        ({"max_length": 7}, "training.settings.max_length: remove it; set max_length of the stage"),
        ({"output_dir": "x"}, "training.settings.output_dir: remove it; it is the artifact's folder"),
        ({"seed": 1}, "training.settings.seed: remove it; set seed of the stage"),
        ({"enable_jit_checkpoint": True}, "training.settings.enable_jit_checkpoint: remove it; a signal would end"),
        (
            {"dataloader_in_order": False},
            "training.settings.dataloader_in_order: remove it; rows would come in another",
        ),
        ({"save_on_each_node": True}, "training.settings.save_on_each_node: remove it; all machines share one folder"),
        ({"accelerator_config": "/dev/zero"}, "training.settings.accelerator_config: give its fields here; a file may"),
        ({"lr_scheduler_kwargs": '{"num_cycles": 2}'}, "training.settings.lr_scheduler_kwargs: give its fields here"),
        ({"learning_rate": "x" * 10**6}, "training.settings.learning_rate: Input should be a valid number"),
        (
            {"packing": True, "packing_strategy": "wrapped"},
            "training.settings.packing_strategy: take bfd (got 'wrapped')",
        ),
        ({"packing_strategy": "bfd_split"}, "training.settings.packing_strategy: take bfd"),
        ({"train_sampling_strategy": "shuffled"}, "training.settings.train_sampling_strategy: take random, "),
        ({"learning_rate": 0}, "training.settings.learning_rate: Input should be greater than 0"),
        ({"learning_rate": True}, "training.settings.learning_rate: write 1.0 or another value (got True)"),
        ({"learning_rate": "-1e-3"}, "training.settings.learning_rate: Input should be greater than 0"),
        ({"num_train_epochs": 0}, "training.settings.num_train_epochs: Input should be greater than 0"),
        ({"max_steps": -5}, "training.settings.max_steps: Input should be greater than or equal to -1"),
        ({"max_steps": 10**18}, "training.settings.max_steps: Input should be less than or equal to"),
        ({"gradient_accumulation_steps": 0}, "training.settings.gradient_accumulation_steps: Input should be"),
        ({"per_device_train_batch_size": -1}, "training.settings.per_device_train_batch_size: Input should be"),
        ({"adam_beta2": 1.0}, "training.settings.adam_beta2: Input should be less than 1"),
        ({"neftune_noise_alpha": -5}, "training.settings.neftune_noise_alpha: Input should be"),
        ({"label_smoothing_factor": 2}, "training.settings.label_smoothing_factor: Input should be less than 1"),
        (
            {"label_smoothing_factor": 0.1, "loss_type": "dft"},
            "training.settings.label_smoothing_factor: remove it; this loss passes over it",
        ),
        ({"eval_strategy": "steps"}, "training.settings.eval_strategy: there is nothing to evaluate"),
        ({"lr_scheduler_kwargs": {"cycles": 1}}, "training.settings.lr_scheduler_kwargs: get_cosine_schedule"),
        ({"lr_scheduler_type": "cosine_with_min_lr"}, "training.settings.lr_scheduler_kwargs: One of min_lr"),
        ({"optim": "lomo"}, "training.settings.optim: You need to install `lomo_optim`"),
        (
            {"accelerator_config": {"gradient_accumulation_kwargs": {"num_steps": 3}}},
            "training.settings.accelerator_config.gradient_accumulation_kwargs: remove it; it would change the batch",
        ),
    ],
)
def test_mistakes(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        check_settings(make_training(settings))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"save_steps": 4, "eval_steps": 2}, r"save_steps: set it to eval_steps, 2; the best of the evaluated"),
        ({"save_steps": 0.5, "eval_steps": 0.25}, r"save_steps: set it to eval_steps, 0\.25"),
        ({"eval_on_start": True}, r"eval_on_start: remove it; a resumed training would evaluate again"),
        ({"load_best_model_at_end": False}, r"load_best_model_at_end: remove it; with patience the best"),
    ],
)
def test_what_is_best_is_saved(settings: dict[str, Any], message: str) -> None:
    check_settings(make_training({"save_steps": 4, "eval_steps": 4}, held_out=2, patience=1))
    check_settings(make_training({"save_strategy": "best", "eval_steps": 1}, held_out=2, patience=1))
    with pytest.raises(InputError, match=message):
        check_settings(make_training(settings, held_out=2, patience=1))


def test_packing_needs_an_attention_known_to_isolate() -> None:
    unknown = {"attn_implementation": "kernels-community/other"}
    with pytest.raises(InputError, match="rows packed together would see each other"):
        check_settings(make_training({"packing": True}, **unknown))
    check_settings(make_training({"packing": False}, **unknown))
    check_settings(make_training({"packing": True}, attn_implementation=HUB_KERNELS[0]))


@pytest.mark.parametrize(
    ("settings", "held_out", "fits"),
    [
        ({"packing": True}, 0.1, True),
        ({"packing": True, "eval_packing": False}, 0, True),
        ({"packing": True, "eval_packing": False}, 0.1, False),
        ({"packing": False}, 0, False),
    ],
)
def test_attention_over_varying_lengths_needs_packs(settings: dict[str, Any], held_out: float, fits: bool) -> None:
    training = make_training(settings, held_out=held_out, attn_implementation=TORCH_VARLEN)
    if fits:
        check_packing(training, "training")
    else:
        with pytest.raises(InputError, match="attn_implementation: torch_varlen needs packed rows"):
            check_packing(training, "training")


@pytest.mark.parametrize("cpu", [True, False])
def test_what_no_config_sets(cpu: bool, tmp_path: Path) -> None:
    arguments = trl_config(make_training({"bf16": False}), tmp_path, cpu=cpu)
    assert (arguments.use_cpu, arguments.dataloader_pin_memory) == (cpu, not cpu)
    assert (arguments.save_total_limit, arguments.report_to, arguments.disable_tqdm) == (2, [], True)
    assert arguments.restore_callback_states_from_checkpoint
    assert not arguments.logging_nan_inf_filter, "a loss that is no number is shown"


def test_values_arrive_as_they_are_written(tmp_path: Path) -> None:
    given = {"learning_rate": "4e-5", "loss_type": "dft", "neftune_noise_alpha": 5, "adam_beta2": 0.95}
    arguments = trl_config(make_training(given), tmp_path, cpu=True)  # YAML reads 4e-5, without a dot, as text
    assert (arguments.learning_rate, arguments.loss_type, arguments.adam_beta2) == (4e-5, "dft", 0.95)
    assert (arguments.neftune_noise_alpha, arguments.max_length, arguments.seed) == (5, None, 0)


def open_fields(kind: Kind) -> set[str]:
    """The fields that a config may set, of any method's settings."""
    settings = getattr(importlib.import_module(kind.module), kind.config)
    return {field.name for field in dataclasses.fields(settings)} - kind.owned.keys()


def test_every_field_of_trl_is_open_or_owned() -> None:
    assert OWNED.keys() <= FIELDS
    assert DEFAULTS.keys() <= FIELDS - OWNED.keys()
    assert set[str]().union(*map(open_fields, KINDS.values())) >= SHAPES_NO_WEIGHTS
    assert CHOOSES_THE_BEST <= SHAPES_NO_WEIGHTS


def test_defaults_differ_from_trls() -> None:
    plain = {field.name: field.default for field in dataclasses.fields(SFTConfig)}
    assert not {name for name, value in DEFAULTS.items() if plain[name] == value}


@pytest.mark.parametrize("path", sorted(SHIPPED), ids=lambda path: path.name)
def test_shipped_settings_are_trls(path: Path) -> None:
    config = load_config(path)
    check_trainings(trainings_of(config), config.launch)
