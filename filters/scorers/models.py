"""Outcome and process reward models, run with transformers in batches of like length."""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any, Protocol

import torch

from configs.scorers import ModelScorer, OutcomeScorer, ProcessScorer
from filters.scorers.batches import batches
from filters.scorers.forms import FORMS, OtherMarks
from filters.scorers.heads import HEADS, outcome_head, padded
from filters.scorers.loading import checked_folder, load_tokenizer
from filters.scorers.scoring import Scoring, TraceText
from records.chat_template import use_template
from records.errors import InputError
from records.plain_text import PlainText
from records.rendering import prompt_tokens
from records.reward_text import outcome_text
from records.scores import NO_STEPS, NOT_FINITE, SPECIAL_TOKEN, TOO_LONG

Told = Callable[[int, int], None]
Written = tuple[list[int], list[int]]
"""A text's tokens, and the positions at which its scores are read; none for a score of the whole."""
PROBE = ("2 + 2?", ("It is 4.", "Yes."))
"""A prompt and steps that every tokenizer of a form can write."""


class Reader(Protocol):
    """What reads batches of texts."""

    limit: int
    """Tokens of the longest text that it reads."""
    batch_tokens: int
    embedding_rows: int
    """Tokens that it knows."""

    def scores(self, batch: Sequence[Written]) -> Iterator[list[float]]:
        """Yield the scores of each text."""


class OutcomeModel:
    """Scores whole traces (`filters.scorers.scoring.Scorer`)."""

    def __init__(self, scorer: OutcomeScorer, location: str) -> None:
        """Errors: InputError for a model of another task, without a head or without a chat template."""
        folder = checked_folder(scorer, location)
        self.tokenizer, self.batch_tokens = load_tokenizer(folder), scorer.batch_tokens
        use_template(self.tokenizer, None)
        self.plain = PlainText(self.tokenizer)
        self.model, self.read = outcome_head(folder, scorer.dtype, pad_token(self.tokenizer))
        self.limit, self.embedding_rows = context_of(self.model, scorer), embedding_rows(self.model)

    def __call__(self, traces: Sequence[TraceText], told: Told) -> list[Scoring]:
        written = [self.write(trace) for trace in traces]
        return [
            Scoring(left_out=scores) if isinstance(scores, str) else Scoring(outcome=scores[0], tokens=len(one[0]))
            for one, scores in zip(written, scores_of(written, self, told), strict=True)
        ]

    def write(self, trace: TraceText) -> Written | str:
        """Return what the model reads, or the reason why it reads nothing."""
        if not (trace.reasoning + trace.answer).strip():
            return NO_STEPS
        prompt, reasoning, answer = map(self.plain, (trace.prompt, trace.reasoning, trace.answer))
        text = outcome_text(self.tokenizer, prompt, reasoning, answer, trace.closed)
        return prompt_tokens(self.tokenizer, text), []

    def scores(self, batch: Sequence[Written]) -> Iterator[list[float]]:
        ids, mask = padded([ids for ids, _ in batch], self.model.config.pad_token_id, self.model.device)
        return ([score] for score in self.read(ids, mask).tolist())


class ProcessModel:
    """Scores the steps of traces (`filters.scorers.scoring.Scorer`). Blank steps have no score."""

    def __init__(self, scorer: ProcessScorer, location: str) -> None:
        """Errors: InputError for a model of another form, or without a head."""
        folder, form = checked_folder(scorer, location), FORMS[scorer.form]
        self.tokenizer, self.batch_tokens = load_tokenizer(folder), scorer.batch_tokens
        self.pad, self.form, self.plain = pad_token(self.tokenizer), form, PlainText(self.tokenizer, (form.mark,))
        form.write(self.tokenizer, *PROBE)  # a tokenizer of another form is told now
        labels = form.labels(self.tokenizer) if form.labels else None
        self.model, self.read = HEADS[form.head](folder, scorer.dtype, labels)
        self.limit, self.embedding_rows = context_of(self.model, scorer), embedding_rows(self.model)

    def __call__(self, traces: Sequence[TraceText], told: Told) -> list[Scoring]:
        steps = [trace.steps() for trace in traces]
        written = [self.write(trace.prompt, texts) for trace, texts in zip(traces, steps, strict=True)]
        found = []
        for texts, one, scores in zip(steps, written, scores_of(written, self, told), strict=True):
            if isinstance(scores, str):
                found.append(Scoring([None] * len(texts), left_out=scores))
            else:
                each = iter(scores)
                found.append(Scoring([next(each) if text.strip() else None for text in texts], tokens=len(one[0])))
        return found

    def write(self, prompt: str, steps: Sequence[str]) -> Written | str:
        """Return what the model reads, or the reason why it reads nothing."""
        with_text = [self.plain(step) for step in steps if step.strip()]
        try:
            return self.form.write(self.tokenizer, self.plain(prompt), with_text) if with_text else NO_STEPS
        except OtherMarks:
            return SPECIAL_TOKEN

    def scores(self, batch: Sequence[Written]) -> Iterator[list[float]]:
        rows = [row for row, (_, at) in enumerate(batch) for _ in at]
        columns = [column for _, at in batch for column in at]
        ids, mask = padded([ids for ids, _ in batch], self.pad, self.model.device)
        places = torch.tensor(rows, device=ids.device), torch.tensor(columns, device=ids.device)
        each = iter(self.read(ids, mask, places).tolist())
        return ([next(each) for _ in at] for _, at in batch)


def scores_of(given: Sequence[Written | str], model: Reader, told: Told) -> list[list[float] | str]:
    """Return the scores of every text, or the reason why it was left out."""
    found = [one if isinstance(one, str) else unreadable(one, model) for one in given]
    left = [at for at, reason in enumerate(found) if not reason]
    written = {at: one for at, one in enumerate(given) if not isinstance(one, str)}
    if len(left) < len(given):
        told(len(given) - len(left), 0)
    scored: list[list[float] | str] = list(found)
    for batch in batches([len(written[at][0]) for at in left], model.batch_tokens):
        places = [left[at] for at in batch]
        with torch.inference_mode():
            read = list(model.scores([written[at] for at in places]))
        for at, scores in zip(places, read, strict=True):
            scored[at] = scores if all(map(isfinite, scores)) else NOT_FINITE
        told(len(places), sum(len(written[at][0]) for at in places))
    return scored


def unreadable(written: Written, model: Reader) -> str:
    """Return why a text is left out; empty if it is not."""
    if not written[0]:
        return NO_STEPS
    if len(written[0]) > model.limit:
        return TOO_LONG
    return SPECIAL_TOKEN if max(written[0]) >= model.embedding_rows else ""


def pad_token(tokenizer: Any) -> int:
    """Return a token to pad with; the attention mask hides it."""
    ids = (tokenizer.pad_token_id, tokenizer.eos_token_id, 0)
    return int(next(token for token in ids if token is not None))


def context_of(model: Any, scorer: ModelScorer) -> int:
    """Return the longest text in tokens: the scorer's `max_length`, and at most the model's positions."""
    positions = model.config.get_text_config().to_dict().get("max_position_embeddings")
    if type(positions) is not int or positions < 1:
        raise InputError(f"{scorer.path}: its config.json names no max_position_embeddings; choose another model")
    return min(positions, scorer.max_length or positions)


def embedding_rows(model: Any) -> int:
    return int(model.get_input_embeddings().weight.shape[0])
