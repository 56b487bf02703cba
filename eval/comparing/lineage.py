"""Reads from manifests what an artifact was made from: the artifacts it needs, those that they need, and so on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from records.artifact import read_manifest
from records.errors import InputError
from records.files import MANIFEST
from records.rows import Artifact


@dataclass(frozen=True, slots=True)
class Inputs:
    """What gave an artifact its name (`flows.plan.Stage.inputs`)."""

    version: str
    settings: dict[str, Any]
    needs: list[str]
    """Fingerprints of the artifacts that it was made from."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Facts about the machine and the installation that made an artifact."""

    commit: str | None
    packages: dict[str, str]
    started: float
    """Seconds since the epoch."""
    wall_s: float


@dataclass(frozen=True, slots=True)
class Made:
    """A finished artifact, as its manifest describes it."""

    artifact: Artifact
    stage: str
    inputs: Inputs
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Manifest:
    stage: str
    fingerprint: str
    inputs: Inputs
    provenance: Provenance


def read_made(folder: Path) -> Made:
    """Read an artifact's manifest. Errors: InputError if another version of Retort wrote it."""
    raw = read_manifest(Artifact(folder, ""))
    try:
        found = TypeAdapter(Manifest).validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{folder / MANIFEST}: another version of Retort wrote it ({place}: {first['msg'].lower()}); compare runs "
            "that this version made, or use the version that made them"
        ) from error
    return Made(Artifact(folder, found.fingerprint), found.stage, found.inputs, found.provenance)


def finished(run_dir: Path, stage: str) -> list[Made]:
    """Return the complete artifacts of a stage in a run directory, the earliest first."""
    folders = [file.parent for file in run_dir.glob(f"{stage}-{'?' * 12}/{MANIFEST}")]
    made = [one for one in map(read_made, folders) if one.stage == stage]
    return sorted(made, key=lambda one: (one.provenance.started, one.artifact.path.name))


def needed_by(made: Made) -> dict[str, Made]:
    """Return an artifact and all that it was made from, by fingerprint. Artifacts that are not in its run directory any
    more, and those that only they name, are left out."""
    found = {made.artifact.fingerprint: made}
    to_read = list(made.inputs.needs)
    while to_read:
        fingerprint = to_read.pop()
        if fingerprint in found:
            continue
        for manifest in made.artifact.path.parent.glob(f"*-{fingerprint}/{MANIFEST}"):
            found[fingerprint] = read_made(manifest.parent)
            to_read += found[fingerprint].inputs.needs
    return found
