"""The trainers of TRL by method: the class of their settings, Retort's defaults, and what Retort sets itself."""

from dataclasses import dataclass, field, replace
from typing import Any

from configs.reinforcement import MAX_COMPLETION_LENGTH
from configs.stages import DistillStage, TrainingStage
from configs.training import Training

DEFAULTS: dict[str, Any] = {
    "per_device_train_batch_size": 1,  # TRL: 8. Reasoning is long; gradient_accumulation_steps gives larger batches
    "lr_scheduler_type": "cosine",  # TRL: linear
    "warmup_steps": 0.05,  # TRL: 0. Below 1 it is a share of all steps
    "optim": "adamw_torch",  # TRL: the fused one, whose sums depend on the machine
    "gradient_checkpointing": False,  # TRL: true. It costs a third of the time
    "save_steps": 200,  # TRL: 500
}
"""Settings of all methods that differ from TRL's defaults unless a config sets them."""

ROWS = "rows are rendered and bounded by Retort"
MODEL = "Retort loads the model; use dtype, attn_implementation and quantize of the stage"
HUB = "nothing is uploaded while a run is at work; publish the finished checkpoint"
PLACE = "it is the artifact's folder"
ONE = "it would change the batch of a running training"
OWNED: dict[str, str] = {
    **dict.fromkeys(("output_dir", "run_name", "project"), PLACE),
    **dict.fromkeys(("seed", "data_seed"), "set seed of the stage"),
    "use_cpu": "set launch.device",
    "fsdp": "set launch.shard: fsdp2; settings.fsdp_config has the rest",
    "average_tokens_across_devices": "the loss would depend on the number of processes",
    "resume_from_checkpoint": "an interrupted training resumes by itself from its newest checkpoint",
    **dict.fromkeys(("ignore_data_skip", "save_only_model"), "an interrupted training could not resume exactly"),
    "dataloader_in_order": "rows would come in another order at each attempt",
    "enable_jit_checkpoint": "a signal would end the training as if it were done; it resumes without this",
    "save_on_each_node": "all machines share one folder, and would write the same files",
    **dict.fromkeys(("restore_callback_states_from_checkpoint", "disable_tqdm", "log_level"), "Retort sets it"),
    "logging_nan_inf_filter": "a loss that is not a number ends the training",
    **dict.fromkeys(
        ("report_to", "trackio_space_id", "trackio_bucket_id", "trackio_static_space_id"), "see docs/training.md"
    ),
    **dict.fromkeys(("auto_find_batch_size",), ONE),
    **dict.fromkeys(("trust_remote_code", "use_cache"), MODEL),
    **dict.fromkeys(
        (
            *("push_to_hub", "hub_token", "hub_private_repo", "hub_model_id", "hub_strategy", "hub_always_push"),
            "hub_revision",
        ),
        HUB,
    ),
    **dict.fromkeys(("do_train", "do_eval", "do_predict", "local_rank"), "Retort sets it"),
}
"""Fields of transformers' TrainingArguments that a config may not set, each with the reason."""

SFT_OWNED: dict[str, str] = {
    "max_length": "set max_length of the stage: longer rows are dropped whole, never cut",
    **dict.fromkeys(("eos_token", "pad_token", "chat_template_path"), "they come from the student's template"),
    **dict.fromkeys(
        (
            *("dataset_kwargs", "dataset_num_proc", "dataset_text_field", "truncation_mode", "shuffle_dataset"),
            *("completion_only_loss", "assistant_only_loss", "remove_unused_columns", "label_names"),
            *("length_column_name", "padding_free"),
        ),
        ROWS,
    ),
}
"""Fields of SFTConfig alone that a config may not set."""

DISTILL_OWNED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("teacher_model_name_or_path", "teacher_model_revision", "teacher_model_init_kwargs"),
            "teacher_model_server_url",
        ),
        "set teacher of the stage",
    ),
    "model_init_kwargs": MODEL,
    **dict.fromkeys(("chat_template_kwargs", "remove_unused_columns"), "prompts are rendered by Retort"),
    "label_names": "a completion of the student's own has no labels",
    "max_tool_calling_iterations": "no tools are called",
    **dict.fromkeys(("train_sampling_strategy", "length_column_name"), "set shuffle_dataset"),
    "dataloader_drop_last": "a step takes whole batches of prompts",
    **dict.fromkeys(
        ("load_best_model_at_end", "metric_for_best_model", "greater_is_better"),
        "a loss over new samples each time would choose by chance",
    ),
    **dict.fromkeys(("log_completions", "num_completions_to_print", "log_unique_prompts"), "see docs/training.md"),
    "neftune_noise_alpha": "the loss passes over the noise on the embeddings",
    "use_liger_kernel": "TRL computes this loss in chunks of its own",
}
"""Fields of DistillationConfig, and of its server's, that a config may not set."""

SCORED_OWNED: dict[str, str] = {
    **dict.fromkeys(("remove_unused_columns", "label_names", "length_column_name"), ROWS),
}
"""Fields of TrainingArguments that the stage of a reward model may not set."""

REWARD_OWNED: dict[str, str] = SCORED_OWNED | {
    "max_length": "set max_length of the stage: longer replies are left out whole, never cut",
    "model_init_kwargs": MODEL,
    **dict.fromkeys(("eos_token", "pad_token", "chat_template_path"), "they come from the student's template"),
    **dict.fromkeys(("dataset_num_proc", "pad_to_multiple_of"), ROWS),
}
"""Fields of RewardConfig that a config may not set."""

