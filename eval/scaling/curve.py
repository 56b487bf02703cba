"""A curve: a value with its interval at each of several amounts of compute."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.metrics.beta_binomial import Floats
from eval.metrics.estimate import Estimate
from eval.metrics.intervals import value_interval
from records.clean import clean_row
from records.files import CURVES


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve. Made by `eval.scaling`; read by the report and by `retort curves`."""

    x: float
    """Compute, in the unit that the curve names."""
    value: float | None
    """None if it was not computed; `why` says so."""
    low: float | None
    high: float | None
    n_problems: int
    n_samples: int
    label: str
    """The setting behind it, such as a budget or a number of samples."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A curve. Made by `eval.scaling`; read by the report and by `retort curves`."""

    chart: str
    """The curves that are drawn together: thinking, samples, allocation, cascade, cascade_cost, rerank, calibration,
    search or search_optimal. Those of search_band are told in a table."""
    name: str
    x: str
    """What x counts, such as `thinking tokens`."""
    points: list[Point]
    """In order of x."""
    facts: list[Estimate] = field(default_factory=list)
    """What was computed about the curve as a whole: slopes, differences, where more stops paying."""
    benchmark: str = ""
    model: str = ""
    precision: str = ""
    """As in `Variant`; empty for a table of unknown origin."""
    scorer: str = ""
    """The scorer that it is about, by its name in the config; empty for other curves."""
    band: str = ""
    """The difficulty of the problems that it is about (`records.difficulty`); empty if it is about all."""


def point_of(x: float, label: str, estimate: Estimate) -> Point:
    """Return the point of an estimate, computed or not."""
    return Point(
        x=float(x),
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n_problems=estimate.n_problems,
        n_samples=estimate.n_samples,
        label=label,
        why=estimate.why,
    )


def point_of_values(x: float, label: str, values: Floats, samples: Floats) -> Point:
    """Return the mean of one value between 0 and 1 per problem, each estimated from `samples` samples."""
    low, high = value_interval(values, samples)
    return Point(float(x), float(values.mean()), low, high, len(values), int(samples.sum()), label)


def read_curves(folder: Path) -> list[Curve]:
    return [curve_of(row) for row in json.loads((folder / CURVES).read_text(), object_hook=clean_row)]


def curve_of(row: dict[str, Any]) -> Curve:
    parts = {
        "points": [Point(**point) for point in row["points"]],
        "facts": [Estimate(**fact) for fact in row["facts"]],
    }
    return Curve(**row | parts)
