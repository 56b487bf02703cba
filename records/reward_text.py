"""How a trace is written for a reward model that Retort trains: the same in training and in scoring."""

from collections.abc import Iterable
from typing import Any

from records.chat_template import TemplateFailed, render
from records.errors import InputError
from records.rendering import prompt_tokens
from records.thinking import join_reasoning

VERSION = "2"
"""Raised when the same trace is written otherwise, or its steps end elsewhere."""
STEP_END = "\n"
"""Written after each step; its score is read there (TRL's `PRMConfig.step_separator`)."""


def outcome_text(tokenizer: Any, prompt: str, reasoning: str, answer: str, closed: bool) -> str:
    """Return the conversation that an outcome reward model reads, in the chat template of its tokenizer, as TRL's
    `RewardTrainer` renders `chosen`. Errors: InputError if the template refuses it."""
    reply = join_reasoning(reasoning, answer, closed)
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": reply}]
    try:
        return render(tokenizer, turns)
    except TemplateFailed as error:
        raise InputError(f"{tokenizer.name_or_path}: its chat template refuses an assistant turn ({error})") from error


def step_tokens(tokenizer: Any, prompt: str, steps: Iterable[str]) -> tuple[list[int], list[int]]:
    """Return the tokens that a process reward model reads, and for each step the position of its last token, where its
    score is read: the plain prompt, then every step and a line break, each part tokenized by itself (TRL,
    `experimental/prm/prm_trainer.py`, `tokenize_row`). Steps are written without white space around them."""
    bos = tokenizer.bos_token_id
    ids = ([] if bos is None else [bos]) + prompt_tokens(tokenizer, prompt)
    end, at = prompt_tokens(tokenizer, STEP_END), list[int]()
    for step in steps:
        ids += prompt_tokens(tokenizer, step.strip()) + end
        at.append(len(ids) - 1)
    return ids, at