GRPO_DEFAULTS: dict[str, Any] = DEFAULTS | {
    "per_device_train_batch_size": 8,  # as in TRL: one group
    "lr_scheduler_type": "constant_with_warmup",  # TRL: linear. As in DAPO (arXiv 2503.14476, section 4.1)
    "max_completion_length": MAX_COMPLETION_LENGTH,
}
"""Settings of GRPO that differ from TRL's defaults unless a config sets them."""

PROMPTS = "prompts are rendered as the student's prompt says; use prompts of the stage"
TOOLS = "the student is given no tools"
NO_BEST = "held-out accuracy is told beside the reward, and the last weights are kept"
NOT_KEPT = "completions are judged and not kept"
GRPO_OWNED: dict[str, str] = {
    "reward_weights": "set rewards of the stage",
    "steps_per_generation": "set generation_batch_size, the completions that are drawn at a time in all processes",
    "num_generations_eval": "each held-out problem is asked once",
    "sync_ref_model": "the changed reference is no part of a checkpoint, so an interrupted training could not resume",
    "max_tool_calling_iterations": TOOLS,
    **dict.fromkeys(("load_best_model_at_end", "metric_for_best_model", "greater_is_better"), NO_BEST),
    **dict.fromkeys(
        ("shuffle_dataset", "train_sampling_strategy", "chat_template_kwargs", "remove_unused_columns", "label_names"),
        PROMPTS,
    ),
    **dict.fromkeys(("length_column_name", "dataloader_drop_last", "eval_on_start"), PROMPTS),
    **dict.fromkeys(
        (
            *("log_completions", "num_completions_to_print", "log_unique_prompts", "log_completions_hub_repo"),
            "log_multimodal",
        ),
        NOT_KEPT,
    ),
    **dict.fromkeys(("use_transformers_paged", "vllm_importance_sampling_cap"), "TRL has another name for it now"),
}
"""Fields of GRPOConfig that a config may not set."""

DRAWS = "completions are drawn with whole weights"
"""Why a method whose student samples is not sharded. Under FSDP2 TRL 1.16 gathers nothing for drawing
(`DistributedBackend.summon_full_params`), so each token would gather each layer, and `generate` would not know that
processes must go on until the last one ends (`is_fsdp_managed_module`, which accelerate's FSDP2 does not set). Under
ZeRO-3 TRL gathers the weights, but the trainers here were never run so."""


@dataclass(frozen=True)
class Kind:
    """How a method's trainer is set."""

    config: str
    """Name of TRL's class of settings."""
    defaults: dict[str, Any]
    owned: dict[str, str]
    """Fields that a config may not set, each with the reason."""
    fixed: dict[str, Any] = field(default_factory=dict)
    """Fields that Retort always sets so."""
    module: str = "trl"
    """The module that has the class."""
    whole: str = ""
    """Why every process must hold all weights, which fsdp2 and zero3 divide; empty if it need not."""
    smooths: bool = False
    """True if its loss knows `label_smoothing_factor`."""


KINDS: dict[str, Kind] = {
    "sft": Kind(
        "SFTConfig",
        # TRL: false. Rows do not see each other, see student/data/packing.py
        DEFAULTS | {"packing": True},
        OWNED | SFT_OWNED,
        # Rows are bounded and packed before; the trainer would cut them.
        {"max_length": None, "dataset_kwargs": {"skip_prepare_dataset": True}, "remove_unused_columns": False},
        smooths=True,
    ),
    # The trainer would write the rows in its own way, and cut nothing only if nothing bounds them.
    "reward": Kind(
        "RewardConfig", DEFAULTS, OWNED | REWARD_OWNED, {"max_length": None, "remove_unused_columns": False}
    ),
    "process_reward": Kind(
        "ProcessRewardConfig",
        DEFAULTS,
        OWNED | SCORED_OWNED,
        {"remove_unused_columns": False},
        module="student.methods.process_config",
    ),
    "grpo": Kind(
        "GRPOConfig",
        GRPO_DEFAULTS,
        OWNED | GRPO_OWNED,
        # Held-out problems are asked once each, in batches of any size; see student/methods/held_out.py.
        {"num_generations_eval": 1, "remove_unused_columns": False, "shuffle_dataset": False},
        whole=DRAWS,
    ),
    "distill": Kind("DistillationConfig", DEFAULTS, OWNED | DISTILL_OWNED, whole=DRAWS),
    "distill_gold": Kind(
        "GoldDistillationConfig", DEFAULTS, OWNED | DISTILL_OWNED, module="student.methods.gold", whole=DRAWS
    ),
    "distill_served": Kind(
        "ServerDistillationConfig",
        DEFAULTS,
        OWNED | DISTILL_OWNED,
        module="student.methods.served",
        whole=DRAWS,
    ),
}


def kind_of(config: Training) -> Kind:
    """Return how the trainer of a stage is set; a model made from random weights is fine-tuned."""
    if isinstance(config, DistillStage):
        return distill_kind(config)
    return KINDS[config.method if isinstance(config, TrainingStage) else "sft"]


def distill_kind(config: DistillStage) -> Kind:
    """Return how a distillation is set: on stored rows as a fine-tuning, else by where its logits come from."""
    if config.source == "stored":
        return replace(KINDS["sft"], whole="its loss reads the output layer whole", smooths=False)
    if config.served:
        served = KINDS["distill_served"]
        return replace(served, fixed=served.fixed | {"teacher_model_server_url": config.served})
    return KINDS["distill_gold" if config.align == "gold" else "distill"]
