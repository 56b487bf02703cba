"""Low-rank adapters (peft) on a base in full or 4-bit precision, and their merging into plain weights."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from safetensors import SafetensorError
from transformers import BitsAndBytesConfig
from transformers.integrations.deepspeed import unset_hf_deepspeed_config

from configs.training import Training
from records.errors import InputError
from records.quantization import settings_of
from student import attention
from student.data.student_files import StudentOrigin
from student.methods.adapter_checks import check_lora
from student.methods.heads import head_of, missing_weights
from student.methods.requirements import loading_of
from student.methods.settings import LORA_DEFAULTS, TORCH_VARLEN, check_fields

LOADING_ERRORS = (
    *(ImportError, ValueError, RuntimeError, SafetensorError, UnpicklingError),
    *(ArithmeticError, AttributeError, TypeError),
)
"""No flash attention, weights of another shape, a broken file, a *.bin that is more than tensors; and what the values
of a config raise where they are used."""
ADAPTER = "adapter"
"""Folder of the adapter beside the merged weights."""


def lora_config(config: Training, place: str = "training") -> LoraConfig | None:
    """Return peft's config, or None if all weights are trained. Errors: InputError for what LoraConfig refuses."""
    if config.lora is None:
        return None
    check_lora(config, place)
    check_fields(LoraConfig, config.lora, f"{place}.lora")
    rank = config.lora.get("r", LORA_DEFAULTS["r"])
    if not isinstance(rank, int) or rank < 1:
        raise InputError(f"{place}.lora.r: must be 1 or more (got {rank!r})")
    given, head = LORA_DEFAULTS | config.lora, head_of(config)
    if head.labels and given["target_modules"] == "all-linear":
        given = {"exclude_modules": ["score"]} | given  # the new head, which peft trains whole
    try:
        return LoraConfig(task_type=head.task, **given)
    except (ValueError, TypeError) as error:
        raise InputError(f"{place}.lora: {' '.join(str(error).split())}") from None


def load_base(config: Training, base: StudentOrigin, cpu: bool) -> Any:
    """Load the model to train, with its positions, quantized if the stage says so. A reward model gets a new head,
    drawn from torch's random state.

    Errors: InputError if it does not load, or lacks weights: transformers would only warn, and train random ones.
    """
    dtype = getattr(torch, config.dtype)
    if config.attn_implementation == TORCH_VARLEN:
        if cpu:
            raise InputError(
                f"training.attn_implementation: {TORCH_VARLEN} runs on a CUDA device only; set it to sdpa on a CPU"
            )
        attention.register()
    quantization = nf4(dtype) if config.quantize else None
    head, own = head_of(config), base.config()
    if head.labels:
        own.num_labels = head.labels
    try:
        found: Any = head.auto.from_pretrained(
            base.path,
            revision=base.revision,
            trust_remote_code=False,
            config=own,
            dtype=dtype,
            attn_implementation=config.attn_implementation,
            **loading_of(config),
            quantization_config=quantization,
            device_map=None if quantization is None else ("cpu" if cpu else {"": torch.cuda.current_device()}),
            output_loading_info=True,
        )
    except LOADING_ERRORS as error:
        raise InputError(f"{base.path}: cannot be loaded for training ({' '.join(str(error).split())})") from error
    model, loaded = found
    if missing := missing_weights(config, loaded["missing_keys"]):
        raise InputError(f"{base.path}: lacks {len(missing)} weights, such as {missing[0]}; download it again")
    check_base(model, base.path, quantized=quantization is not None)
    if quantization is not None and cpu:
        keep_differentiable(model)
    return model


def keep_differentiable(model: Any) -> None:
    """Keep 4-bit layers from rewriting their weights for bitsandbytes' (0.50) kernel of CPUs with AVX512-BF16: they do
    at their first pass in evaluation, as of a draw, and it has no backward pass, so that later gradients end there."""
    for layer in model.modules():
        if type(layer).__name__ == "Linear4bit":
            layer.support_avx512bf16_for_cpu = False


def check_base(model: Any, path: str, quantized: bool) -> None:
    """Check that a base is what vLLM makes of the same files. `quantized` is true if it was quantized for the training.

    Errors: InputError for an adapter, for a config of two architectures, since transformers goes by its `model_type`
    and vLLM by `architectures`, and for weights that came quantized: no training changes those, and an adapter merged
    onto them is quantized with them (peft#2321).
    """
    if model._hf_peft_config_loaded:
        raise InputError(
            f"{path}: holds an adapter, which vLLM would not put onto its weights; give a model it is merged into"
        )
    named = model.config.architectures or []
    if named and head_kind(named[0]) == head_kind(type(model).__name__) and type(model).__name__ not in named:
        raise InputError(
            f"{path}: its config.json names {named[0]} in architectures, and its model_type is of "
            f"{type(model).__name__}; download it again"
        )
    if not quantized and model.config.to_dict().get("quantization_config"):
        raise InputError(
            f"{path}: its weights are quantized already; give the model that they were made from, and quantize: nf4 to "
            "train an adapter on 4 bits"
        )


def head_kind(architecture: str) -> str:
    """Return `CausalLM` of `Qwen3ForCausalLM`. A reward model is made from a base with another head."""
    return architecture.partition("For")[2]


def nf4(compute: torch.dtype) -> BitsAndBytesConfig:
    """Return QLoRA's quantization: 4-bit NormalFloat with quantized constants (arXiv 2305.14314)."""
    return BitsAndBytesConfig(**settings_of("nf4", compute))


def merged(model: Any, config: Training, base: StudentOrigin, folder: Path, cpu: bool) -> Any:
    """Return plain weights: the trained model with its adapter merged, which is also saved as `folder/adapter`.

    On a quantized base peft would quantize the sum again, which is another model than the trained one (peft#2321). So
    the adapter is merged onto the base as it was seen in training, quantized and dequantized.
    """
    if config.lora is None:
        return model
    model.save_pretrained(folder / ADAPTER)
    if not config.quantize:
        return model.merge_and_unload()
    plain = load_base(config, base, cpu).dequantize(getattr(torch, config.dtype))
    return PeftModel.from_pretrained(plain, folder / ADAPTER).merge_and_unload()


def reassembled(weights: Path, config: Training, base: StudentOrigin, folder: Path) -> Any:
    """Return plain weights on the CPU, read from `weights`, where a sharded training wrote them in one piece; of an
    adapter, merged onto the base and saved as `folder/adapter`."""
    unset_hf_deepspeed_config()  # with it from_pretrained shares what it loads with the others, and only one is here
    plain = config.model_copy(update={"attn_implementation": "eager", "settings": {}})  # every model has it
    if config.lora is None:
        return load_base(plain, StudentOrigin(str(weights)), cpu=True)
    tuned: Any = PeftModel.from_pretrained(load_base(plain, base, cpu=True), weights)
    tuned.save_pretrained(folder / ADAPTER)
    return tuned.merge_and_unload()
