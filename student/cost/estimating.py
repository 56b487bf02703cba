"""Estimates what a training will take from its settings, its rows and the model's config alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from configs.launch import Shard
from configs.training import Training
from records.errors import InputError
from records.preflight import CostEstimate
from student.cost.arithmetic import flops_per_token
from student.cost.memory import estimate
from student.cost.setup import Setup
from student.cost.shape import shape_of
from student.methods.batches import BATCH, divided
from student.methods.settings import LORA_DEFAULTS, groups_of, settings_of
from student.methods.sharding import copies

EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
"""Fields of the configs of mixtures of experts, for which there is no estimate."""
TRL_EPOCHS = 3.0
"""`num_train_epochs` unless a config sets it."""
FlopsOfToken = Callable[[float], float]
"""FLOPs of a token that attends to so many keys."""


@dataclass(frozen=True)
class Rows:
    """What an estimate needs to know of the rows that are trained on."""

    rows: int
    tokens: int
    supervised_tokens: int
    longest: int
    attended: float
    """Keys that a token attends to, on average: `student.cost.arithmetic.attended` of the rows' lengths."""
    passes: float = 1.0
    """How often a token comes in an epoch, on average over the datasets with their weights and epochs."""


def cost_of(
    config: Mapping[str, Any], training: Training, found: Rows, processes: int = 1, shard: Shard = "none"
) -> CostEstimate | str:
    """Return the estimate of peak memory and FLOPs, or why there is none. `config` is `PretrainedConfig.to_dict()`.
    The work is shared by `processes` on all machines."""
    flops = flops_of(config, training)
    if isinstance(flops, str):
        return f"no estimate of memory and time: {flops}"
    try:
        memory = estimate(setup_of(config, training, found, processes, shard))
    except InputError as error:
        return str(error)
    tokens = trained_tokens(training, found)
    total = flops(found.attended) * tokens
    return CostEstimate(memory_bytes=memory.peak, moment=memory.moment, tokens=tokens, flops=total, processes=processes)


def flops_of(config: Mapping[str, Any], training: Training) -> FlopsOfToken | str:
    """Return the FLOPs of a training token as a function of the keys that it attends to, or why they are not known."""
    experts = next((name for name in EXPERTS if config.get(name)), None)
    if experts:
        return f"the model is a mixture of experts ({experts})"
    try:
        shape = shape_of(config)
    except KeyError as error:
        return f"the model's config has no {error}"
    return partial(flops_per_token, shape, method=method_of(training), rank=rank_of(training))


def method_of(training: Training) -> str:
    return "full" if training.lora is None else "qlora" if training.quantize else "lora"


def rank_of(training: Training) -> int:
    """Return the rank of the adapters; 0 if there are none."""
    lora: dict[str, Any] | None = training.lora
    return 0 if lora is None else int((LORA_DEFAULTS | lora)["r"])


def setup_of(
    config: Mapping[str, Any], training: Training, found: Rows, processes: int = 1, shard: Shard = "none"
) -> Setup:
    """Return what the memory of one of the processes depends on. Errors: InputError if they cannot divide a batch."""
    settings = divided(settings_of(training), groups_of(training, processes))
    lora: dict[str, Any] = training.lora or {}
    packed = bool(settings["packing"])
    longest = training.max_length if packed else found.longest
    sequences = int(settings[BATCH])
    return Setup(
        shape=shape_of(config),
        tokens=-(-longest * sequences // copies(training.settings)),
        sequences=sequences,
        method=method_of(training),
        rank=rank_of(training),
        modules_to_save=tuple(lora.get("modules_to_save") or []),
        dtype=training.dtype,
        autocast=settings.get("bf16") is not False,
        optimizer=str(settings["optim"]),
        gradient_checkpointing=bool(settings["gradient_checkpointing"]),
        liger=bool(settings.get("use_liger_kernel")),
        supervised=found.supervised_tokens / found.tokens,
        attention=training.attn_implementation,
        packed=packed,
        head="logits" if settings.get("label_smoothing_factor") else "fused",
        processes=processes,
        sharding=shard,
    )


def trained_tokens(training: Training, found: Rows) -> int:
    """Return the tokens of all steps: those of the epochs, or of `max_steps` steps with the mean of the rows."""
    settings = settings_of(training)
    steps = int(settings.get("max_steps", -1))
    if steps <= 0:
        return round(found.tokens * found.passes * float(settings.get("num_train_epochs", TRL_EPOCHS)))
    each = training.max_length if settings["packing"] else found.tokens / found.rows
    return round(steps * training.effective_batch * each)
