"""Makes a small untrained model of the Qwen3 architecture, and its byte-level tokenizer.

The embedded teacher and the embedded base start from it, for machines that cannot download weights.
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from configs.scratch import Architecture
from records.errors import InputError
from records.thinking import CLOSE, OPEN

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
THINK = (OPEN, CLOSE)
CHAT_TEMPLATE = Path(__file__).with_name("chat_template.jinja")


def make_model(folder: Path, architecture: Architecture, texts: Iterable[str], seed: int) -> None:
    """Write an untrained model directory, with weights drawn from `seed` and a tokenizer trained on `texts`."""
    tokenizer = make_tokenizer(texts, architecture.vocab_size, architecture.max_position_embeddings)
    write_model(folder, architecture, tokenizer, seed)


def write_model(folder: Path, architecture: Architecture, tokenizer: PreTrainedTokenizerBase, seed: int) -> None:
    """Write an untrained model directory with a given tokenizer. Errors: InputError if it has more tokens than the
    architecture."""
    if len(tokenizer) > architecture.vocab_size:
        raise InputError(
            f"scratch.architecture.vocab_size: {architecture.vocab_size}, but the tokenizer has {len(tokenizer)} "
            f"tokens; set it to {len(tokenizer)} or more"
        )
    torch.manual_seed(seed)
    ids = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    config = Qwen3Config(**architecture.model_dump(), **ids, tie_word_embeddings=True)
    model = Qwen3ForCausalLM(config)
    model.generation_config = GenerationConfig(**ids)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_tokenizer(texts: Iterable[str], vocab_size: int, max_length: int) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE tokenizer. Any text survives the round trip, and every digit is a single token, which
    arithmetic needs."""
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(THINK),
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(list(THINK))  # not special: like Qwen3's, they stay in decoded text
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[START],
        chat_template=CHAT_TEMPLATE.read_text(),
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )
