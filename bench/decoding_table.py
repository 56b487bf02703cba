"""The table of `bench.decoding`: accuracies over the seeds, and differences to plain draws at equal tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.by_seed import gain
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED

SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Measured:
    """One search with one seed. Made by `bench.decoding`."""

    values: Mapping[str, Mapping[str, float]]
    """By way of spending its tokens, and then by problem: the chance of a right answer; NaN without a verdict."""
    tokens: float
    """Mean completion tokens of a problem."""
    draws: float
    """Plain draws that these pay for."""
    short: int
    """Problems with too few draws to spend them on."""


def summary(found: Mapping[int, Mapping[str, Measured]]) -> dict[str, Any]:
    """Return for each search accuracies in percent and differences in points, on the problems that have a value by
    every way and with every seed."""
    names = next(iter(found.values())).keys()
    return {"seeds": list(found), "searches": {name: row_of([one[name] for one in found.values()]) for name in names}}


def row_of(runs: list[Measured]) -> dict[str, Any]:
    columns = [values for run in runs for values in run.values.values()]
    problems = [name for name in columns[0] if all(not np.isnan(column.get(name, np.nan)) for column in columns)]
    tables = {
        way: np.array([[100 * run.values[way][name] for name in problems] for run in runs]) for way in runs[0].values
    }
    return {
        "problems": len(problems),
        "tokens": float(np.mean([run.tokens for run in runs])),
        "draws": float(np.mean([run.draws for run in runs])),
        "short": sum(run.short for run in runs),
        "accuracy": {way: table.mean(axis=1).tolist() for way, table in tables.items()},
        "gains": {way: gain(tables[SEARCH], tables[way]) for way in (BEST, WEIGHTED, MAJORITY) if way in tables},
    }


def markdown(table: Mapping[str, Any]) -> list[str]:
    """Return the table in Markdown."""
    rows = table["searches"]
    ways = list(next(iter(rows.values()))["gains"])
    sizes = sorted({row["problems"] for row in rows.values()})
    lines = [
        f"{' or '.join(map(str, sizes))} problems, seeds {', '.join(map(str, table['seeds']))}. Accuracy in percent, "
        "by seed; differences in points: mean, interval over the problems, interval over the seeds.",
        "",
        f"| search | tokens | draws | short | accuracy | {' | '.join(f'against {way}' for way in ways)} |",
        "|---|--:|--:|--:|---|" + "---|" * len(ways),
    ]
    for name, row in rows.items():
        accuracy = " ".join(f"{value:.1f}" for value in row["accuracy"][SEARCH])
        cells = [f"{row['tokens']:.0f}", f"{row['draws']:.1f}", str(row["short"]), accuracy]
        lines.append(f"| {name} | {' | '.join([*cells, *(gain_cell(row['gains'][way]) for way in ways)])} |")
    return lines


def gain_cell(found: Mapping[str, Any]) -> str:
    intervals = (found["over_problems"], found["over_seeds"])
    return ", ".join([f"{found['mean']:+.1f}", *(f"{low:+.1f} to {high:+.1f}" for low, high in intervals)])
