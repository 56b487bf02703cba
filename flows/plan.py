"""Stages of a run, their identities, and the order in which they are built. This file builds nothing itself.

An artifact's name depends only on its stage's settings, version and needs. So the whole plan, and which of its
artifacts are complete, is known before any work starts.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from configs.distribution import Distribution
from flows.run.progress import Report
from records.artifact import artifact_of
from records.counts import Counts
from records.errors import InputError
from records.rows import Artifact
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class Stage(ABC):
    """One artifact of a run: the settings that shape it, the artifacts it is made from, and the code that makes it.

    A subclass declares its inputs, including other stages, as fields. Stages with the same identity are the same stage.
    """

    run_dir: Path
    name: str
    """First part of the artifact's folder name, `<name>-<fingerprint>`."""
    version: ClassVar[str]
    """Part of the identity; it changes when the code's output changes, and nothing else reads it."""
    published: ClassVar[bool] = False
    """True if the artifact is meant for others: its manifest tells nothing of this machine."""
    reads_outside: ClassVar[bool] = False
    """True if it reads tables outside of the run directory until it ends, so that they may change under it. Models are
    read when a stage begins."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """Slow modules that are imported before the stage's process is forked."""
        return ()

    @property
    def gpus(self) -> int:
        """Number of GPUs visible to its process, if there are any; 0 leaves all of them visible."""
        return 0

    @property
    @abstractmethod
    def needs(self) -> tuple["Stage", ...]:
        """The stages whose artifacts it reads, in a fixed order."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return everything else that shapes the artifact, by section, and nothing that does not shape it."""

    @abstractmethod
    def build(self, folder: Path, *, progress: Report) -> Counts:
        """Fill `folder` and return the counts for the manifest. It runs in a separate process."""

    @cached_property
    def inputs(self) -> dict[str, Any]:
        needs = [stage.artifact.fingerprint for stage in self.needs]
        return {"version": self.version, "settings": self.settings(), "needs": needs}

    @cached_property
    def artifact(self) -> Artifact:
        return artifact_of(self.run_dir, self.name, self.inputs)

    @property
    def path(self) -> Path:
        return self.artifact.path

    def check_unchanged(self) -> None:
        """Check what it reads outside of the run directory. Errors: InputError if that is not what it was when the run
        was planned, and the artifact would not be what its name says."""
        if self.settings() != self.inputs["settings"]:
            raise InputError(
                f"{self.name}: a file or model that it reads was changed since the run began; run the same command "
                "again, which makes anew what depends on it"
            )

    def lineage(self) -> list["Stage"]:
        """Return all stages that it is made from, each after those it needs, without itself."""
        return list(ordered(self.needs))


@dataclass(frozen=True, kw_only=True)
class Sharded(Stage):
    """A stage whose artifact consists of shards, which several workers may make in parallel."""

    distribution: Distribution = field(default_factory=Distribution)

    @property
    @abstractmethod
    def workers(self) -> int:
        """Number of parallel workers; each of them sees its own `gpus` GPUs."""

    @property
    def engine(self) -> str:
        """Identifier of the engine that it samples with; stages with the same one share an engine. Empty if none."""
        return ""

    @property
    def follows(self) -> "Stage | None":
        """A stage whose finished shards it reads, rather than its manifest: a worker that has built that one may go on
        with this one at once. None if it needs complete artifacts only."""
        return None

    @abstractmethod
    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> Counts:
        """Make the shards that no other worker has taken, and return the counts that only this worker knows."""

    @abstractmethod
    def missing(self, folder: Path) -> int:
        """Return the number of shards that are not finished."""

    @abstractmethod
    def gather(self, folder: Path, parts: list[Any]) -> Counts:
        """Return the manifest's counts from the finished shards and from `parts`, what the workers returned."""

    def build(self, folder: Path, *, progress: Report) -> Counts:
        """Build all shards as the only worker."""
        with SharedEngine() as engine:
            return self.gather(folder, [self.build_part(folder, slot=WorkerSlot(), engine=engine, progress=progress)])


@dataclass(frozen=True)
class Plan:
    """The stages in an order that respects their needs, each of them once even if several stages need it."""

    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, *targets: Stage) -> "Plan":
        """Plan the targets and everything that they need, in the order in which each stage lists its needs."""
        return cls(tuple(ordered(targets)))

    def groups(self) -> Iterator[tuple[Stage, ...]]:
        """Yield the stages in order, grouped if they share an engine and can be built one after the other."""
        left = list(self.stages)
        built: set[Path] = set()
        while left:
            first = left[0]
            group = [first]
            if isinstance(first, Sharded) and first.engine:
                for stage in left[1:]:
                    group += [stage] if shares(group, stage, built) else []
            left = [stage for stage in left if stage not in group]
            built |= {stage.path for stage in group}
            yield tuple(group)


def shares(group: list[Stage], other: Stage, built: set[Path]) -> bool:
    """Return True if a later stage can be built right after those of a group, with the same engine. With several
    workers a stage does not follow another one of its group: a shard may still be drawn by another worker."""
    first = group[0]
    if not (isinstance(first, Sharded) and isinstance(other, Sharded)):
        return False
    missing = {need.path for need in other.needs} - built
    if other.follows and other.workers == 1:
        missing -= {other.follows.path} & {stage.path for stage in group}
    return (other.engine, other.workers) == (first.engine, first.workers) and not missing


def ordered(targets: Iterable[Stage]) -> Iterator[Stage]:
    """Yield the targets and their needs depth first, each artifact's stage once."""
    seen: set[Path] = set()

    def visit(stage: Stage) -> Iterator[Stage]:
        if stage.path in seen:
            return
        seen.add(stage.path)
        for need in stage.needs:
            yield from visit(need)
        yield stage

    for target in targets:
        yield from visit(target)
