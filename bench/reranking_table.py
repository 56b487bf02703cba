"""The tables of `bench.reranking`: accuracies by seed, differences to the majority, and what is known of the scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bench.by_seed import gain
from eval.metrics.auc import OVERALL, WITHIN
from eval.scaling.calibration import FLAGGED_RIGHT, FLAGGED_WRONG
from eval.scaling.reranking import MAJORITY

ByProblem = Mapping[str, float]
Found = Mapping[int, tuple[Mapping[str, ByProblem], Mapping[str, Mapping[str, float]]]]
"""By seed: values by way of choosing and problem, and facts by scorer."""
Interval = tuple[float, float]


def summary(found: Found) -> dict[str, Any]:
    """Return accuracies in percent and differences in points. Only problems with a value everywhere count."""
    ways = list(next(iter(found.values()))[0])
    columns = [values[way] for values, _ in found.values() for way in ways]
    problems = [name for name in columns[0] if all(name in column for column in columns)]
    tables = {way: table_of(found, way, problems) for way in ways}
    return {
        "seeds": list(found),
        "problems": len(problems),
        "ways": {way: row_of(tables[way], tables[MAJORITY], way == MAJORITY) for way in ways},
        "scorers": {seed: by_name for seed, (_, by_name) in found.items()},
    }


def table_of(found: Found, way: str, problems: Sequence[str]) -> np.ndarray:
    """Return values as [seeds, problems], in percent."""
    return np.array([[100 * values[way][name] for name in problems] for values, _ in found.values()])


def row_of(ours: np.ndarray, majority: np.ndarray, is_majority: bool) -> dict[str, Any]:
    accuracy = {"accuracy": ours.mean(axis=1).tolist()}
    return accuracy if is_majority else accuracy | gain(ours, majority)


def markdown(table: Mapping[str, Any], n: int) -> list[str]:
    """Return both tables in Markdown."""
    seeds = table["seeds"]
    lines = [f"{table['problems']} problems, {n} samples each, accuracy in percent.", ""]
    headings = ["chosen by", *(f"seed {seed}" for seed in seeds), "mean", "- majority", *INTERVALS]
    lines.append(f"| {' | '.join(headings)} |")
    lines.append("|---|" + "--:|" * (len(seeds) + 2) + "---|---|")
    for way, row in table["ways"].items():
        shown = " | ".join(f"{value:.1f}" for value in [*row["accuracy"], float(np.mean(row["accuracy"]))])
        lines.append(f"| {way} | {shown} | {difference_cells(row)} |")
    scorers = list(next(iter(table["scorers"].values())))
    lines += ["", f"| scorer | {' | '.join(FACTS)} |", "|---|" + "---|" * len(FACTS)]
    for name in scorers:
        facts = [by_name[name] for by_name in table["scorers"].values()]
        lines.append(f"| {name} | " + " | ".join(fact_cell(facts, *fact) for fact in FACTS.values()) + " |")
    return lines


INTERVALS = ("over the problems", "over the seeds")
FACTS = {
    "AUC over all": (OVERALL, 1.0, 3),
    "AUC within problems": (WITHIN, 1.0, 3),
    "right samples with a flagged step, %": (FLAGGED_RIGHT, 100.0, 1),
    "wrong samples with one, %": (FLAGGED_WRONG, 100.0, 1),
    "tokens read for a sample": ("tokens read", 1.0, 0),
    "without a score, %": ("unscored", 100.0, 1),
}
"""By heading: a fact's name, what it is multiplied by, and its decimals."""


def difference_cells(row: Mapping[str, Any]) -> str:
    if "mean" not in row:
        return " |  | "
    intervals = [row["over_problems"], row["over_seeds"]]
    return " | ".join([f"{row['mean']:+.1f}", *(f"{low:+.1f} to {high:+.1f}" for low, high in intervals)])


def fact_cell(facts: Sequence[Mapping[str, float]], name: str, scale: float, decimals: int) -> str:
    """Return a fact's mean over the seeds and its extremes; empty if a scorer does not have it."""
    values = [scale * one[name] for one in facts if name in one]
    if not values:
        return ""
    mean, low, high = (f"{value:,.{decimals}f}" for value in (float(np.mean(values)), min(values), max(values)))
    return mean if low == high else f"{mean} ({low} to {high})"
