"""Says whether two models were measured under the same conditions: references, judging, sampling and runtime."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.comparing.evaluated_run import Measurement
from eval.comparing.lineage import Made
from records.errors import InputError
from records.parquet import read_rows
from records.rows import CODE

NO_CONDITION = ("evaluation.seed", "model.name", "model.weights", "model.precision")
"""Settings of sampling that two measurements may differ in: the model and the luck of the draw are what is compared."""
RUNTIME = ("vllm", "torch", "transformers", "bitsandbytes")
"""Packages whose versions change completions."""
RUNTIME_FILES = "runtime-*.json"
"""What a folder of completions says of the engine that drew them."""
MISSING = "–"


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested settings with their dotted paths. An empty mapping or list is a leaf."""
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def judging_of(judged: Made) -> dict[str, Any]:
    return {"version of the verifiers": judged.inputs.version, **dict(flat(judged.inputs.settings))}


def sampling_of(sampled: Made) -> dict[str, Any]:
    settings = {name: value for name, value in flat(sampled.inputs.settings) if not name.startswith(NO_CONDITION)}
    packages = {name: sampled.provenance.packages.get(name, MISSING) for name in RUNTIME}
    return {"version of sampling": sampled.inputs.version, **settings, **runtime_of(sampled.artifact.path), **packages}


def runtime_of(folder: Path) -> dict[str, Any]:
    """Return what sampling noted of its engine, kernels, dtype, stop tokens, penalties and template, by its place; a
    number follows where workers differed. Errors: InputError for a note that is not JSON, or nests too deeply."""
    try:
        noted = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob(RUNTIME_FILES))]
        return dict(flat({"runtime": noted[0] if len(noted) == 1 else noted}))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{folder}/{RUNTIME_FILES}: not JSON ({error}); evaluate the run again") from error


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the names whose values differ, with both values."""
    for name in {**ours, **theirs}:
        pair = ours.get(name, MISSING), theirs.get(name, MISSING)
        if pair[0] != pair[1]:
            yield name, *pair


def different_conditions(first: Measurement, other: Measurement) -> list[str]:
    """Return what makes the second measurement another one than the first, besides the model: `name: first value
    against second value`. Empty if they are comparable."""
    pairs = [
        *differing({"measured by": " ".join(first.measured_by)}, {"measured by": " ".join(other.measured_by)}),
        *differing(judging_of(first.judged), judging_of(other.judged)),
        *differing(sampling_of(first.sampled), sampling_of(other.sampled)),
    ]
    found = [f"{name}: {ours} against {theirs}" for name, ours, theirs in pairs]
    return [*found, *different_references(first, other)]


def different_references(first: Measurement, other: Measurement) -> list[str]:
    """Return how many of the common problems have another reference. Nothing is read if both benchmarks are one."""
    if first.problems and other.problems and first.problems.artifact.fingerprint == other.problems.artifact.fingerprint:
        return []
    ours, theirs = references(first), references(other)
    changed = sum(ours[problem] != theirs[problem] for problem in ours.keys() & theirs.keys())
    return [f"{changed} problems have another reference or verifier"] if changed else []


def references(measurement: Measurement) -> dict[str, tuple[str, ...]]:
    """Return what each problem is judged by: reference and verifier, and the tests of a program."""
    rows = read_rows(measurement.judged.artifact.path, ["problem_id", "reference", "verifier", "extra"])
    return {
        row["problem_id"]: (row["reference"], row["verifier"], row["extra"] if row["verifier"] == CODE else "")
        for row in rows
    }
