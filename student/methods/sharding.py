"""TRL's settings for several processes: what FSDP2, DeepSpeed's ZeRO-3 and the parallelism of long rows need."""

from importlib.util import find_spec
from typing import Any

from configs.launch import Shard
from configs.training import Training
from records.errors import InputError

ZERO3: dict[str, Any] = {
    "zero_optimization": {
        "stage": 3,
        "overlap_comm": True,
        "contiguous_gradients": True,
        "reduce_bucket_size": "auto",
        "stage3_prefetch_bucket_size": "auto",
        "stage3_param_persistence_threshold": "auto",
        "stage3_gather_16bit_weights_on_model_save": True,  # else a checkpoint would hold no weights
    },
    "bf16": {"enabled": "auto"},
    "train_micro_batch_size_per_gpu": "auto",
    "gradient_accumulation_steps": "auto",
    "gradient_clipping": "auto",
}
"""DeepSpeed's config; transformers fills in `auto` (integrations/deepspeed.py). `settings.deepspeed` replaces it."""

BITSANDBYTES = ("8bit", "paged", "bnb")
"""Parts of the names of bitsandbytes' optimizers, which know no DTensor (bitsandbytes/optim, 0.50)."""

SIZES = ("dp_replicate_size", "dp_shard_size", "cp_size")
"""Fields of accelerate's ParallelismConfig that a config may set."""


def sharded(settings: dict[str, Any], shard: Shard) -> dict[str, Any]:
    """Return the settings with those of a sharded training added. What a config says of `fsdp_config` stays.

    FSDP wraps the classes that a model names in `_no_split_modules`, its layers. Recomputing activations is FSDP's part
    then: transformers warns of gradient checkpointing beside it, because weights would be gathered once more.
    """
    if shard == "zero3":
        return {"deepspeed": ZERO3} | settings
    if shard != "fsdp2":
        return settings
    given = settings.get("fsdp_config") or {}
    config = {"version": 2, "activation_checkpointing": bool(settings.get("gradient_checkpointing"))} | given
    return settings | {"fsdp": True, "fsdp_config": config, "gradient_checkpointing": False}


def copies(settings: dict[str, Any]) -> int:
    """Return how many processes share one row: the size of context parallelism."""
    return int((settings.get("parallelism_config") or {}).get("cp_size") or 1)


def check_sharding(config: Training, shard: Shard, place: str = "training") -> None:
    """Check that a stage can be trained under `shard`. Errors: InputError."""
    if shard == "zero3" and find_spec("deepspeed") is None:
        raise InputError("launch.shard: zero3 needs the package deepspeed, which is not installed; take fsdp2")
    if config.quantize and shard in ("fsdp2", "zero3"):
        raise InputError(
            f"{place}.quantize: {config.quantize} weights stay whole in each process; set launch.shard to ddp, or "
            "remove quantize"
        )
    settings = config.settings
    for field, needed in (("fsdp_config", "fsdp2"), ("deepspeed", "zero3")):
        if field in settings and shard != needed:
            raise InputError(f"{place}.settings.{field}: is read with launch.shard: {needed} only; remove it")
    if settings.get("train_sampling_strategy", "random") not in ("random", "sequential") and shard != "none":
        raise InputError(
            f"{place}.settings.train_sampling_strategy: several processes take random or sequential; their rows would "
            "depend on the number of processes"
        )
    given = settings.get("deepspeed")
    for field in ("optimizer", "scheduler"):
        if isinstance(given, dict) and field in given:
            raise InputError(f"{place}.settings.deepspeed.{field}: remove it; set optim and lr_scheduler_type")
    optimizer = str(settings.get("optim", ""))
    if shard == "fsdp2" and any(word in optimizer for word in BITSANDBYTES):
        raise InputError(
            f"{place}.settings.optim: {optimizer} cannot read weights that fsdp2 has sharded; set "
            "adamw_torch_fused, or launch.shard to ddp"
        )
    check_accelerator(settings, place)
    check_parallelism(config, shard, place)


def check_accelerator(settings: dict[str, Any], place: str) -> None:
    given = settings.get("accelerator_config") or {}
    for field in ("split_batches", "dispatch_batches", "gradient_accumulation_kwargs"):
        if isinstance(given, dict) and given.get(field):
            raise InputError(f"{place}.settings.accelerator_config.{field}: remove it; it would change the batch")


def check_parallelism(config: Training, shard: Shard, place: str) -> None:
    """Check accelerate's ParallelismConfig: context parallelism runs with FSDP2, on rows that are not packed, whose
    attention is sdpa (accelerate/state.py, transformers' `_prepare_context_parallel_inputs`, TRL's SFTTrainer)."""
    given, field = config.settings.get("parallelism_config"), f"{place}.settings.parallelism_config"
    if not given:
        return
    if not isinstance(given, dict):
        raise InputError(f"{field}: give the fields of accelerate's ParallelismConfig, such as cp_size: 2")
    others = [name for name in given if name not in SIZES]
    if others:
        why = "its loader joins the rows of several processes, which the ledger could not tell"
        known = ", ".join(SIZES)
        reason = why if others[0].startswith("sp_") else f"Retort takes {known}"
        raise InputError(f"{field}.{others[0]}: remove it; {reason}")
    if shard != "fsdp2":
        raise InputError(f"{field}: needs launch.shard: fsdp2")
    packed = config.settings.get("packing") is not False or config.settings.get("eval_packing")
    if copies(config.settings) > 1 and packed:
        both = "settings.packing: false (and no eval_packing)"
        raise InputError(f"{field}.cp_size: rows packed together would see each other; set {both}")
    if copies(config.settings) > 1 and config.attn_implementation != "sdpa":
        raise InputError(f"{field}.cp_size: needs attn_implementation: sdpa")
