"""Puts the scores of one scorer beside a model's judged samples."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats
from eval.metrics.samples import Samples
from records.errors import InputError
from records.parquet import read_batches

COLUMNS = ["problem_id", "attempt", "sample_index", "min", "tokens"]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredSamples:
    """A model's samples with the scores that one scorer gave them. Made by `with_scores`; read by rerankers and
    calibration."""

    samples: Samples
    """With the scores; -inf for a sample that the scorer gave none, so that it is chosen last."""
    lowest: Floats
    """The lowest score among each sample's steps; NaN if none has one."""
    tokens: float
    """Mean number of tokens that the scorer read for a sample."""

    @property
    def has_score(self) -> NDArray[np.bool_]:
        assert self.samples.scores is not None, "made with scores"
        return np.isfinite(self.samples.scores)


def with_scores(samples: Samples, scores: Path, aggregate: str) -> ScoredSamples:
    """Read the scores of judged samples. Errors: InputError if they are of others."""
    batches = list(read_batches(scores, [*COLUMNS, *({aggregate} - {*COLUMNS})]))
    names = [name for batch in batches for name in batch["problem_id"].to_pylist()]
    numbers = {problem: at for at, problem in enumerate(samples.problems)}
    problem = np.array([numbers.get(name, -1) for name in names])

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([batch[name].to_numpy(zero_copy_only=False) for batch in batches])

    known = len(names) == len(samples.verdicts) and bool((problem >= 0).all())
    if not known or (np.bincount(problem, minlength=len(numbers)) != samples.sizes).any():
        raise InputError(f"{scores}: its scores are not of the traces that were judged; delete it, to score them anew")
    order = np.lexsort((column("attempt").astype(np.int64) << 32 | column("sample_index"), problem))
    values = column(aggregate).astype(np.float64)[order]
    return ScoredSamples(
        samples=replace(samples, scores=np.where(np.isnan(values), -np.inf, values)),
        lowest=column("min").astype(np.float64)[order],
        tokens=float(column("tokens").mean()),
    )
