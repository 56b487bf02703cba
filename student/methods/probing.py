"""Keeps what a trained model says of a text, by which vLLM is checked when it starts on the weights."""

import random
from math import isfinite
from pathlib import Path
from typing import Any

import torch

from records.attention import DENSE, with_own_attention
from records.probe import TOP, Probe, write_probe
from student.data.student_files import positions_of

PLACES = 8
LONGEST = 4096
"""Most tokens of the text. A layer that wrongly sees fewer shows where the text is repeated."""
WORK_ON_CPU = 20 * 10**12
"""Operations that a pass may take without a GPU, on which the other processes of a sharded training wait: half a minute
or so, in which a model of 8 billion weights reads 1,250 tokens."""


def keep_probe(folder: Path, model: Any, tokenizer: Any, max_length: int) -> None:
    """Write `records.probe` for a language model beside its weights. It takes one pass of a row no longer than those of
    the training."""
    most = min(max_length, positions_of(model.config) or LONGEST, LONGEST)
    if model.device.type == "cpu":
        most = min(most, WORK_ON_CPU // (2 * sum(weight.numel() for weight in model.parameters())))
    ids = probe_ids(tokenizer, most)
    lengths = [len(ids) * place // PLACES for place in range(1, PLACES + 1)]
    if not lengths[0]:  # a vocabulary without digits, or too large a model
        return
    try:
        top = most_probable(model, ids, lengths)
    except RuntimeError as error:  # a training is worth more than a check
        if not isinstance(error, torch.OutOfMemoryError) and "allocate memory" not in str(error):
            raise
        print("no memory is left to keep a probe: vLLM will not be checked against this model", flush=True)
        return
    if all(isfinite(said) for one in top for said in one.values()):  # else its weights are refused
        autocast = hasattr(model, "_original_forward")  # accelerate keeps it behind its own
        write_probe(folder, Probe(ids, lengths, autocast or model.dtype != torch.float32, top))


def probe_ids(tokenizer: Any, most: int) -> list[int]:
    """Return the tokens of sums, and the same again: what comes next can be copied from far away."""
    draw = random.Random(0)
    pairs = [(draw.randrange(100), draw.randrange(100)) for _ in range(LONGEST // 8)]
    text = " ".join(f"{one} + {other} = {one + other}." for one, other in pairs)
    first: list[int] = tokenizer(text, verbose=False)["input_ids"][: -(-most // 2)]
    return (first * 2)[:most]


@torch.no_grad()
def most_probable(model: Any, ids: list[int], lengths: list[int]) -> list[dict[str, float]]:
    """Return the log-probabilities of the most probable tokens behind the first `lengths` of `ids`."""
    if model.config._attn_implementation not in DENSE:  # kernels that want packed rows, or 16 bits
        model.set_attn_implementation("sdpa" if model._supports_sdpa else "eager")
        with_own_attention(model)
    places = torch.tensor([length - 1 for length in lengths], device=model.device)
    row = torch.tensor([ids], device=model.device)
    logits = model.eval()(input_ids=row, use_cache=False, logits_to_keep=places).logits[0]
    kept = logits[places] if len(logits) == len(ids) else logits  # xLSTM keeps all
    found = kept.float().log_softmax(-1).topk(TOP)
    return [
        {str(token): round(said, 5) for token, said in zip(*one, strict=True)}
        for one in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    ]
