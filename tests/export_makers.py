"""Makers for the tests of exports: small models of every supported architecture that stop by themselves."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, pre_tokenizers
from transformers import (
    AutoTokenizer,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from records.dataset_row import unsampled_row
from records.parquet import write_rows
from records.schemas import DATASET
from records.special_tokens import stop_ids
from student.export.gguf_tokenizer import WORDS
from student.export.quantized import load
from student.export.reference import Reference, answer, render
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
ANSWER = "<think>\n{at} + 1 = {sum}, for {at} and 1 make {sum}.\n</think>\n\n\\boxed{{{sum}}}"
TEXTS = ["What is 12 + 34?", "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}", "Isn't it 1234  or\tnot?"] * 8


def make_student(folder: Path, kind: str = "qwen3", **settings: Any) -> Path:
    """Write a model that has learned to answer the first four `questions`, and to stop.

    `settings` go into its config.
    """
    tokenizer = tokenizer_of(kind)
    configuration, model_class = KINDS[kind]
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "head_dim": 32}
    shape |= {"num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 340, "max_position_embeddings": 512}
    ids = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id}
    torch.manual_seed(0)
    model = model_class(configuration(**{**shape, **ids, **settings}))
    learn(model, tokenizer)
    model.generation_config = GenerationConfig(**ids)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def learn(model: Any, tokenizer: Any) -> None:
    """Train until the answers are learned by heart: one or two seconds."""
    prompts, answers = render(questions(4), tokenizer), [f"{ANSWER.format(at=at, sum=at + 1)}" for at in range(4)]
    rows = [
        [*prompt, *tokenizer.encode(text, add_special_tokens=False), tokenizer.eos_token_id]
        for prompt, text in zip(prompts, answers, strict=True)
    ]
    width = max(map(len, rows))
    ids = torch.tensor([row + [tokenizer.pad_token_id] * (width - len(row)) for row in rows])
    labels = ids.masked_fill(torch.tensor([[at >= len(row) for at in range(width)] for row in rows]), -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(200):
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.02:
            break
    model.eval()


def questions(count: int) -> list[list[dict[str, str]]]:
    return [[{"role": "user", "content": f"{at} + 1?"}] for at in range(count)]


def ask(folder: Path, count: int = 4) -> Reference:
    """Return the model's own answers."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), load(folder, torch.float32)
    stop, prompts = stop_ids(tokenizer, model.generation_config.eos_token_id), render(questions(count), tokenizer)
    answers = answer(model, prompts, stop, tokenizer.pad_token_id, 40)
    return Reference(stop, tokenizer.pad_token_id, 40, prompts, answers)


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
    """Write a dataset with one row for each answer; the i-th asks `i + 1?`."""
    folder.mkdir(parents=True)
    rows = [
        unsampled_row([*question, {"role": "assistant", "content": content}], str(at), "made")
        for at, (question, content) in enumerate(zip(questions(len(answers)), answers, strict=True))
    ]
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder
