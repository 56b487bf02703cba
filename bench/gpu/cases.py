"""The training steps to measure, the most informative first, and the published shapes of their models."""

from dataclasses import dataclass
from typing import Any

SHARED = {
    "rms_norm_eps": 1e-6,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
    "max_position_embeddings": 131072,
    "use_sliding_window": False,
    "use_cache": False,
}

SHAPES: dict[str, dict[str, Any]] = {
    # config.json of Qwen/Qwen2.5-1.5B, -7B and -14B
    "1.5b": SHARED
    | {"hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12}
    | {"num_key_value_heads": 2, "vocab_size": 151936, "tie_word_embeddings": True},
    "7b": SHARED
    | {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28}
    | {"num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False},
    "14b": SHARED
    | {"hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 48, "num_attention_heads": 40}
    | {"num_key_value_heads": 8, "vocab_size": 152064, "tie_word_embeddings": False},
    # for a try on the CPU
    "tiny": SHARED
    | {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    | {"num_key_value_heads": 2, "vocab_size": 512, "tie_word_embeddings": True},
}

START_AFRESH = 3
"""The exit code of a worker that wrote its row and wants the remaining cases to run in a fresh process."""

LORA_RANK = 32
PROMPT_SHARE = 0.25
"""The share of each document that is a prompt and carries no loss."""
DOCUMENTS = (0.375, 0.25, 0.1875, 0.125, 0.0625)
"""Lengths of a packed row's documents as shares of the row: sums to 1, and every length is a multiple of 16."""


@dataclass(frozen=True)
class Case:
    """One training step: what is trained, on how many tokens a row, by which kernels."""

    model: str
    method: str
    """full | lora | qlora"""
    tokens: int
    attention: str = "torch_varlen"
    packed: bool = True
    """Several documents in a row, kept apart; otherwise one document fills the row."""
    optimizer: str = "adamw_torch_fused"
    loop: str = "trl"
    """trl: SFTTrainer. bare: forward, backward and optimizer step by hand, on the whole logits."""

    checkpointing: bool = True
    """Gradient checkpointing: activations are recomputed, which the MFU does not count."""
    liger: bool = False
    """Norms, rotary embeddings and SwiGLU by liger's Triton kernels (`use_liger_kernel`)."""
    compiled: bool = False
    """`torch_compile`."""

    @property
    def name(self) -> str:
        length = f"{self.tokens // 1024}k" if self.tokens >= 1024 else str(self.tokens)
        parts = [self.model, self.method, length, self.attention, "packed" if self.packed else "one_document"]
        parts += [self.optimizer] if self.optimizer != "adamw_torch_fused" else []
        parts += [self.loop] if self.loop != "trl" else []
        parts += [] if self.checkpointing else ["no_checkpointing"]
        parts += ["liger"] if self.liger else []
        parts += ["compiled"] if self.compiled else []
        return "-".join(parts)

    @property
    def documents(self) -> list[int]:
        """The lengths in tokens of the documents in a row."""
        return [int(share * self.tokens) for share in DOCUMENTS] if self.packed else [self.tokens]


K8, K32 = 8192, 32768
CASES = [
    Case("1.5b", "full", K8),
    Case("1.5b", "full", K8, checkpointing=False),
    Case("1.5b", "full", K8, checkpointing=False, liger=True),
    Case("7b", "lora", K8),
    Case("7b", "lora", K8, liger=True),
    Case("14b", "qlora", K8),
    Case("7b", "full", K8),
    Case("7b", "full", K8, liger=True),
    Case("7b", "full", K8, checkpointing=False, liger=True),
    Case("14b", "lora", K8),
    Case("14b", "lora", K8, checkpointing=False, liger=True),
    Case("1.5b", "full", K8, "sdpa"),
    Case("7b", "lora", K8, "sdpa"),
    Case("1.5b", "full", K32),
    Case("7b", "lora", K32),
    Case("14b", "qlora", K32),
    Case("7b", "qlora", K8),
    Case("1.5b", "lora", K8),
    Case("1.5b", "qlora", K8),
    Case("7b", "full", K8, optimizer="adamw_bnb_8bit"),
    Case("14b", "full", K8),
    Case("7b", "full", K32),
    Case("14b", "lora", K32),
    Case("7b", "qlora", K32),
    Case("1.5b", "full", K8, loop="bare"),
    Case("1.5b", "full", K8, compiled=True),
    Case("7b", "lora", K32, "sdpa"),
    Case("7b", "lora", K32, "sdpa", packed=False),
    Case("1.5b", "lora", K32),
    Case("7b", "lora", K8, "flex_attention"),
]
TINY = [
    Case("tiny", "full", 256, "sdpa"),
    Case("tiny", "lora", 256, "sdpa", packed=False),
    Case("tiny", "qlora", 256, "sdpa"),
    Case("tiny", "full", 256, "sdpa", loop="bare"),
]
