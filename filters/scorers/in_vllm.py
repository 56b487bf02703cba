"""Reads texts with a reward model that vLLM serves. The engine comes from the flow; vLLM is not imported here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from transformers import AutoConfig

from configs.scorers import ModelScorer
from filters.scorers.heads import probability, share
from filters.scorers.in_transformers import context_of, pad_token
from filters.scorers.readers import Scored, Written
from filters.scorers.served import SERVED, form_of, pooling_of
from records.pooling import Serve
from records.same_model import check_quantization, check_same_model


class ServedReader:
    """A model in an engine (`filters.scorers.readers.Reader`)."""

    def __init__(self, scorer: ModelScorer, folder: Path, tokenizer: Any, serve: Serve) -> None:
        """Errors: InputError for a model that vLLM cannot run, or of which it would make another one."""
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        check_quantization(folder, config.to_dict())
        check_same_model(str(folder), config)
        padding = config.get_text_config().pad_token_id
        self.served = SERVED[form_of(scorer)]
        self.pad = pad_token(tokenizer) if padding is None else padding
        self.limit, self.vocabulary = context_of(config, scorer), int(config.get_text_config().vocab_size)
        self.engine = serve(folder, self.limit, pooling_of(scorer, tokenizer))
        self.runtime = self.engine.runtime

    def read(self, texts: Sequence[Written]) -> Iterator[Scored]:
        for at, logits in self.engine.logits([self.read_part(ids) for ids, _ in texts]):
            yield [(at, self.scores(logits, texts[at][1]))]

    def read_part(self, ids: list[int]) -> list[int]:
        """Return the tokens that are passed to the engine. A score of the whole is read at the last one, which in
        transformers is the last that is no padding, even if a template itself ends with that token."""
        if self.served.every_token:
            return ids
        end = next((end for end in range(len(ids), 1, -1) if ids[end - 1] != self.pad), 1)
        return ids[:end]

    def scores(self, logits: NDArray[Any], positions: list[int]) -> list[float]:
        """Return the scores from logits, [tokens, labels]: as in `filters.scorers.heads`."""
        if not self.served.every_token:
            return [float(probability(torch.from_numpy(logits)[0, 0].double()))]
        return [float(score) for score in share(torch.from_numpy(logits[positions]), self.served.right)]
