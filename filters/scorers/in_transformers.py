"""Reads texts with a reward model in transformers, in batches of like length."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import __version__

from configs.scorers import ModelScorer, OutcomeScorer, ProcessScorer
from filters.scorers.batches import batches
from filters.scorers.forms import FORMS
from filters.scorers.heads import HEADS, outcome_head, padded
from filters.scorers.readers import Scored, Written
from records.errors import InputError
from records.runtime import Kernels


class BatchReader:
    """A model with the function that scores a batch (`filters.scorers.readers.Reader`)."""

    def __init__(
        self, scorer: ModelScorer, model: Any, scores: Callable[[Sequence[Written]], Iterator[list[float]]]
    ) -> None:
        self.model, self.scores, self.batch_tokens = model, scores, scorer.batch_tokens
        self.limit = context_of(model.config, scorer)
        self.vocabulary = int(model.get_input_embeddings().weight.shape[0])
        self.runtime = Kernels(
            engine="transformers",
            version=__version__,
            device=torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
            attention=str(model.config._attn_implementation),
            dtype=str(model.dtype).removeprefix("torch."),
        ).kernels

    def read(self, texts: Sequence[Written]) -> Iterator[Scored]:
        for batch in batches([len(ids) for ids, _ in texts], self.batch_tokens):
            with torch.inference_mode():
                scores = list(self.scores([texts[at] for at in batch]))
            yield list(zip(batch, scores, strict=True))


def outcome_reader(scorer: OutcomeScorer, folder: Path, tokenizer: Any) -> BatchReader:
    model, read = outcome_head(folder, scorer.dtype, pad_token(tokenizer))

    def scores(batch: Sequence[Written]) -> Iterator[list[float]]:
        ids, mask = padded([ids for ids, _ in batch], model.config.pad_token_id, model.device)
        return ([score] for score in read(ids, mask).tolist())

    return BatchReader(scorer, model, scores)


def step_reader(scorer: ProcessScorer, folder: Path, tokenizer: Any) -> BatchReader:
    form, pad = FORMS[scorer.form], pad_token(tokenizer)
    model, read = HEADS[form.head](folder, scorer.dtype, form.labels(tokenizer) if form.labels else None)

    def scores(batch: Sequence[Written]) -> Iterator[list[float]]:
        rows = [row for row, (_, at) in enumerate(batch) for _ in at]
        columns = [column for _, at in batch for column in at]
        ids, mask = padded([ids for ids, _ in batch], pad, model.device)
        places = torch.tensor(rows, device=ids.device), torch.tensor(columns, device=ids.device)
        each = iter(read(ids, mask, places).tolist())
        return ([next(each) for _ in at] for _, at in batch)

    return BatchReader(scorer, model, scores)


def pad_token(tokenizer: Any) -> int:
    """Return a token to pad with; the attention mask hides it."""
    ids = (tokenizer.pad_token_id, tokenizer.eos_token_id, 0)
    return int(next(token for token in ids if token is not None))


def context_of(config: Any, scorer: ModelScorer) -> int:
    """Return the longest text in tokens: the scorer's `max_length`, and at most the model's positions. Errors:
    InputError if the config does not tell them."""
    positions = config.get_text_config().to_dict().get("max_position_embeddings")
    if type(positions) is not int or positions < 1:
        raise InputError(f"{scorer.path}: its config.json names no max_position_embeddings; choose another model")
    return min(positions, scorer.max_length or positions)
