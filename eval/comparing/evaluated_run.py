"""Finds the evaluation of a run, and in it the judged completions of every benchmark and variant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from eval.comparing.lineage import Made, finished, needed_by, read_made
from eval.metrics.judged import COLUMNS, read_readings
from eval.metrics.samples import Samples
from records.artifact import is_complete
from records.errors import InputError
from records.files import MANIFEST
from records.parquet import check_columns
from records.rows import STRICT, Variant
from records.schemas import TRACE

SCORE = "score"
MEASURED = TypeAdapter(list[Annotated[list[str], Field(min_length=3)]])
REPORT = "report.html"
"""Link at the top of a run directory to the report of the plan that was finished last (`flows.run.directory`)."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The judged completions of one variant on one benchmark, and the artifacts that they come from."""

    judged: Made
    sampled: Made
    problems: Made | None
    """The benchmark's problems; None if their artifact is gone."""
    measured_by: tuple[str, ...] = ()
    """What else the evaluation's settings say of how it was measured, such as the rule by which answers are read."""


@dataclass(frozen=True, slots=True)
class EvaluatedRun:
    """One evaluation. Made by `read_run`; read by everything that compares."""

    name: str
    score: Made
    measured: dict[tuple[str, Variant], Measurement]
    lineage: dict[str, Made]
    """The evaluation's artifact and all it was made from, by fingerprint."""


def read_runs(places: Sequence[Path]) -> list[EvaluatedRun]:
    """Read the runs, named as shortly as tells them apart. Errors: InputError as for `read_run`, and for one named
    twice."""
    scores = [score_of(place) for place in places]
    paths = [score.artifact.path.resolve() for score in scores]
    for at, path in enumerate(paths):
        if path in paths[:at]:
            first = places[paths.index(path)]
            raise InputError(f"{places[at]}: the same evaluation as {first} ({path.name}); name different ones")
    return [read_run(score, name) for score, name in zip(scores, names_of(places), strict=True)]


def names_of(places: Sequence[Path]) -> list[str]:
    """Return the last parts of the paths, as many as tell all of them apart."""
    absolute = [place.absolute().parts for place in places]
    for length in range(1, max(map(len, absolute)) + 1):
        names = ["/".join(parts[-length:]) for parts in absolute]
        if len(set(names)) == len(names):
            return names
    return [str(place) for place in places]


def score_of(place: Path) -> Made:
    """Return the evaluation in a run directory, or the one whose own directory is given.

    Of several in one directory, made by different plans, it is the one that the run's `report.html` shows, which the
    plan finished last has linked. Errors: InputError if there is none, or if nothing tells which one is meant.
    """
    if not place.is_dir():
        raise InputError(f"{place}: no such directory; name a run's directory, such as runs/tiny")
    if (place / MANIFEST).is_file():
        made = read_made(place)
        if made.stage != SCORE:
            raise InputError(f"{place}: an artifact of {made.stage}; name the run's directory or its {SCORE}-…")
        return made
    scores = finished(place, SCORE)
    if not scores:
        raise InputError(f"{place}: {why_none(place)}")
    if len(scores) == 1:
        return scores[0]
    if (place / REPORT).exists():
        shown = read_made((place / REPORT).resolve().parent).inputs.needs
        if found := [score for score in scores if score.artifact.fingerprint in shown]:
            return found[0]
    told = ", ".join(f"{score.artifact.path.name} of {when(score)}" for score in scores)
    raise InputError(f"{place}: holds several evaluations ({told}), and no report says which is the last; name one")


def why_none(place: Path) -> str:
    if any(place.glob(f"*-{'?' * 12}")):
        return f"no finished evaluation ({SCORE}-…): run it to its end, with benchmarks and the section evaluation"
    return "not a run directory, because it holds no artifact; name a run's directory, such as runs/tiny"


def when(made: Made) -> str:
    return datetime.fromtimestamp(made.provenance.started, UTC).strftime("%Y-%m-%d %H:%M UTC")


def read_run(score: Made, name: str) -> EvaluatedRun:
    """Read what an evaluation was made from. Errors: InputError if its judged completions are gone or damaged, or if
    another version of Retort made it."""
    lineage = needed_by(score)
    measured = {}
    for (benchmark, model, precision, *by), judged in zip(measured_by(score), score.inputs.needs, strict=False):
        found = part(score, lineage, judged)
        is_complete(found.artifact)
        sampled = part(score, lineage, first_need(found))
        problems = lineage.get(first_need(sampled))
        measured[benchmark, Variant(model, precision)] = Measurement(found, sampled, problems, tuple(by))
    return EvaluatedRun(name, score, measured, lineage)


def samples_of(measurement: Measurement, rule: str = "") -> Samples:
    """Read the judged completions as columns, with answers read by a rule, or by the one that the model is measured by.
    Errors: InputError."""
    own = measurement.measured_by[0] if measurement.measured_by else STRICT
    check_columns(measurement.judged.artifact.path, [name for name in COLUMNS if name in TRACE.names])
    return read_readings(measurement.judged.artifact.path, own).by(rule or own)


def measured_by(score: Made) -> list[list[str]]:
    """Return benchmark, model and precision of every need of an evaluation, and whatever else stands beside them.
    Errors: InputError."""
    try:
        measured = MEASURED.validate_python(score.inputs.settings.get("measured"))
    except ValidationError:
        measured = []
    if not measured or len(measured) > len(score.inputs.needs):
        raise InputError(f"{score.artifact.path}: another version of Retort made it; evaluate the run again")
    return measured


def first_need(made: Made) -> str:
    """Return the fingerprint of what an artifact was made from first. Errors: InputError if it names nothing."""
    if not made.inputs.needs:
        raise InputError(
            f"{made.artifact.path}: its manifest does not say what it was made from; evaluate the run again"
        )
    return made.inputs.needs[0]


def part(score: Made, lineage: dict[str, Made], fingerprint: str) -> Made:
    if fingerprint not in lineage:
        raise InputError(
            f"{score.artifact.path}: was made from …-{fingerprint}, which is no longer beside it; run the same command "
            "again to make it anew"
        )
    return lineage[fingerprint]
