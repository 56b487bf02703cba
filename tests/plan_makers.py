"""Stages that do nothing, to plan with, and the plan of the demo run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import ROOT

from configs.load import load_config
from flows.distill import Distillation, plan_distillation
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from records.counts import Counts, ReportCounts
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class Plain(Stage):
    version = "1"
    from_stages: tuple[Stage, ...] = ()
    setting: int = 0

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.from_stages

    def settings(self) -> dict[str, Any]:
        return {"setting": self.setting}

    def build(self, folder: Path, *, progress: Report) -> Counts:
        return ReportCounts(traces=0)


@dataclass(frozen=True, kw_only=True)
class Drawn(Plain, Sharded):
    engine_name: str = ""
    at_a_time: int = 1

    @property
    def workers(self) -> int:
        return self.at_a_time

    @property
    def engine(self) -> str:
        return self.engine_name

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> Counts:
        return ReportCounts(traces=slot.workers)

    def missing(self, folder: Path) -> int:
        return 0

    def gather(self, folder: Path, parts: list[Any]) -> Counts:
        return ReportCounts(traces=sum(part.traces for part in parts))


def plain(name: str, *needs: Stage, setting: int = 0) -> Plain:
    return Plain(run_dir=Path("run"), name=name, from_stages=needs, setting=setting)


def drawn(name: str, *needs: Stage, engine: str = "e", workers: int = 1) -> Drawn:
    return Drawn(run_dir=Path("run"), name=name, from_stages=needs, engine_name=engine, at_a_time=workers)


def names(stages: tuple[Stage, ...]) -> list[str]:
    return [stage.name for stage in stages]


def run_of(*overrides: str) -> Distillation:
    return plan_distillation(load_config(ROOT / "configs" / "demo" / "tiny.yaml", list(overrides)))
