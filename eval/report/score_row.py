"""A row of a benchmark's table: a model in a precision, as one rule of extraction judges it."""

from collections.abc import Collection
from dataclasses import dataclass

from records.rows import LENIENT, STRICT, Score


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """What a row is about. Made from scores; read by tables and charts."""

    model: str
    precision: str
    extraction: str = STRICT

    @classmethod
    def of(cls, score: Score) -> "ScoreRow":
        return cls(score.model, score.precision, score.extraction)

    def __str__(self) -> str:
        return f"{self.model} {self.precision}" + (", lenient" if self.extraction == LENIENT else "")


def headline(rows: Collection[ScoreRow]) -> tuple[ScoreRow, ScoreRow]:
    """Return the rows of base and student that are told first, both by one rule: the lenient one if both have it, by
    which a base that announces nothing does not look worse than it is."""
    sides = [ScoreRow(model, "full", LENIENT) for model in ("base", "student")]
    rule = LENIENT if all(side in rows for side in sides) else STRICT
    return ScoreRow("base", "full", rule), ScoreRow("student", "full", rule)
