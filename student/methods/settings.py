"""TRL's settings of a training: Retort's defaults, the fields it sets itself, and a check before anything is trained.

Importing this module loads nothing heavy; `check_settings` and `trl_config` load TRL.
"""

import dataclasses
import difflib
import importlib
import tempfile
import typing
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from configs.explain import shown
from configs.launch import Shard
from configs.stages import DistillStage, RewardModelStage, RewardStage
from configs.training import Training
from records.errors import InputError
from student.methods.batches import divided
from student.methods.kinds import MODEL, kind_of
from student.methods.requirements import loading_of
from student.methods.sharding import check_sharding, copies, sharded

LORA_DEFAULTS: dict[str, Any] = {"r": 32, "lora_alpha": 64, "target_modules": "all-linear"}
"""Fields of LoraConfig that differ from peft's defaults (8, 8, query and value) unless a config sets them."""

HELD_OUT_DEFAULTS: dict[str, Any] = {"eval_strategy": "steps"}
"""Further defaults if problems are held out. `eval_steps` is as `save_steps`, the evaluation's batch as training's."""

TORCH_VARLEN = "torch_varlen"
"""The attention of student/attention.py, which knows packed rows only."""
HUB_KERNELS = tuple(f"kernels-community/{name}" for name in ("flash-attn2", "flash-attn3", "vllm-flash-attn3"))
"""Flash attention from the Hub, with the package kernels: transformers gives it the boundaries and the masks of
flash_attention_2 (integrations/hub_kernels.py, `load_and_register_attn_kernel`)."""
ISOLATING = ("sdpa", "eager", "flash_attention_2", "flash_attention_3", TORCH_VARLEN, *HUB_KERNELS)
"""Attention implementations in which rows packed together do not see each other (transformers 5.19: masking_utils finds
the rows from position_ids; tests/student/test_packing.py)."""


def settings_of(config: Training) -> dict[str, Any]:
    """Return the settings with Retort's defaults filled in."""
    settings = kind_of(config).defaults | (HELD_OUT_DEFAULTS if config.held_out else {}) | config.settings
    if config.held_out:
        settings.setdefault("eval_steps", settings["save_steps"])
        settings.setdefault("per_device_eval_batch_size", settings["per_device_train_batch_size"])
    if config.patience:
        settings.setdefault("load_best_model_at_end", True)
    return settings


def check_settings(config: Training, place: str = "training", shard: Shard = "none", processes: int = 1) -> None:
    """Check that TRL and peft accept the settings, trained in `processes` processes under `shard`. It imports TRL,
    which takes 10 s.

    Errors: InputError for an unknown or owned field, a value of the wrong type, one that TRL or LoraConfig
    refuses, and a batch that the processes cannot divide.
    """
    owned = kind_of(config).owned
    for name in config.settings:
        if name in owned:
            raise InputError(f"{place}.settings.{name}: remove it; {owned[name]}")
    from student.methods.bounds import check_best, check_bounds, check_schedule

    check_fields(trl_class(config), config.settings, f"{place}.settings")
    check_bounds(config, place)
    for name in loading_of(config):
        if name != "use_kernels":
            raise InputError(f"{place}.settings.model_init_kwargs.{name}: remove it; {MODEL}")
    check_packing(config, place)
    if shard in ("fsdp2", "zero3") and (reason := kind_of(config).whole):
        raise InputError(f"{place}: {reason}, and {shard} divides them; set launch.shard to ddp or none")
    check_sharding(config, shard, place)
    if isinstance(config, DistillStage):
        from student.methods.distill_settings import check_distilling

        check_distilling(config, place)
    if isinstance(config, RewardModelStage):
        check_scoring(config, place)
    divided(settings_of(config), groups_of(config, processes, place))
    with tempfile.TemporaryDirectory() as folder:
        arguments = trl_config(config, Path(folder), cpu=True, place=place)
    check_schedule(arguments, place)
    check_best(arguments, config, place)
    if config.lora is not None:
        from student.methods.adapters import lora_config

        lora_config(config, place)


def check_fields(kind: Any, given: dict[str, Any], place: str) -> None:
    """Check names and types against the fields of a dataclass. Errors: InputError."""
    known = {field.name for field in dataclasses.fields(kind) if field.init}
    hints = typing.get_type_hints(kind)
    for name, value in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"{kind.__name__} of the installed version has no such field"
            raise InputError(f"{place}.{name}: unknown; {hint}")
        if isinstance(value, str) and takes_fields(hints[name]):
            raise InputError(f"{place}.{name}: give its fields here; a file may change, and the artifact would not")
        try:
            found = TypeAdapter(hints[name]).validate_python(value)
        except ValidationError as error:
            raise InputError(f"{place}.{name}: {error.errors()[0]['msg']} (got {shown(value)})") from None
        if changes_its_kind(value, found):
            raise InputError(f"{place}.{name}: write {shown(found)} or another value (got {shown(value)})")


