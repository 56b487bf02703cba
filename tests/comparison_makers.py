"""Makers of judged samples, without files, for the comparisons of models."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from eval.metrics.readings import Readings
from eval.metrics.samples import RIGHT, UNKNOWN, WRONG, Samples, sorted_samples
from records.comparisons import Figure, Paired
from records.rounds import RoundCheck
from records.rows import LENIENT, STRICT, Variant

BASE, STUDENT = Variant("base", "full"), Variant("student", "full")
INT8, NF4 = Variant("student", "int8"), Variant("student", "nf4")
__all__ = [
    "BASE",
    "INT8",
    "NF4",
    "RIGHT",
    "STUDENT",
    "UNKNOWN",
    "WRONG",
    "check",
    "drawn",
    "flipped",
    "not_paired",
    "paired_of",
    "read",
]


def drawn(verdicts: npt.ArrayLike, tokens: float = 100.0, names: str = "p") -> Samples:
    """Samples with these verdicts, [problems, n]."""
    table = np.array(verdicts)
    n_problems, n = table.shape
    samples, _ = sorted_samples(
        [f"{names}{at}" for at in range(n_problems)],
        np.repeat(np.arange(n_problems, dtype=np.int32), n),
        np.tile(np.arange(n), n_problems),
        verdicts=table.ravel().astype(np.int8),
        tokens=np.full(table.size, tokens),
    )
    return samples


def flipped(verdicts: np.ndarray, lost: int, gained: int = 0) -> np.ndarray:
    """The same verdicts with all samples of some right problems turned wrong, and of some wrong ones right."""
    changed = verdicts.copy()
    changed[np.flatnonzero((verdicts == RIGHT).all(axis=1))[:lost]] = WRONG
    changed[np.flatnonzero((verdicts == WRONG).all(axis=1))[:gained]] = RIGHT
    return changed


def read(strict: npt.ArrayLike, lenient: npt.ArrayLike | None = None, own: str = "", **fields: object) -> Readings:
    """One variant's samples by one rule or two; measured by the lenient one if there are two."""
    by_lenient = None if lenient is None else drawn(lenient, **fields)  # type: ignore[arg-type]
    rule = own or (STRICT if lenient is None else LENIENT)
    return Readings(drawn(strict, **fields), by_lenient, rule)  # type: ignore[arg-type]


def not_paired() -> Paired:
    """A comparison that was not computed."""
    nothing = Figure(value=None, why="not computed: no problem has a verdict on both sides")
    named = {"benchmark": "", "model": "student", "precision": "nf4", "extraction": STRICT}
    return Paired(**named, accuracy=nothing, change=nothing, tokens=nothing)


def paired_of(change: float, at_least: float, at_most: float, **fields: object) -> Paired:
    """A comparison with this change and these bounds, as shares."""
    row: dict[str, object] = {"benchmark": "", "model": "student", "precision": "nf4", "extraction": STRICT}
    row |= {"accuracy": Figure(value=0.8, low=0.7, high=0.9), "tokens": Figure(value=1.0, low=-2.0, high=4.0)}
    row |= {"p": 0.5, "lost": 3, "gained": 1, "n_problems": 500, "n_samples": 2000, "error": 0.01, "within": 0.02}
    figure = Figure(value=change, low=at_least, high=at_most)
    return Paired(**row | {"change": figure, "at_least": at_least, "at_most": at_most} | fields)  # type: ignore[arg-type]


def check(number: int, pair: Paired, before: str = "warm_up") -> RoundCheck:
    return RoundCheck(stage="star", number=number, before=before, pair=replace(pair, benchmark="held_out"))
