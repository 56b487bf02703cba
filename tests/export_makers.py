"""Makers for the tests of exports: small models of every supported architecture that stop by themselves."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, pre_tokenizers
from transformers import (
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from records.parquet import DATASET, write_rows
from student.export.gguf_tokenizer import WORDS
from student.export.reference import answer
from student.scratch.model import make_tokenizer

KINDS: dict[str, tuple[Any, Any]] = {
    "qwen2": (Qwen2Config, Qwen2ForCausalLM),
    "qwen3": (Qwen3Config, Qwen3ForCausalLM),
    "llama": (LlamaConfig, LlamaForCausalLM),
}
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,  # so small that all three kinds of frequencies occur
}
TEXTS = ["What is 12 + 34?", "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}", "Isn't it 1234  or\tnot?"] * 8


def make_student(folder: Path, kind: str = "qwen3", dtype: str = "float32", **settings: Any) -> Path:
    """Write a model with random weights, large enough to tell tokens apart, whose stop token is one that it says soon.

    `settings` go into its config.
    """
    tokenizer = tokenizer_of(kind)
    configuration, model_class = KINDS[kind]
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "head_dim": 32}
    shape |= {"num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 340, "max_position_embeddings": 512}
    shape |= {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id, "bos_token_id": None}
    torch.manual_seed(0)
    model = model_class(configuration(**{**shape, **settings}))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    model = model.to(getattr(torch, dtype))
    said = answer(model.eval(), [tokenizer.encode("1 + 1?")], [tokenizer.eos_token_id], tokenizer.pad_token_id, 12)[0]
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, said[-1]]
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tokenizer_of(kind: str) -> PreTrainedTokenizerFast:
    """The embedded models' tokenizer, which for `qwen2` and `llama` cuts text as theirs do."""
    tokenizer = make_tokenizer(TEXTS, 340, 512)
    if kind != "qwen3":
        words = WORDS % ("{1,3}" if kind == "llama" else "")
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(words), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    if kind == "llama":
        tree = json.loads(tokenizer.backend_tokenizer.to_str())
        tree["model"]["ignore_merges"] = True
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=type(tokenizer.backend_tokenizer).from_str(json.dumps(tree)),
            eos_token=tokenizer.eos_token,
            pad_token=tokenizer.pad_token,
            chat_template=tokenizer.chat_template,
        )
    return tokenizer


def write_dataset_of(folder: Path, answers: list[str]) -> Path:
    """Write a dataset with one row per problem; the i-th asks `i + 1?`."""
    folder.mkdir(parents=True)
    rows = [
        {
            "messages": [{"role": "user", "content": f"{at} + 1?"}, {"role": "assistant", "content": content}],
            "problem_id": str(at),
            "attempt": 0,
            "sample_index": 0,
            "request_fingerprint": "",
            "reference": "4",
            "source": "made",
            "teacher": "t",
            "completion_tokens": 5,
        }
        for at, content in enumerate(answers)
    ]
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder


def load_tokenizer(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder)
