"""Checks an adapter's settings (peft's LoraConfig): what peft passes over, or what would merge into another model."""

import re
from typing import Any

import torch

from configs.training import Training
from records.errors import InputError
from student.methods.settings import LORA_DEFAULTS

OWNED = (
    *("task_type", "peft_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping"),
    *("runtime_config", "peft_version"),
)
PASS = "it needs a pass over data or weights before the training, which Retort does not make"
NOT_PLAIN = "such an adapter cannot be merged into plain weights"
PASSED_OVER = "peft passes over it on the layers that Retort loads"
REFUSED = {
    **dict.fromkeys(("loftq_config", "corda_config", "eva_config", "lora_ga_config"), PASS),
    **dict.fromkeys(("alora_invocation_tokens", "arrow_config", "layer_replication", "use_bdlora"), NOT_PLAIN),
    **dict.fromkeys(("megatron_config", "megatron_core"), "Retort trains without Megatron"),
    **dict.fromkeys(("use_qalora", "qalora_group_size"), PASSED_OVER),
}
"""Fields that a config may not set, each with the reason."""
STARTS = (True, False, "gaussian", "orthogonal", "pissa", "olora", "mica")
"""What `init_lora_weights` may be. `eva`, `corda`, `loftq` and `lora_ga` need a PASS; without one, eva starts as any
other."""
STARTS_ON_4_BITS = (True, False, "gaussian")
"""The others read whole weights, or change the base, which is loaded anew to be merged onto: the student would be
another model than the trained one."""


def check_lora(config: Training, place: str) -> None:
    """Check the fields of a stage's adapter by themselves. Errors: InputError."""
    lora = config.lora or {}
    for name in lora:
        if name in OWNED:
            raise InputError(f"{place}.lora.{name}: remove it; Retort sets it")
        if name in REFUSED:
            raise InputError(f"{place}.lora.{name}: remove it; {REFUSED[name]}")
    start, starts = lora.get("init_lora_weights", True), STARTS_ON_4_BITS if config.quantize else STARTS
    if start not in starts:
        known = ", ".join(str(one).lower() for one in starts)
        reason = "" if start not in STARTS else f" with quantize: {config.quantize}"
        raise InputError(f"{place}.lora.init_lora_weights: {start} is not supported{reason}; take {known}")
    if config.quantize and "kasa_config" in lora:
        raise InputError(f"{place}.lora.kasa_config: changes the base, which in 4 bits is loaded anew; remove it")
    for field in ("target_modules", "exclude_modules", "rank_pattern", "alpha_pattern"):
        patterns = lora.get(field)
        for pattern in [patterns] if isinstance(patterns, str) else patterns if isinstance(patterns, dict) else []:
            check_pattern(str(pattern), f"{place}.lora.{field}")
    dropout, alpha = lora.get("lora_dropout", 0), lora.get("lora_alpha", 1)
    if not (isinstance(dropout, int | float) and 0 <= dropout < 1):
        raise InputError(f"{place}.lora.lora_dropout: must be at least 0 and below 1 (got {dropout!r})")
    if not (isinstance(alpha, int | float) and alpha > 0):
        raise InputError(f"{place}.lora.lora_alpha: must be above 0 (got {alpha!r}); the adapter is scaled by it")


def check_pattern(pattern: str, place: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise InputError(f"{place}: {pattern} is no regular expression ({error})") from None


def check_targets(model: Any, config: Training, place: str = "training") -> None:
    """Check that what the adapter names is in the model; peft passes over names that are not.

    Errors: InputError for a module or a token that is not there, and for an adapter that would merge into another
    model: on the output layer, on embeddings that are the output layer too, and with biases that the layers lack.
    """
    check_lora(config, place)
    lora = LORA_DEFAULTS | (config.lora or {})
    paths = {path: kind for path, kind in model.named_modules() if path}
    for field in ("target_modules", "modules_to_save", "exclude_modules"):
        given = lora.get(field)
        if given == "all-linear" and field == "target_modules":
            continue
        if given in ([], ""):
            raise InputError(f"{place}.lora.{field}: is empty; name modules, or remove it")
        for name in [given] if isinstance(given, str) else given or []:
            if not any(is_named(path, name, isinstance(given, str)) for path in paths):
                linear = sorted({path.rpartition(".")[2] for path, kind in paths.items() if is_linear(kind)})
                raise InputError(
                    f"{place}.lora.{field}: the model has no module {name}; its linear ones are {', '.join(linear)}"
                )
    for field in ("rank_pattern", "alpha_pattern"):
        for name in lora.get(field) or {}:
            if not any(re.match(rf"(.*\.)?({name})$", path) for path in paths):  # as in peft's get_pattern_key
                raise InputError(f"{place}.lora.{field}: the model has no module {name}")
    for name in lora.get("target_parameters") or []:
        if not any(f".{path}".endswith(f".{name}") for path, _ in model.named_parameters()):
            raise InputError(f"{place}.lora.target_parameters: the model has no parameter {name}")
    check_embeddings(model, lora, place)
    without_bias = [path for path in targeted(model, lora) if getattr(paths[path], "bias", None) is None]
    if lora.get("lora_bias") and without_bias:
        raise InputError(f"{place}.lora.lora_bias: {without_bias[0]} has no bias to merge it into; remove it")


def check_embeddings(model: Any, lora: dict[str, Any], place: str) -> None:
    """Check what an adapter does with embeddings and output layer. Errors: InputError."""
    embeddings, output = model.get_input_embeddings(), model.get_output_embeddings()
    paths, targets = {kind: path for path, kind in model.named_modules()}, targeted(model, lora)
    own, tied = paths[embeddings], output is not None and output.weight is embeddings.weight
    last = own.rpartition(".")[2]
    if output is not None and paths[output] in targets:
        raise InputError(
            f"{place}.lora.target_modules: TRL's loss passes over an adapter on {paths[output]}; put it in "
            "modules_to_save"
        )
    if tied and own in targets:
        raise InputError(
            f"{place}.lora.target_modules: {own} is the output layer too, into which the adapter would be merged, "
            f"though it was not trained there; put {last} in modules_to_save"
        )
    size, indices = embeddings.num_embeddings, lora.get("trainable_token_indices") or []
    if tied and indices:
        raise InputError(
            f"{place}.lora.trainable_token_indices: {own} is the output layer too, whose rows TRL's loss does not see; "
            f"put {last} in modules_to_save"
        )
    for token in indices if isinstance(indices, list) else [one for group in indices.values() for one in group]:
        if not 0 <= token < size:
            raise InputError(f"{place}.lora.trainable_token_indices: there is no token {token}; the model has {size}")


def targeted(model: Any, lora: dict[str, Any]) -> list[str]:
    """Return the paths of the modules that get an adapter, as far as `target_modules` says."""
    given, output = lora["target_modules"], model.get_output_embeddings()
    if given == "all-linear":
        return [path for path, kind in model.named_modules() if is_linear(kind) and kind is not output]
    names = [given] if isinstance(given, str) else given or []
    return [path for path, _ in model.named_modules() for name in names if is_named(path, name, isinstance(given, str))]


def is_named(path: str, name: str, is_pattern: bool) -> bool:
    """Return True if peft takes a name for a module: a text as a pattern for the whole path, those of a list as its
    end."""
    return bool(re.fullmatch(name, path)) if is_pattern else f".{path}".endswith(f".{name}")


def is_linear(module: Any) -> bool:
    return isinstance(module, torch.nn.Linear)
