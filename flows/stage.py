"""A stage of a run, and the list of them that a run is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from records.artifact import artifact_of
from records.counts import Counts
from records.rows import Artifact


@dataclass(frozen=True)
class Shared:
    """How several workers fill an artifact together: by `build(folder, *arguments, share, progress=…)` in each."""

    workers: int
    gpus: int
    """Of each."""
    missing: Callable[[Path], int]
    """The shards that are not there."""
    gather: Callable[[Path, list[Any]], Counts]
    """The stage's counts once all are; given what the workers returned."""


@dataclass(frozen=True)
class Stage:
    """One node: `build(folder, *arguments, progress=…)` fills the artifact that settings and needs identify."""

    name: str
    run_dir: Path
    settings: dict[str, Any]
    needs: tuple["Stage", ...]
    build: Callable[..., Counts]
    arguments: tuple[Any, ...]
    shared: Shared | None = None

    @property
    def inputs(self) -> dict[str, Any]:
        return {"settings": self.settings, "needs": [stage.artifact.fingerprint for stage in self.needs]}

    @property
    def artifact(self) -> Artifact:
        return artifact_of(self.run_dir, self.name, self.inputs)


@dataclass
class Plan:
    """The stages of a run in an order that respects their needs."""

    run_dir: Path
    stages: list[Stage] = field(default_factory=list)

    def add(
        self,
        name: str,
        settings: dict[str, Any],
        needs: list[Stage],
        build: Callable[..., Counts],
        *arguments: Any,
        shared: Shared | None = None,
    ) -> Stage:
        stage = Stage(name, self.run_dir, settings, tuple(needs), build, arguments, shared)
        self.stages.append(stage)
        return stage

    def __getitem__(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)
