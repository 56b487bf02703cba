"""What a run consists of: stages with an identity, and the order in which they are built. Nothing is built here.

An artifact's name follows from its stage's settings, version and needs alone, so the whole plan, and what of it is
already complete, is known before any work.
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
from records.rows import Artifact
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class Stage(ABC):
    """One artifact of a run: what shapes it, which artifacts it is made from, and how it is made.

    A subclass declares its inputs as fields, other stages among them. Two stages with the same identity are one.
    """

    run_dir: Path
    name: str
    """Of the artifact's folder, `<name>-<fingerprint>`."""
    version: ClassVar[str]
    """Changes with what the code makes; part of the identity, and read by nothing else."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """Modules that take long to import, and are imported before its process is forked."""
        return ()

    @property
    def gpus(self) -> int:
        """How many GPUs its process is shown, if there are any; 0 leaves all in sight."""
        return 0

    @property
    @abstractmethod
    def needs(self) -> tuple["Stage", ...]:
        """The stages whose artifacts it reads, in a fixed order."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Everything else that shapes the artifact, by section, and nothing that does not."""

    @abstractmethod
    def build(self, folder: Path, *, progress: Report) -> Counts:
        """Fill `folder`, in a process of its own, and return the manifest's counts."""

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

    def lineage(self) -> list["Stage"]:
        """All stages that it is made from, each after what it needs; itself not included."""
        return list(ordered(self.needs))


@dataclass(frozen=True, kw_only=True)
class Sharded(Stage):
    """A stage whose artifact consists of shards, which several workers may make at a time."""

    distribution: Distribution = field(default_factory=Distribution)

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many at a time; each is shown `gpus` GPUs of its own."""

    @property
    def engine(self) -> str:
        """Names the engine it samples with; stages of one name share one. Empty: it has none."""
        return ""

    @abstractmethod
    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> Counts:
        """Make the shards that no other worker has taken; return what only this worker knows."""

    @abstractmethod
    def missing(self, folder: Path) -> int:
        """How many shards are not there yet."""

    @abstractmethod
    def gather(self, folder: Path, parts: list[Any]) -> Counts:
        """The manifest's counts once all shards are there, from them and from what the workers returned."""

    def build(self, folder: Path, *, progress: Report) -> Counts:
        """As the only worker."""
        with SharedEngine() as engine:
            return self.gather(folder, [self.build_part(folder, slot=WorkerSlot(), engine=engine, progress=progress)])


@dataclass(frozen=True)
class Plan:
    """Stages in an order that respects their needs, each once: recipes may share ancestors."""

    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, *targets: Stage) -> "Plan":
        """Everything that the targets need, and these. What a target names first comes first."""
        return cls(tuple(ordered(targets)))

    def groups(self) -> Iterator[tuple[Stage, ...]]:
        """The stages in order, those together that share an engine and can be built one after the other."""
        left = list(self.stages)
        built: set[Path] = set()
        while left:
            first = left[0]
            group = [first]
            if isinstance(first, Sharded) and first.engine:
                group += [stage for stage in left[1:] if shares(first, stage, built)]
            left = [stage for stage in left if stage not in group]
            built |= {stage.path for stage in group}
            yield tuple(group)


def shares(first: Sharded, other: Stage, built: set[Path]) -> bool:
    """Whether a later stage may be built with the engine of the first, right after it."""
    ready = all(need.path in built for need in other.needs)
    return isinstance(other, Sharded) and (other.engine, other.workers) == (first.engine, first.workers) and ready


def ordered(targets: Iterable[Stage]) -> Iterator[Stage]:
    """Depth first, each stage once by its artifact."""
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
