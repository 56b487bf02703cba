"""Writes a byte-level BPE tokenizer as GGUF metadata.

llama.cpp knows the way in which a tokenizer cuts text into words by a name (`tokenizer.ggml.pre`). A wrong name changes
no weight and raises no error, only the tokens differ from those in training. So it is recognized from the tokenizer's
own rules, and a tokenizer with other rules is refused.
"""

import json
from typing import Any

from gguf import GGUFWriter, TokenType

from records.errors import InputError

WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""Qwen2 and Llama 3 differ in the number of digits in a word."""
PRE_TOKENIZERS = {
    (("split", WORDS % ""), ("bytes", "whole")): "qwen2",
    (("split", WORDS % "{1,3}"), ("bytes", "whole")): "llama-bpe",
    (("bytes", "words"),): "gpt-2",
    (("digits", "single"), ("bytes", "words")): "refact",  # the embedded models'
}
"""llama.cpp's names (`llm_tokenizer_bpe` in src/llama-vocab.cpp) by the steps of `tokenizer.json`."""


def add_tokenizer(writer: GGUFWriter, tokenizer: Any, rows: int, place: str) -> None:
    """Write vocabulary, merges, special tokens and chat template of a fast tokenizer.

    `rows` is the number of rows of the embedding; ids without a token get a placeholder. Errors: InputError for a
    tokenizer that is not byte-level BPE, whose words llama.cpp cannot cut, or that is larger than the embedding.
    """
    tree = json.loads(tokenizer.backend_tokenizer.to_str())
    name = pre_tokenizer(tree, place)
    tokens, types = vocabulary(tree, rows, place)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(name)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in tree["model"]["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    if tokenizer.bos_token_id is not None:
        writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_add_bos_token(tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id)
    writer.add_chat_template(tokenizer.chat_template)


def vocabulary(tree: dict[str, Any], rows: int, place: str) -> tuple[list[str], list[TokenType]]:
    """Return text and type of every token. Tags such as `<think>` are user-defined: matched whole, and shown."""
    texts = {index: (text, TokenType.NORMAL) for text, index in tree["model"]["vocab"].items()}
    for token in tree["added_tokens"]:
        texts[token["id"]] = token["content"], TokenType.CONTROL if token["special"] else TokenType.USER_DEFINED
    if max(texts) >= rows:
        raise InputError(f"{place}: the tokenizer has token {max(texts)}, but the embedding only {rows} rows")
    listed = [texts.get(index, (f"[PAD{index}]", TokenType.UNUSED)) for index in range(rows)]
    return [text for text, _ in listed], [kind for _, kind in listed]


def pre_tokenizer(tree: dict[str, Any], place: str) -> str:
    """Return llama.cpp's name for the way in which the tokenizer cuts text. Errors: InputError if it has none."""
    if tree["model"]["type"] != "BPE":
        raise refused(place, f"it is {tree['model']['type']}, not BPE")
    if tree["normalizer"] not in (None, {"type": "NFC"}):
        raise refused(place, f"it normalizes text ({tree['normalizer']['type']})")
    outer = tree["pre_tokenizer"] or {"type": "none"}
    steps = tuple(step_of(step) for step in outer.get("pretokenizers", [outer]))
    name = PRE_TOKENIZERS.get(steps)
    if name is None:
        raise refused(place, f"llama.cpp knows no name for its rules {steps}")
    if tree["model"].get("ignore_merges", False) != (name == "llama-bpe"):
        raise refused(place, f"llama.cpp's {name} treats whole words otherwise (ignore_merges)")
    return name


def step_of(step: dict[str, Any]) -> tuple[str, str]:
    """Return a step in short: `("split", regex)`, `("digits", "single")`, `("bytes", "words")`; else its JSON."""
    match step:
        case {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}:
            return "split", regex
        case {"type": "Digits", "individual_digits": True}:
            return "digits", "single"
        case {"type": "ByteLevel", "add_prefix_space": False, "use_regex": use_regex}:
            return "bytes", "words" if use_regex else "whole"
    return step["type"], json.dumps(step)


def refused(place: str, reason: str) -> InputError:
    return InputError(
        f"{place}: its tokenizer cannot be exported to GGUF: {reason}; remove the gguf formats from publishing.formats"
    )
