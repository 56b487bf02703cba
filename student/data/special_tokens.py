"""Makes tokenizer, config and generation config of a student agree on the tokens that end a turn and fill a batch."""

from typing import Any

from transformers import GenerationConfig

from records.chat_template import assistant_turn
from records.errors import InputError
from records.special_tokens import special_tokens, stop_ids, stop_token


def align_special_tokens(model: Any, tokenizer: Any) -> None:
    """Make eos the token that ends a turn, and pad another one, in tokenizer, config and generation config alike.

    The model's other eos tokens stay behind the stop token, so that the student ends where its base ends. What else the
    base's generation config says (repetition_penalty, top_k, …) is dropped, because the student is not scored with it.
    Errors: InputError if no token is left to pad with.
    """
    ends = stop_ids(tokenizer, model.generation_config.eos_token_id)
    tokenizer.eos_token = stop_token(tokenizer)
    tokenizer.pad_token = pad_token(tokenizer)
    bos, pad = tokenizer.bos_token_id, tokenizer.pad_token_id
    eos = ends[0] if len(ends) == 1 else ends
    model.generation_config = GenerationConfig(bos_token_id=bos, eos_token_id=eos, pad_token_id=pad)
    for config in (model.config, model.config.get_text_config()):  # two of a model that also sees
        config.eos_token_id, config.pad_token_id = eos, pad


def pad_token(tokenizer: Any) -> str:
    """Return the token to fill batches with: the tokenizer's own if it may be, else a special one named for it, or
    reserved, or else without a role.

    It must not be the stop token, which would be masked out of the loss (trl#1623), nor bos or unk, nor a token that
    the template writes: `generate` without a mask takes every pad in a prompt for padding. Errors: InputError.
    """
    stop = stop_token(tokenizer)
    turn = "".join(assistant_turn(tokenizer)) + str(tokenizer.chat_template)
    taken = {stop, tokenizer.bos_token, tokenizer.unk_token}
    free = [token for token in special_tokens(tokenizer) if token not in taken and token not in turn]
    own = tokenizer.pad_token
    if own is not None and own not in taken and own not in turn:
        return str(own)
    if not free:
        raise InputError(
            f"{tokenizer.name_or_path}: no token to pad with: its special tokens end turns, begin sequences or stand "
            "in the template; add one to its tokenizer.json (<pad>, below the model's vocab_size), named as pad_token"
        )
    return min(free, key=fitness)


def fitness(token: str) -> int:
    """Rank a token as padding, lower is better: `<|finetune_right_pad_id|>` before `<|reserved_special_token_0|>` (both
    Llama 3.1's) before any other."""
    letters = "".join(filter(str.isalpha, token.lower()))
    if letters == "pad":
        return 0
    if "pad" in letters:
        return 1
    return 2 if any(word in letters for word in ("reserved", "unused", "extra", "placeholder")) else 3
