"""Asks the student a few prompts, and compares the answers of its exported formats with its own.

Agreement is measured token by token: the export reads the prompt and the student's own greedy answer, and at each of
its first FIRST tokens either finds the same token likeliest or not. One early difference therefore does not spoil all
tokens after it, as it would if the two texts were compared.
"""

import heapq
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, GenerationConfig

from configs.publishing import ExportCheck
from records.errors import InputError
from records.export_counts import ReferenceCounts
from records.files import write_json
from records.parquet import read_rows
from records.rendering import prompt_text, prompt_tokens
from records.special_tokens import stop_ids
from student.data.student_files import positions_of
from student.export.files import DTYPES, weight_files
from student.export.quantized import load

FIRST = 64
"""Number of tokens of each answer that are compared."""
REFERENCE = "reference.json"
ROWS_PER_PROBLEM = 16
"""The rows that are kept in memory for each prompt that is looked for."""


@dataclass(frozen=True)
class Reference:
    """Token ids of prompts and of the student's greedy answers, each with its stop token if it has one."""

    stop_ids: list[int]
    pad_id: int
    max_tokens: int
    prompts: list[list[int]]
    answers: list[list[int]]

    @property
    def stopped(self) -> int:
        return sum(answer[-1] in self.stop_ids for answer in self.answers)

    @property
    def firsts(self) -> list[list[int]]:
        return [answered[:FIRST] for answered in self.answers]

    @classmethod
    def read(cls, folder: Path) -> "Reference":
        return cls(**json.loads((folder / REFERENCE).read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Comparison:
    """How a model answers the prompts of a reference; the fields are those of `records.export_counts`."""

    compared_tokens: int
    agreement: float
    identical: int
    stopped: int


def ask_student(folder: Path, trained: Path, dataset: Path, dtype: str, check: ExportCheck) -> ReferenceCounts:
    """Let the trained student answer some prompts of its dataset, and write `reference.json` into `folder`.

    Errors: InputError if it ends none of its answers, so that no export could be seen to stop by itself.
    """
    weight_files(trained)
    tokenizer, model = AutoTokenizer.from_pretrained(trained), load(trained, DTYPES[dtype])
    prompts = render(shortest_prompts(dataset, check.prompts), tokenizer)
    stop, pad = stop_ids(tokenizer, model.generation_config.eos_token_id), tokenizer.pad_token_id
    longest, positions = max(map(len, prompts)), positions_of(model.config)
    max_tokens = min(check.max_tokens, positions - longest) if positions else check.max_tokens
    answers = answer(model, prompts, stop, pad, max_tokens)
    reference = Reference(stop, pad, max_tokens, prompts, answers)
    if not reference.stopped:
        raise InputError(
            f"the student ends none of its {len(prompts)} shortest answers within {max_tokens} tokens, so its "
            "exports cannot be tried: train it longer, raise publishing.check.max_tokens, or set publishing.formats=[]"
        )
    write_json(folder / REFERENCE, asdict(reference))
    return ReferenceCounts(
        prompts=len(prompts),
        stopped=reference.stopped,
        tokens=sum(map(len, answers)),
        self_agreement=agreement(model, reference),
    )


def shortest_prompts(dataset: Path, count: int) -> list[list[dict[str, str]]]:
    """Return the prompts (role and content of each turn) of the dataset's rows with the shortest answers, one of each
    problem: a student that stops at all stops there soon.

    `dataset` is a folder of `*.parquet` with the columns `messages` and `problem_id`. Fewer than `count` are returned
    if the shortest answers belong to few problems.
    """
    sized = (
        (len(row["messages"][-1]["content"]), row["problem_id"], row["messages"])
        for row in read_rows(dataset, ["messages", "problem_id"])
    )
    shortest = heapq.nsmallest(count * ROWS_PER_PROBLEM, sized, key=lambda row: row[:2])
    prompts = {problem: messages[:-1] for _, problem, messages in reversed(shortest)}
    return list(reversed(prompts.values()))[:count]


def render(prompts: list[list[dict[str, str]]], tokenizer: Any) -> list[list[int]]:
    return [prompt_tokens(tokenizer, prompt_text(tokenizer, turns)) for turns in prompts]


@torch.inference_mode()
def answer(model: Any, prompts: list[list[int]], stop: list[int], pad: int, max_tokens: int) -> list[list[int]]:
    """Return the model's greedy answers, each up to its first stop token."""
    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    greedy = GenerationConfig(max_new_tokens=max_tokens, do_sample=False, eos_token_id=stop, pad_token_id=pad)
    model.generation_config = greedy  # what `greedy` leaves open would be filled from the model's own
    output = model.generate(
        input_ids=ids.to(model.device), attention_mask=mask.to(model.device), generation_config=greedy
    )
    return [until_stop(row, stop) for row in output[:, width:].tolist()]


def until_stop(tokens: list[int], stop: list[int]) -> list[int]:
    end = next((at for at, token in enumerate(tokens, start=1) if token in stop), len(tokens))
    return tokens[:end]


@torch.inference_mode()
def likeliest(model: Any, prompt: list[int], answered: list[int]) -> list[int]:
    """Return the token that the model finds likeliest at each place of an answer, given all tokens before it."""
    ids = torch.tensor([[*prompt, *answered[:-1]]], device=model.device)
    return [int(token) for token in model(input_ids=ids).logits[0, len(prompt) - 1 :].argmax(dim=-1)]


def agreement(model: Any, reference: Reference) -> float:
    """Return the share of the compared tokens that the model finds likeliest too."""
    pairs = [
        pair
        for prompt, first in zip(reference.prompts, reference.firsts, strict=True)
        for pair in zip(likeliest(model, prompt, first), first, strict=True)
    ]
    return round(sum(ours == theirs for ours, theirs in pairs) / len(pairs), 4)


def compare(model: Any, reference: Reference) -> Comparison:
    """Let a model answer the reference's prompts, and compare its answers."""
    own = answer(model, reference.prompts, reference.stop_ids, reference.pad_id, reference.max_tokens)
    return Comparison(
        compared_tokens=sum(map(len, reference.firsts)),
        agreement=agreement(model, reference),
        identical=sum(mine[:FIRST] == first for mine, first in zip(own, reference.firsts, strict=True)),
        stopped=sum(mine[-1] in reference.stop_ids for mine in own),
    )
