"""Which settings shape the weights that a training makes."""

from typing import Any

from configs.training import Training, batch_of
from student.methods.settings import settings_of

SHAPES_NO_WEIGHTS = {
    # How often is told and saved. What is saved decides only if the best checkpoint is kept.
    *("logging_strategy", "logging_steps", "logging_first_step", "log_on_each_node", "log_level_replica", "debug"),
    *("include_num_input_tokens_seen", "skip_memory_metrics", "prediction_loss_only", "include_for_metrics"),
    *("save_strategy", "save_steps", "save_total_limit"),
    *("eval_strategy", "eval_steps", "eval_delay", "eval_on_start", "eval_packing", "per_device_eval_batch_size"),
    *("eval_accumulation_steps", "eval_do_concat_batches", "eval_use_gather_object", "batch_eval_metrics"),
    *("bf16_full_eval", "fp16_full_eval"),
    # How rows reach the device, and how memory is saved: the same sums.
    *("dataloader_num_workers", "dataloader_pin_memory", "dataloader_persistent_workers"),
    *("dataloader_prefetch_factor", "dataloader_multiprocessing_context", "torch_empty_cache_steps"),
    *("gradient_checkpointing", "gradient_checkpointing_kwargs", "activation_offloading"),
    # Where vLLM draws completions, and what of the machine it takes.
    *("vllm_server_base_url", "vllm_server_host", "vllm_server_port", "vllm_server_timeout", "vllm_group_port"),
    *("vllm_gpu_memory_utilization", "vllm_tensor_parallel_size", "vllm_enable_sleep_mode"),
    # How many processes share the work. Their number times these two is the effective batch, which counts.
    *("per_device_train_batch_size", "gradient_accumulation_steps"),
    *("ddp_find_unused_parameters", "ddp_bucket_cap_mb", "ddp_broadcast_buffers", "ddp_static_graph", "ddp_backend"),
    *("ddp_timeout", "fsdp_config", "deepspeed", "parallelism_config", "accelerator_config"),
}
"""Settings that are no part of a training's identity."""
CHOOSES_THE_BEST = {
    *("save_strategy", "save_steps", "save_total_limit"),
    *("eval_strategy", "eval_steps", "eval_delay", "eval_on_start", "eval_packing", "per_device_eval_batch_size"),
    *("bf16_full_eval", "fp16_full_eval"),
}
"""Settings that decide which checkpoint is the best one, when to stop, and what a schedule that waits for the held-out
loss goes by."""
BY_LOSS = {"reduce_lr_on_plateau", "greedy"}
"""Schedules of the learning rate that step at every evaluation."""
DIVIDES = {"per_device_train_batch_size", "gradient_accumulation_steps"}
"""Settings that divide a batch, which shape the weights where a loss looks at all tokens of each part."""
OVER_PARTS = {"top_entropy_quantile": 1, "entropy_coef": 0, "use_adaptive_entropy": False, "uld_crossentropy_weight": 0}
"""Settings of GRPO and GOLD for which it does, with the values that turn them off: TRL takes the mean entropy or
likelihood of each part's tokens, however many they are, and each part's most uncertain ones."""


def shaping(config: Training) -> dict[str, Any]:
    """Return what shapes the weights: the stage's fields, the settings that do, and the effective batch.

    With `load_best_model_at_end` and with a schedule BY_LOSS, the settings of evaluation and saving shape them as well;
    with GRPO's loss `bnpo` and with settings OVER_PARTS, how a batch is divided.
    """
    settings = settings_of(config)
    evaluated = settings.get("load_best_model_at_end") or settings.get("lr_scheduler_type") in BY_LOSS
    over_parts = any(settings.get(name, off) != off for name, off in OVER_PARTS.items())
    divided = over_parts or settings.get("loss_type") == "bnpo"
    ignored = SHAPES_NO_WEIGHTS - (CHOOSES_THE_BEST if evaluated else set()) - (DIVIDES if divided else set())
    fields = config.model_dump(mode="json", include=set(Training.model_fields) - {"settings", "lora"})
    if evaluated and settings.get("loss_type") == "dft":
        fields["evaluated_by"] = "likelihood"  # not by its own loss, as those of artifacts without this were
    return fields | {
        "effective_batch": batch_of(settings),
        "lora": spelled_alike(config.lora),
        "settings": spelled_alike({name: value for name, value in settings.items() if name not in ignored}),
    }


def spelled_alike(value: Any) -> Any:
    """Return a value of TRL's or peft's with 1.0 as 1 wherever it stands: to them both are the same."""
    if isinstance(value, dict):
        return {key: spelled_alike(part) for key, part in value.items()}
    if isinstance(value, list):
        return [spelled_alike(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
