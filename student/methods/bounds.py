"""Bounds of settings that TRL and transformers take as they come: outside of them a training fails when it starts,
after all sampling is paid for, or learns nothing."""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from transformers import Trainer, get_scheduler

from configs.explain import shown
from configs.stages import GrpoStage
from configs.training import Training
from records.errors import InputError
from student.methods.kinds import kind_of

ABOVE_0, FROM_0, FROM_1 = Annotated[float, Field(gt=0)], Annotated[float, Field(ge=0)], Annotated[int, Field(ge=1)]
BELOW_1, TO_1 = Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, le=1)]
SHARE, ABOVE_1 = Annotated[float, Field(gt=0, le=1)], Annotated[float, Field(gt=1)]
MOST_STEPS = 1 << 31
BOUNDS: dict[str, Any] = {
    **dict.fromkeys(("learning_rate", "num_train_epochs"), ABOVE_0),
    **dict.fromkeys(("weight_decay", "adam_epsilon", "max_grad_norm", "warmup_steps"), FROM_0),
    **dict.fromkeys(("neftune_noise_alpha", "dataloader_num_workers"), FROM_0),
    **dict.fromkeys(("adam_beta1", "adam_beta2", "label_smoothing_factor"), BELOW_1),
    **dict.fromkeys(("per_device_train_batch_size", "gradient_accumulation_steps"), FROM_1),
    **dict.fromkeys(("per_device_eval_batch_size",), FROM_1),
    **dict.fromkeys(("temperature", "repetition_penalty"), ABOVE_0),
    **dict.fromkeys(("max_completion_length", "num_iterations", "generation_batch_size", "pad_to_multiple_of"), FROM_1),
    **dict.fromkeys(("epsilon", "epsilon_high", "beta"), FROM_0),
    **dict.fromkeys(("min_p", "top_entropy_quantile"), TO_1),
    "top_p": SHARE,
    "delta": ABOVE_1,  # a smaller one clips every ratio, and nothing is learnt
    "max_steps": Annotated[int, Field(ge=-1, le=MOST_STEPS)],
}
CHOICES: dict[str, tuple[str, ...]] = {
    "packing_strategy": ("bfd",),
    "train_sampling_strategy": ("random", "sequential", "group_by_length"),
    "scale_rewards": ("group", "batch", "none"),
    "importance_sampling_level": ("token", "sequence"),
    "multi_objective_aggregation": ("sum_then_normalize", "normalize_then_sum"),
}
"""Values that Retort or transformers would otherwise read as one of these: a row is never cut, and an unknown strategy
would be a random one. The others TRL checks with the first batch."""
LOSSES = {
    "SFTConfig": ("nll", "dft", "chunked_nll"),
    "GRPOConfig": ("grpo", "bnpo", "dr_grpo", "dapo", "luspo", "cispo", "sapo", "vespo"),
}
"""`loss_type` by the class of settings; TRL checks it when the training starts."""
DRAWN_ALIKE = "remove it; completions are drawn at random, each by itself"
DRAWING = {
    **{name: f"set settings.{name}" for name in ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")},
    **dict.fromkeys(("max_new_tokens", "max_length", "max_tokens"), "set settings.max_completion_length"),
    **dict.fromkeys(("do_sample", "num_beams", "num_return_sequences", "n"), DRAWN_ALIKE),
}
"""What `generation_kwargs` may not say, each with the reason: the loss would be that of completions drawn otherwise."""


def check_bounds(config: Training, place: str) -> None:
    """Errors: InputError for a setting out of bounds, and for one that would be passed over."""
    settings = config.settings
    for name, kind in BOUNDS.items():
        value = settings.get(name)
        try:
            TypeAdapter(kind | None).validate_python(value)
        except ValidationError as error:
            raise InputError(f"{place}.settings.{name}: {error.errors()[0]['msg']} (got {shown(value)})") from None
    losses = LOSSES.get(kind_of(config).config)
    for name, known in (CHOICES | ({"loss_type": losses} if losses else {})).items():
        if name in settings and settings[name] not in known:
            raise InputError(f"{place}.settings.{name}: take {', '.join(known)} (got {shown(settings[name])})")
    given = settings.get("generation_kwargs")
    for name in [one for one in given if one in DRAWING] if isinstance(given, dict) else []:
        raise InputError(f"{place}.settings.generation_kwargs.{name}: {DRAWING[name]}")
    smoothed = kind_of(config).smooths and settings.get("loss_type", "nll") == "nll"
    if settings.get("label_smoothing_factor") and not smoothed:
        raise InputError(f"{place}.settings.label_smoothing_factor: remove it; this loss passes over it")
    if settings.get("eval_strategy", "no") != "no" and not config.held_out:
        raise InputError(f"{place}.settings.eval_strategy: there is nothing to evaluate; set held_out of the stage")


def check_schedule(arguments: Any, place: str) -> None:
    """Make schedule and optimizer's class as transformers will. Errors: InputError for what they refuse."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    try:
        get_scheduler(
            arguments.lr_scheduler_type,
            optimizer,
            num_warmup_steps=arguments.get_warmup_steps(100),
            num_training_steps=100,
            scheduler_specific_kwargs=dict(arguments.lr_scheduler_kwargs or {}),
        )
    except (TypeError, ValueError, ArithmeticError, KeyError) as error:
        raise InputError(f"{place}.settings.lr_scheduler_kwargs: {' '.join(str(error).split())}") from None
    try:
        Trainer.get_optimizer_cls_and_kwargs(arguments)
    except ImportError as error:
        raise InputError(f"{place}.settings.optim: {' '.join(str(error).split())}") from None
    except (ValueError, TypeError, KeyError):  # what it needs of the model, which is not there yet
        pass


def check_best(arguments: Any, config: Training, place: str) -> None:
    """Check what is kept as the best, and what a schedule waits for. Errors: InputError."""
    place = f"{place}.settings"
    if config.patience and not arguments.load_best_model_at_end:
        raise InputError(f"{place}.load_best_model_at_end: remove it; with patience the best checkpoint is kept")
    if config.patience and arguments.eval_on_start:
        raise InputError(f"{place}.eval_on_start: remove it; a resumed training would evaluate again, and end sooner")
    if isinstance(config, GrpoStage) and arguments.metric_for_best_model is not None:
        raise InputError(f"{place}.lr_scheduler_type: there is no held-out loss that it could go by; take another")
    by_steps = arguments.load_best_model_at_end and arguments.save_strategy == "steps"
    if by_steps and arguments.save_steps != arguments.eval_steps:
        raise InputError(
            f"{place}.save_steps: set it to eval_steps, {arguments.eval_steps:g}; the best of the evaluated weights "
            "can only be kept if they are saved"
        )
