"""Turns dataset rows into token ids and labels, in exactly the form that the student meets at inference.

The student's own chat template renders the prompt, and the completion follows as plain text. Templates that strip
reasoning from assistant turns or prefill `<think>` (R1-distill) therefore cannot lose or double it.
"""

from typing import Any

from transformers import PreTrainedTokenizerBase

from records.errors import InputError
from records.thinking import CLOSE, OPEN, after_prefill, holds_one_reasoning

IGNORED = -100
"""The label of a token without loss (`ignore_index` of torch.nn.CrossEntropyLoss)."""


def stop_token(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return the token with which the chat template ends an assistant turn, or the eos token if it adds none.

    Errors: InputError if the tokenizer has no chat template.
    """
    if not tokenizer.chat_template:
        raise InputError(
            f"{tokenizer.name_or_path}: its tokenizer has no chat template; choose a chat model as student"
        )
    marker = "RETORT"
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": marker}]
    tail = str(tokenizer.apply_chat_template(turns, tokenize=False)).partition(marker)[2].lstrip()
    ids = tokenizer.encode(tail, add_special_tokens=False)
    first = tokenizer.convert_ids_to_tokens(ids[0]) if ids else None
    return first if first in special_tokens(tokenizer) else tokenizer.eos_token


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Return every special token of the vocabulary, including those without a role (eos, pad, …)."""
    return [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]


def align_special_tokens(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Make eos the token that ends a turn, and pad a different one, in tokenizer, config and generation config alike.

    A pad token equal to eos would mask the stop token out of the loss, and the student would never learn to stop
    (trl#1623). A base model's own eos is often not the token with which its template ends turns (open-r1 PR#604).
    """
    tokenizer.eos_token = stop_token(tokenizer)
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        others = [token for token in special_tokens(tokenizer) if token != tokenizer.eos_token]
        if not others:
            raise InputError(f"{tokenizer.name_or_path}: needs a pad token different from {tokenizer.eos_token}")
        tokenizer.pad_token = others[0]
    for config in (model.config, model.generation_config):
        config.eos_token_id = tokenizer.eos_token_id
        config.pad_token_id = tokenizer.pad_token_id


def render(messages: list[dict[str, str]], tokenizer: PreTrainedTokenizerBase) -> dict[str, list[int]]:
    """Render one row to `input_ids` and `labels`, two lists of equal length with prompt, completion and stop token.

    The prompt's labels are IGNORED, so the loss covers only the completion and its stop token. The last of `messages`
    is the assistant's.
    """
    *turns, last = messages
    prompt = str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
    completion = after_prefill(prompt, last["content"])
    prompt_ids = tokenizer.encode(prompt, add_special_tokens=False)
    completion_ids = [*tokenizer.encode(completion, add_special_tokens=False), tokenizer.eos_token_id]
    return {
        "input_ids": prompt_ids + completion_ids,
        "labels": [IGNORED] * len(prompt_ids) + completion_ids,
    }


def check_rendered(row: dict[str, list[int]], content: str, tokenizer: PreTrainedTokenizerBase) -> None:
    """Check a row for faults that would silently train a broken student: lost reasoning, doubled tags, no stop token.

    `content` is the assistant turn that the row was rendered from. Errors: InputError for such a fault.
    """
    labels = [label for label in row["labels"] if label != IGNORED]
    target = str(tokenizer.decode(labels[:-1]))
    prompt = str(tokenizer.decode(row["input_ids"][: -len(labels)]))
    if labels[-1] != tokenizer.eos_token_id:
        raise InputError("rendered training row does not end in the stop token")
    if CLOSE in content and not holds_one_reasoning(prompt, target):
        raise InputError(f"rendered training row needs exactly one {OPEN}…{CLOSE}, found: {target[:200]!r}")
    if not content.endswith(target.lstrip()[-200:]):
        raise InputError(f"rendered training row lost text of the completion: …{target[-200:]!r}")
