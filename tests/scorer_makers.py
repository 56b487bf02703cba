"""Tiny reward models of every form, with random weights, and traces to score."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizer_makers import SPECIAL, make_byte_tokenizer
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2ForSequenceClassification,
    Qwen2ForTokenClassification,
)

from filters.scorers.scoring import TraceText

HIDDEN = 16
MARKS = ("<extra_0>", "ки")


def make_reward_model(
    folder: Path, form: str, labels: int | None = None, positions: int = 400, hidden: int = HIDDEN
) -> Path:
    """A model directory of a form, or `outcome`. vLLM's attention on a CPU wants heads of 32, so `hidden` of 64."""
    torch.manual_seed(7)
    tokenizer = make_byte_tokenizer(special=(*SPECIAL, *MARKS), pad="<|endoftext|>")
    size: dict[str, Any] = {"hidden_size": hidden, "intermediate_size": 32, "num_hidden_layers": 2}
    size |= {"num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": len(tokenizer)}
    size |= {"max_position_embeddings": positions, "pad_token_id": tokenizer.pad_token_id, "eos_token_id": 1}
    models: dict[str, Any] = {
        "outcome": lambda: Qwen2ForSequenceClassification(Qwen2Config(**size, num_labels=labels or 1)),
        "trl": lambda: Qwen2ForTokenClassification(Qwen2Config(**size, num_labels=labels or 2)),
        "qwen_math_prm": lambda: Qwen2ForCausalLM(Qwen2Config(**size)),
        "skywork": lambda: Qwen2ForCausalLM(Qwen2Config(**size)),
        "rlhflow": lambda: LlamaForCausalLM(LlamaConfig(**size)),
        "math_shepherd": lambda: LlamaForCausalLM(LlamaConfig(**size)),
    }
    model = models[form]()
    for parameter in model.parameters():  # transformers' 0.02 would give every step the same score
        torch.nn.init.normal_(parameter, std=0.4)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    heads = {
        "qwen_math_prm": {
            "score.0.weight": torch.randn(hidden, hidden) / hidden**0.5,
            "score.0.bias": torch.randn(hidden),
            "score.2.weight": torch.randn(2, hidden) / hidden**0.5,
            "score.2.bias": torch.randn(2),
        },
        "skywork": {"v_head.summary.weight": torch.randn(1, hidden), "v_head.summary.bias": torch.randn(1)},
    }
    if form in heads:
        save_file(load_file(folder / "model.safetensors") | heads[form], folder / "model.safetensors", {"format": "pt"})
    if form == "qwen_math_prm":
        change_config(folder, architectures=["Qwen2ForProcessRewardModel"])
    return folder


def change_config(folder: Path, **fields: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | fields))


def text(reasoning: str = "2 + 2 = 4.\nSo 4.", answer: str = "It is 4.", prompt: str = "2 + 2?") -> TraceText:
    return TraceText(prompt, reasoning, answer, closed=True)


def say_nothing(traces: int, tokens: int) -> None:
    """In place of a progress line."""
