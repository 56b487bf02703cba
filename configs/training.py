"""Settings for fine-tuning a model."""

from typing import Literal

from pydantic import Field, model_validator

from configs.section import Section


class Lora(Section):
    """Low-rank adapters (peft), merged into the weights at the end."""

    rank: int = Field(default=32, ge=1)
    alpha: int = Field(default=64, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: str = "all-linear"
    modules_to_save: list[str] = []
    """Modules trained whole beside the adapters. A base that never ended a turn needs `[embed_tokens, lm_head]`."""


class Training(Section):
    """TRL `SFTTrainer` settings, under transformers' own names."""

    num_train_epochs: float = Field(default=3, gt=0)
    max_steps: int = Field(default=-1, ge=-1)
    """If above 0, it takes precedence over the epochs."""
    learning_rate: float = Field(gt=0)
    lr_scheduler_type: Literal["linear", "cosine", "constant", "constant_with_warmup"] = "cosine"
    warmup_steps: float = Field(default=0.05, ge=0)
    """Below 1 it is a share of all steps, from 1 on a number of steps."""
    weight_decay: float = Field(default=0.0, ge=0)
    adam_beta2: float = Field(default=0.999, gt=0, lt=1)
    max_grad_norm: float = Field(default=1.0, gt=0)
    per_device_train_batch_size: int = Field(default=1, ge=1)
    gradient_accumulation_steps: int = Field(default=1, ge=1)
    gradient_checkpointing: bool = False
    """Recompute activations: about a third slower, but needed for long traces."""
    dtype: Literal["float32", "bfloat16"] = "bfloat16"
    """Type of the weights during training. float32 keeps small updates that bfloat16 rounds away, at twice the
    memory."""
    bf16: bool = True
    """Compute in bfloat16 (autocast)."""
    optim: str = "adamw_torch"
    """transformers optimizer name; `paged_adamw_8bit` (bitsandbytes) quarters the optimizer's memory."""
    max_length: int = Field(ge=16)
    """Longest prompt + completion in tokens. Longer traces are dropped and counted, never cut."""
    drop_at_most: float = Field(default=0.05, ge=0, le=1)
    """Largest share of the rows that may be left out because they are too long or cannot be rendered whole."""
    pad_to_multiple_of: int | None = Field(default=None, ge=1)
    """Pad sequences to a multiple of this length; equal lengths train a tiny model 2-3 times faster."""
    attn_implementation: Literal["sdpa", "eager", "flash_attention_2", "flash_attention_3"] = "sdpa"
    lora: Lora | None = None
    """`null` trains all weights."""
    save_steps: int = Field(default=200, ge=1)
    """Steps between the checkpoints from which an interrupted training continues."""
    logging_steps: int = Field(default=10, ge=1)
    seed: int = 0

    @model_validator(mode="after")
    def max_steps_means_something(self) -> "Training":
        if self.max_steps == 0:
            raise ValueError("max_steps: 0 would train nothing; give a number of steps, or -1 to count epochs")
        return self
