"""Computes every run's figures, and the paired difference of each run to the first, for every benchmark and variant."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eval.comparing.conditions import different_conditions
from eval.comparing.evaluated_run import EvaluatedRun, Measurement, samples_of
from eval.metrics.comparison import DIFFERENCE, compare, matched
from eval.metrics.estimate import Estimate, not_computed
from eval.metrics.samples import Classes, Samples
from eval.metrics.statistics import AtK, default_ks, describe, values_at
from records.errors import InputError
from records.rows import Variant

MIXED = "mixed"
LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Choices:
    """What is compared. Made by the command."""

    mixed: bool = False
    """True to compare measurements under different conditions all the same, labelled."""
    common: bool = False
    """True to compare runs on the problems that all of them have."""
    equivalent: Classes | None = None
    """Groups equivalent answers, for majority votes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one run, or of its difference to another run. Made by `side_by_side`; read by tables and JSON."""

    run: str
    against: str
    """The run that is subtracted; empty for a run's own figures."""
    benchmark: str
    variant: Variant
    estimate: Estimate


def side_by_side(runs: list[EvaluatedRun], choices: Choices) -> list[Row]:
    """Return the rows of all runs, by benchmark and variant, in the order of the first run that has them.

    Runs that differ in more than the model are not compared: the row of their difference says why. Errors: InputError,
    with the first reason, if no two runs can be compared on anything.
    """
    cells = list(dict.fromkeys(cell for run in runs for cell in run.measured))
    rows = [row for cell in cells for row in cell_rows(runs, cell, choices)]
    differences = [row.estimate for row in rows if row.estimate.metric == DIFFERENCE]
    if not differences:
        raise InputError(
            f"nothing to compare: {runs[0].name} measured {measured(runs[0])}; {runs[1].name} {measured(runs[1])}; "
            "evaluate the same benchmark, model and precision in both"
        )
    if all(one.value is None for one in differences):
        raise InputError(differences[0].why.removeprefix("not computed: "))
    return rows


def measured(run: EvaluatedRun) -> str:
    return ", ".join(f"{variant} on {benchmark}" for benchmark, variant in run.measured)


def cell_rows(runs: list[EvaluatedRun], cell: tuple[str, Variant], choices: Choices) -> Iterator[Row]:
    """Yield the figures of one benchmark and variant: those of the first run that has them, and of every other run its
    own and the difference."""
    having = [run for run in runs if cell in run.measured]
    samples = [samples_of(run.measured[cell]) for run in having]
    every = samples
    if choices.common:
        samples = on_common_problems(samples)
    at_k = [values_at(one, default_ks(one)[-1:], choices.equivalent) for one in samples]
    for at, run in enumerate(having):
        for estimate in describe(samples[at], at_k[at]):
            yield Row(run.name, "", *cell, estimate)
        if left_out := len(every[at].problems) - len(samples[at].problems):
            total = len(every[at].problems)
            why = f"{left_out} of its {total} problems are left out, because not all runs have them"
            yield Row(run.name, "", *cell, Estimate(LEFT_OUT, left_out, n_problems=total, why=why))
        if at:
            names = (having[0].name, run.name)
            pair = having[0].measured[cell], run.measured[cell]
            for estimate in difference(names, pair, (samples[0], samples[at]), (at_k[0], at_k[at]), cell, choices):
                yield Row(run.name, having[0].name, *cell, estimate)


def on_common_problems(samples: list[Samples]) -> list[Samples]:
    """Return the samples of the problems that all sides have. Without any the sides stay as they are, to be refused."""
    common = set.intersection(*(set(one.problems) for one in samples))
    if not common:
        return samples
    kept = [[at for at, problem in enumerate(one.problems) if problem in common] for one in samples]
    return [one.take(np.array(problems)) for one, problems in zip(samples, kept, strict=True)]


def difference(
    names: tuple[str, str],
    pair: tuple[Measurement, Measurement],
    samples: tuple[Samples, Samples],
    at_k: tuple[list[AtK], list[AtK]],
    cell: tuple[str, Variant],
    choices: Choices,
) -> list[Estimate]:
    """Return the statistics of the second side minus the first, or one row that says why there is none."""
    told = f"{cell[1]} on {cell[0]}: {names[0]} and {names[1]}"
    conditions = different_conditions(*pair)
    if conditions and not choices.mixed:
        return [not_computed(DIFFERENCE, f"{told} differ in {'; '.join(conditions)}; --mixed compares them labelled")]
    try:
        yardstick = matched(samples[1], samples[0], (f"{cell[1]} on {cell[0]}: {names[1]}", names[0]))
    except InputError as error:
        hint = "" if choices.common else ", or on those that all have with --common"
        return [not_computed(DIFFERENCE, f"{error}{hint}")]
    label = [Estimate(MIXED, None, why=f"{told} differ in {'; '.join(conditions)}")] if conditions else []
    return [*compare(samples[1], yardstick, (at_k[1], at_k[0])), *label]
