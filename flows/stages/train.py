"""The stages that fine-tune the student: one for each entry of the config's `training`."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.data_mix import DataSource
from configs.launch import Launch
from configs.models import Student
from configs.training import TrainingStage
from flows.plan import Stage
from flows.run.meeting import Terms, announced, terms_of
from flows.run.progress import Report
from flows.run.ranks import run_in_ranks
from flows.stages.dataset import SelectTraces
from flows.stages.rows import ImportRows
from flows.weights import Weights
from records.preflight import FILE, Preflight
from records.rendering import VERSION as PROMPT_VERSION
from records.training_counts import TrainingCounts
from student.data.rendering import VERSION as ROW_VERSION
from student.methods.identity import shaping

if TYPE_CHECKING:
    from student.data.student_files import StudentOrigin

LIBRARIES = ("torch", "transformers", "datasets", "peft", "trl", "student.methods.sft")


@dataclass(frozen=True)
class MixedIn:
    """A dataset in a training stage's mix."""

    source: DataSource
    made_by: SelectTraces | ImportRows


@dataclass(frozen=True, kw_only=True)
class TrainStudent(Stage):
    """Makes weights, tokenizer and generation config of a fine-tuned model, a ledger of what it was trained on, and
    `preflight.json`."""

    name: str = "train"
    version = f"5.{PROMPT_VERSION}.{ROW_VERSION}"
    training: TrainingStage
    student: Student
    base: Weights
    dataset: SelectTraces
    """The run's own dataset, with the student's prompt, even if this stage trains on others."""
    mixed: tuple[MixedIn, ...]
    launch: Launch

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*(mixed.made_by for mixed in self.mixed), *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return LIBRARIES

    @property
    def gpus(self) -> int:
        """One process takes one GPU, and `auto` any that are visible, which 0 stands for."""
        if self.launch.shard == "none":
            return 1
        return 0 if self.launch.processes == "auto" else self.launch.processes

    def settings(self) -> dict[str, Any]:
        data = [{"weight": mixed.source.weight, "epochs": mixed.source.epochs} for mixed in self.mixed]
        training = shaping(self.training) | {"method": self.training.method, "data": data}
        student = self.student.model_dump(mode="json", include={"reasoning", "template", "dtype", "positions"})
        return {"training": training, "student": student, "base": self.base.identity()}

    @property
    def origin(self) -> "StudentOrigin":
        from student.data.student_files import StudentOrigin

        student = self.student
        return StudentOrigin(self.base.location, self.base.revision, student.template, student.positions)

    def preflight(self, progress: Report) -> Preflight:
        """Check every row of the datasets, which must be complete, and the base's tokens, without loading the model."""
        from student.data.preflight import run_preflight
        from student.methods.device import processes_here

        folders = [one.made_by.path / "data" for one in self.mixed]
        ranks, shard = processes_here(self.launch) * self.launch.nodes, self.launch.shard
        return run_preflight(
            folders, self.origin, self.student.reasoning, self.training, progress, ranks=ranks, shard=shard
        )

    def build(self, folder: Path, *, progress: Report) -> TrainingCounts:
        from records.files import write_json
        from student.cost.device import check_memory, gpu_at_hand
        from student.data.preflight import refuse
        from student.data.preflight_table import preflight_table

        started = time.monotonic()
        found = self.preflight(progress)
        print(preflight_table(found, time.monotonic() - started), flush=True)
        write_json(folder / FILE, found)
        refuse(found)
        gpu = gpu_at_hand()
        if gpu and found.cost and self.launch.device != "cpu":
            check_memory(found.cost, *gpu)
        return self.train(folder, progress=progress)

    def train(self, folder: Path, *, progress: Report, joins: bool = False) -> TrainingCounts:
        """Train in as many processes as `launch` says. A machine that `joins` the one that builds the stage calls this
        as well."""
        from student.data.mixing import Part
        from student.methods.device import processes_here
        from student.methods.registry import METHODS

        processes = processes_here(self.launch)
        alone = processes * self.launch.nodes == 1
        train = partial(
            METHODS[self.training.method],
            folder,
            self.training,
            self.origin,
            [Part(one.made_by.path / "data", one.source.weight, one.source.epochs) for one in self.mixed],
            reasoning=self.student.reasoning,
            dtype=self.student.dtype,
            device=self.launch.device,
            shard="none" if alone else self.launch.shard,
        )
        if alone:
            return train(progress=progress)
        counts: TrainingCounts
        if joins or self.launch.nodes == 1:
            counts = run_in_ranks(train, self.launch, processes, self.path.name, progress, hosts=not joins)
            return counts
        others = self.launch.nodes - 1
        progress(0, None, note=f"waiting for {others} more at {self.launch.rendezvous}: run `retort join` there")
        with announced(self.run_dir, self.terms):
            counts = run_in_ranks(train, self.launch, processes, self.path.name, progress)
        return counts

    @property
    def terms(self) -> Terms:
        """What all machines of this training must have alike. The number of processes may differ."""
        launch = self.launch.model_dump(mode="json", include={"shard", "nodes", "rendezvous"})
        return terms_of(self.path.name, launch, self.training.model_dump(mode="json"))