def changes_its_kind(value: Any, found: Any) -> bool:
    """Return True if pydantic made another kind of value of a setting: 1.0 of `yes`, False of "no", 4 of "4" or 4.0.
    What reads the setting as it was given, as identities do, would take it for something else."""
    if isinstance(value, bool) or isinstance(found, bool):
        return type(value) is not type(found)
    if isinstance(found, int):
        return not isinstance(value, int)
    return isinstance(found, float) and isinstance(value, str)


def takes_fields(hint: Any) -> bool:
    """Return True if a field takes a mapping. As a text it is the name of a file to transformers."""
    return any((typing.get_origin(kind) or kind) is dict for kind in typing.get_args(hint))


def check_packing(config: Training, place: str) -> None:
    settings = settings_of(config)
    if "packing" not in settings:
        return
    packed = [settings["packing"], settings.get("eval_packing") is not False or not config.held_out]
    if config.attn_implementation == TORCH_VARLEN and not all(packed):
        raise InputError(
            f"{place}.attn_implementation: {TORCH_VARLEN} needs packed rows; set settings.packing: true (and no "
            "eval_packing: false), or attn_implementation: sdpa"
        )
    if not settings["packing"]:
        return
    if config.attn_implementation not in ISOLATING:
        raise InputError(
            f"{place}.settings.packing: rows packed together would see each other with attn_implementation "
            f"{config.attn_implementation}; set packing: false, or one of {', '.join(ISOLATING)}"
        )


def check_scoring(config: RewardModelStage, place: str) -> None:
    """Check what TRL does not know of a reward model's rows. Errors: InputError."""
    settings = settings_of(config)
    if config.attn_implementation == TORCH_VARLEN:
        raise InputError(f"{place}.attn_implementation: {TORCH_VARLEN} needs packed rows, and replies are not packed")
    if settings.get("train_sampling_strategy", "random") not in ("random", "sequential"):
        raise InputError(f"{place}.settings.train_sampling_strategy: a reward model's rows come random or sequential")
    single = isinstance(config, RewardStage) and config.labels == "single"
    if single and settings.get("center_rewards_coefficient") is not None:
        raise InputError(
            f"{place}.settings.center_rewards_coefficient: centers pairs; single labels say where 0 is: remove it"
        )


def groups_of(config: Training, processes: int, place: str = "training") -> int:
    """Return how many parts a batch is divided into: the processes, or groups of them that share their rows.

    Errors: InputError if the processes cannot be divided into such groups.
    """
    sharing = copies(config.settings)
    if processes % sharing:
        raise InputError(f"{place}.settings.parallelism_config: {processes} processes are no groups of {sharing}")
    return processes // sharing


def trl_class(config: Training) -> Any:
    """Return TRL's class of the settings of a stage's method."""
    kind = kind_of(config)
    return getattr(importlib.import_module(kind.module), kind.config)  # trl loads its classes when asked


def trl_config(
    config: Training, checkpoints: Path, cpu: bool, place: str = "training", shard: Shard = "none", processes: int = 1
) -> Any:
    """Return TRL's settings for one of `processes` processes. Errors: InputError for values that it refuses."""
    settings_class = trl_class(config)
    hints = typing.get_type_hints(settings_class)
    settings = {name: TypeAdapter(hints[name]).validate_python(value) for name, value in settings_of(config).items()}
    if processes > 1:
        settings = sharded(divided(settings, groups_of(config, processes, place)), shard)
    settings.pop("model_init_kwargs", None)  # it is for loading the model, which TRL does not do here
    settings.setdefault("save_total_limit", 2)
    settings.setdefault("dataloader_pin_memory", not cpu)
    try:
        return settings_class(
            **settings,
            **kind_of(config).fixed,
            output_dir=str(checkpoints),
            report_to="none",
            disable_tqdm=True,
            use_cpu=cpu,
            seed=config.seed,
            data_seed=config.seed,
            logging_nan_inf_filter=False,  # it would report the mean of earlier losses instead
            restore_callback_states_from_checkpoint=True,
        )
    except (ValueError, TypeError, ArithmeticError, ImportError) as error:
        raise InputError(f"{place}.settings: {' '.join(str(error).split())}") from None
