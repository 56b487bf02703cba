"""Checks of a student's tokens and sizes that need no row. Each returns why a training must not start, and the fix."""

from collections.abc import Mapping
from typing import Any

from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

from configs.training import Training
from records.attention import IGNORING_CAPS, is_capped
from records.chat_template import assistant_turn
from records.special_tokens import special_tokens, stop_token
from student.data.packs import rows_stay_apart
from student.data.student_files import Configs
from student.methods.settings import TORCH_VARLEN

STOP_TOKEN_MODULES = {"embed_tokens", "lm_head"}
"""The modules with a token's rows: without its row of lm_head the student cannot write it."""
SPANS = {"sliding_attention": "sliding_window", "chunked_attention": "attention_chunk_size"}
"""Where a config says how many tokens a kind of layer sees."""


def refusals_of(tokenizer: Any, configs: Configs, training: Training) -> list[str]:
    """Return the refusals before the tokens are aligned. Errors: InputError as `stop_token`."""
    checks = [
        end_of_turn_is_a_token(tokenizer),
        vocabulary_fits(tokenizer, configs.embedding_rows),
        rows_fit_context(configs.context, training.max_length),
        attention_is_whole(configs.config.get_text_config().to_dict(), training),
        attention_exists(configs.config, training),
        rows_stay_apart(configs.config, training),
        stop_token_can_be_learnt(tokenizer, configs, training),
    ]
    return [refusal for refusal in checks if refusal]


def end_of_turn_is_a_token(tokenizer: Any) -> str:
    tail, stop = assistant_turn(tokenizer)[1].strip(), stop_token(tokenizer)
    if not tail or tail.startswith(stop):
        return ""
    return (
        f"the chat template ends a turn with {tail[:40]!r}, which is no token of the tokenizer: set student.template "
        "to one for its tokens"
    )


def vocabulary_fits(tokenizer: Any, embedding_rows: int) -> str:
    """Refuse tokens that the model does not embed, but for special ones that no turn is written with.

    Gemma 3's tokenizer is one for all sizes: its `<image_soft_token>`, number 262,144, is beyond the 1B model, which
    sees no images. A row whose text holds such a token is left out (`student.data.row_check`).
    """
    unneeded = set(unembedded(tokenizer, embedding_rows))
    last = max(number for token, number in tokenizer.get_vocab().items() if token not in unneeded)
    if last < embedding_rows:
        return ""
    return (
        f"the tokenizer has token {last:,}, but the model embeds {embedding_rows:,} (0 to {embedding_rows - 1:,}): use "
        "the tokenizer that the model came with, or resize the model's embeddings first"
    )


def unembedded(tokenizer: Any, embedding_rows: int) -> list[str]:
    """Return the special tokens without an embedding that the chat template does not write and that have no role."""
    used = {tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token, tokenizer.unk_token}
    return [
        token
        for token in special_tokens(tokenizer)
        if tokenizer.convert_tokens_to_ids(token) >= embedding_rows
        and token not in used
        and token not in str(tokenizer.chat_template)
    ]


def rows_fit_context(context: int | None, max_length: int) -> str:
    if context is None or max_length <= context:
        return ""
    return (
        f"training.max_length={max_length} exceeds the model's context of {context} tokens (max_position_embeddings): "
        f"lower it to {context}, or give the model more (student.positions.max_position_embeddings, docs/pairs.md)"
    )


def attention_exists(config: Any, training: Training) -> str:
    """Refuse `sdpa` for models that cannot be loaded with it (GPT-OSS, for its sinks)."""
    made: Any = MODEL_FOR_CAUSAL_LM_MAPPING.get(type(config), None)
    if training.attn_implementation != "sdpa" or made is None or made._supports_sdpa:
        return ""
    return f"{config.model_type} has no sdpa: set training.attn_implementation=eager"


def attention_is_whole(config: Mapping[str, Any], training: Training) -> str:
    """Refuse an attention that would be another one than the model's: `sdpa` and `torch_varlen` leave out a cap of the
    scores, the latter a sliding window and chunks, too (student/attention.py)."""
    taken = training.attn_implementation
    if taken in IGNORING_CAPS and is_capped(config):
        return f"the model has capped attention scores, which {taken} ignores: set training.attn_implementation=eager"
    layers = config.get("layer_types") or ["sliding_attention"]
    window = min((config[span] for kind, span in SPANS.items() if kind in layers and config.get(span)), default=None)
    if taken != TORCH_VARLEN or window is None or window >= training.max_length:
        return ""
    return (
        f"the model has layers that see {window} tokens only, which {taken} ignores: set "
        "training.attn_implementation=sdpa or eager"
    )


def stop_token_can_be_learnt(tokenizer: Any, configs: Configs, training: Training) -> str:
    """Refuse adapters on a base that never ended a turn with the template's stop token (QwenLM/Qwen3#1064).

    A model counts as trained to end with a token if it says so itself: the token is the eos of its tokenizer, or one of
    the eos ids of its generation config or config. Otherwise it is a base, whose rows for the token are as they were
    initialised, and adapters leave embeddings and head as they are.
    """
    stop = tokenizer.convert_tokens_to_ids(stop_token(tokenizer))
    text = configs.config.get_text_config()  # of a model that also sees (Qwen3.5) it alone has an eos
    said = [tokenizer.eos_token_id, configs.generation_config.eos_token_id, text.eos_token_id]
    own = {number for each in said for number in (each if isinstance(each, list) else [each])}
    lora: dict[str, Any] | None = training.lora
    if lora is None or stop in own or set(lora.get("modules_to_save") or []) >= STOP_TOKEN_MODULES:
        return ""
    return (
        f"adapters cannot teach this base to write {stop_token(tokenizer)}, with which the chat template ends a turn, "
        "as it never ended with it: set training.lora.modules_to_save=[embed_tokens, lm_head], train all weights "
        "(training.lora=null), or choose the chat model"
    )


def disagreements(tokenizer: Any, configs: Any) -> list[str]:
    """Return where tokenizer, config and generation config disagree on the stop and pad tokens.

    `configs` has `config` and `generation_config`: a model, or Configs. A pad equal to eos would mask the stop token
    out of the loss (trl#1623); a base's own eos is often not the token with which its template ends turns (open-r1
    PR#604).
    """
    stop = tokenizer.convert_tokens_to_ids(stop_token(tokenizer))
    found = []
    if tokenizer.eos_token_id != stop:
        found.append(f"the tokenizer's eos is {tokenizer.eos_token}, but turns end in {stop_token(tokenizer)}")
    if tokenizer.pad_token_id in (None, stop, tokenizer.bos_token_id, tokenizer.unk_token_id):
        found.append(f"the pad token {tokenizer.pad_token} is missing, or has another meaning")
    for name, config in (("config", configs.config), ("generation config", configs.generation_config)):
        eos = config.eos_token_id
        if stop != (eos[0] if isinstance(eos, list) else eos):
            found.append(f"the {name}'s first eos id is not that of {stop_token(tokenizer)}")
        if config.pad_token_id != tokenizer.pad_token_id:
            found.append(f"the {name}'s pad id is not the tokenizer's")
    return [f"{fault}: this is an error in Retort" for fault in found]
