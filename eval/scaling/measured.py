"""The curves of judged artifacts, under the name of their benchmark and model."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eval.metrics.judged import read_readings
from eval.metrics.samples import Classes
from eval.scaling.allocation import allocation_curves
from eval.scaling.by_samples import sample_curves
from eval.scaling.calibration import calibration_curve
from eval.scaling.cascade import cascade_curves
from eval.scaling.curve import Curve
from eval.scaling.optimal_search import optimal_curves
from eval.scaling.reading import samples_by_budget
from eval.scaling.reranking import rerank_curves
from eval.scaling.scored import with_scores
from eval.scaling.searches import read_search, search_curves
from eval.scaling.thinking import thinking_curve
from records.rows import Variant


def curves_by_budget(judged: Path, benchmark: str, variant: Variant) -> list[Curve]:
    """Return accuracy against thinking tokens."""
    return named([thinking_curve(samples_by_budget(judged))], benchmark, variant)


def curves_by_samples(judged: Path, benchmark: str, variant: Variant, equivalent: Classes) -> list[Curve]:
    """Return what k samples are worth, and what it brings to give hard problems more of them."""
    samples = read_readings(judged).strict
    return named([*sample_curves(samples, equivalent), *allocation_curves(samples, equivalent)], benchmark, variant)


def cascade_of(
    judged: tuple[Path, Path], benchmark: str, variant: Variant, equivalent: Classes, price: float | None
) -> list[Curve]:
    """Return the curves of a student, `variant`, that is judged in the first artifact, and its teacher in the second.
    Errors: InputError if they were measured on different problems."""
    student, teacher = (read_readings(path).strict for path in judged)
    names = (f"{benchmark}: {variant}", "teacher")
    return named(cascade_curves(student, teacher, equivalent, names, price), benchmark, variant)


def curves_by_scorer(
    judged: Path, scores: Path, benchmark: str, variant: Variant, scorer: str, aggregate: str, equivalent: Classes
) -> list[Curve]:
    """Return what a scorer is worth as a reranker, and its calibration. Errors: InputError if its scores are of other
    traces."""
    scored = with_scores(read_readings(judged).strict, scores, aggregate)
    return named([*rerank_curves(scored, scorer, equivalent), calibration_curve(scored, scorer)], benchmark, variant)


def curves_by_search(
    judged: Path,
    scores: Path,
    found: Mapping[str, Path],
    benchmark: str,
    variant: Variant,
    *,
    scorer: str,
    aggregate: str,
    equivalent: Classes,
) -> list[Curve]:
    """Return what the judged searches `found`, by name, are worth beside the plain draws of `judged`, and which is best
    by difficulty. Errors: InputError if scores or searches are of others."""
    scored = with_scores(read_readings(judged).strict, scores, aggregate)
    searches = {name: read_search(folder) for name, folder in found.items()}
    curves = search_curves(searches, scored, scorer, equivalent)
    return named([*curves, *optimal_curves(searches, scored, scorer, equivalent)], benchmark, variant)


def named(curves: list[Curve], benchmark: str, variant: Variant) -> list[Curve]:
    return [replace(one, benchmark=benchmark, model=variant.model, precision=variant.precision) for one in curves]
