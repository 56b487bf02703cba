"""Settings that every training has, whatever its method."""

import difflib
import math
import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from configs.section import Section

EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)e[-+]?\d+", re.ASCII | re.IGNORECASE)
"""Matches `1e-5`, which YAML 1.1 reads as a text, because it has no point. To TRL it is the same as `1.0e-5`."""


class Training(Section):
    """How a model is fine-tuned. The fields here are Retort's; `settings` and `lora` are TRL's and peft's own."""

    max_length: int = Field(ge=16)
    """Longest prompt + completion in tokens. Longer rows are dropped and counted, never cut."""
    drop_at_most: float = Field(default=0.05, ge=0, le=1)
    """Largest share of the rows that may be left out because they are too long or cannot be rendered whole."""
    held_out: float = Field(default=0, ge=0)
    """Problems kept for evaluation during training: a share below 1, or a number of problems. All rows of a problem are
    on one side. 0 is off."""
    patience: int | None = Field(default=None, ge=1)
    """Stop after this many evaluations without a lower loss on the held-out problems, and keep the best checkpoint. Not
    for `grpo` and on-policy `distill`, which have no such loss."""
    quantize: Literal["nf4"] | None = None
    """`nf4` trains the adapters on a base in 4 bits (QLoRA), with double quantization. They are merged onto the
    dequantized base, so that the student is the model that was trained. Not for reward models."""
    lora: dict[str, JsonValue] | None = None
    """Fields of peft's `LoraConfig` under their own names (r, lora_alpha, target_modules, modules_to_save, use_rslora,
    …); `{}` takes the defaults of student/methods/settings.py. `null` trains all weights."""
    dtype: Literal["float32", "bfloat16"] = "bfloat16"
    """Type of the weights during training. float32 keeps small updates that bfloat16 rounds away, at twice the memory.
    They are saved in the student's dtype."""
    attn_implementation: str = "sdpa"
    """transformers' name of the attention (sdpa, eager, flash_attention_2, …), or `torch_varlen`: torch's own flash
    kernel for packed rows on a CUDA device, 1.3 to 1.5 times as fast as sdpa there (docs/training.md)."""
    seed: int = Field(default=0, ge=0, lt=1 << 32)
    """numpy takes no larger one."""
    settings: dict[str, JsonValue] = {}
    """Fields of TRL's `SFTConfig` under their own names (learning_rate, num_train_epochs, packing, …), and for methods
    other than `sft` of its `GRPOConfig`, `DistillationConfig` or `RewardConfig`. Defaults that differ from TRL's, and
    fields that Retort sets itself, are listed in student/methods/kinds.py."""

    @model_validator(mode="before")
    @classmethod
    def fields_of_trl_are_settings(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key not in cls.model_fields and not difflib.get_close_matches(str(key), cls.model_fields, n=1):
                raise ValueError(f"{key}: unknown key; a field of TRL's SFTConfig goes into settings: settings.{key}")
        return given

    @field_validator("settings", "lora")
    @classmethod
    def exponents_are_numbers(cls, given: Any) -> Any:
        return with_numbers(given)

    @model_validator(mode="after")
    def fields_fit_together(self) -> "Training":
        for place, number in [*numbers_in(self.settings, "settings"), *numbers_in(self.lora, "lora")]:
            if not math.isfinite(number):
                raise ValueError(f"{place}: must be a finite number, got {number}")
        if self.quantize and self.lora is None:
            raise ValueError("quantize: weights in 4 bits cannot be trained, adapters on them can; set lora: {}")
        if self.patience and not self.held_out:
            raise ValueError("patience: needs held_out, the problems whose loss decides")
        if self.held_out > 1 and self.held_out != int(self.held_out):
            raise ValueError("held_out: give a share below 1, or a whole number of problems")
        if self.settings.get("max_steps") == 0:
            raise ValueError("settings.max_steps: 0 would train nothing; give a number of steps, or -1 to count epochs")
        return self

    @property
    def effective_batch(self) -> int:
        """Rows (packs of rows, with packing) of one optimizer step."""
        return batch_of(self.settings)


def with_numbers(value: Any) -> Any:
    """Return a value with every text below it that is a number with an exponent as that number: one setting has one
    identity, however it is spelled."""
    if isinstance(value, dict):
        return {key: with_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [with_numbers(part) for part in value]
    return float(value) if isinstance(value, str) and EXPONENT.fullmatch(value) else value


def numbers_in(value: Any, place: str) -> Iterator[tuple[str, float]]:
    """Yield every float below a value with its dotted path."""
    if isinstance(value, float):
        yield place, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from numbers_in(part, f"{place}.{key}")


def batch_of(settings: dict[str, JsonValue]) -> int:
    rows, steps = (settings.get(key, 1) for key in ("per_device_train_batch_size", "gradient_accumulation_steps"))
    return rows * steps if isinstance(rows, int) and isinstance(steps, int) else 1
