"""What the stages that train the student have in common, whatever their method."""

import time
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.launch import Launch, Shard
from configs.models import Student
from configs.stages import TrainingStage
from flows.plan import Stage
from flows.run.meeting import Terms, announced, terms_of
from flows.run.progress import Report
from flows.run.ranks import run_in_ranks
from flows.weights import Weights
from records.preflight import FILE, Preflight
from records.training_counts import TrainingCounts
from student.methods.identity import shaping

if TYPE_CHECKING:
    from student.data.student_files import StudentOrigin

LIBRARIES = ("torch", "transformers", "datasets", "peft", "trl")


@dataclass(frozen=True, kw_only=True)
class TrainStudent(Stage):
    """Makes weights, tokenizer and generation config of a trained model, a ledger of what it was trained on, and
    `preflight.json`. A subclass is a method."""

    name: str = "train"
    training: TrainingStage
    student: Student
    base: Weights
    launch: Launch

    @property
    def libraries(self) -> tuple[str, ...]:
        return LIBRARIES

    @property
    def gpus(self) -> int:
        """One process takes one GPU, and `auto` any that are visible, which 0 stands for."""
        if self.launch.shard == "none":
            return 1
        return 0 if self.launch.processes == "auto" else self.launch.processes

    @abstractmethod
    def shaped_by(self) -> dict[str, Any]:
        """Return what of the method's own inputs shapes the weights, beside the stages that it needs."""

    @abstractmethod
    def preflight(self, progress: Report) -> Preflight:
        """Check everything that is trained on, which must be complete, and the base's tokens, without loading the
        model."""

    @abstractmethod
    def trainer(self, shard: Shard) -> Callable[..., TrainingCounts]:
        """Return the function that trains in one process, of several under `shard`: it takes the folder and `progress`,
        and can be pickled."""

    def settings(self) -> dict[str, Any]:
        training = shaping(self.training) | {"method": self.training.method} | self.shaped_by()
        student = self.student.model_dump(mode="json", include={"reasoning", "template", "dtype", "positions"})
        return {"training": training, "student": student, "base": self.base.identity()}

    @property
    def origin(self) -> "StudentOrigin":
        from student.data.student_files import StudentOrigin

        student = self.student
        return StudentOrigin(self.base.location, self.base.revision, student.template, student.positions)

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
        from student.methods.device import processes_here

        processes = processes_here(self.launch)
        alone = processes * self.launch.nodes == 1
        train = partial(self.trainer("none" if alone else self.launch.shard), folder)
        if alone:
            return train(progress=progress)
        run: Callable[..., TrainingCounts] = partial(run_in_ranks, libraries=self.libraries)
        if joins or self.launch.nodes == 1:
            return run(train, self.launch, processes, self.path.name, progress, hosts=not joins)
        others = self.launch.nodes - 1
        progress(0, None, note=f"waiting for {others} more at {self.launch.rendezvous}: run `retort join` there")
        with announced(self.run_dir, self.terms):
            return run(train, self.launch, processes, self.path.name, progress)

    @property
    def terms(self) -> Terms:
        """What all machines of this training must have alike. The number of processes may differ."""
        launch = self.launch.model_dump(mode="json", include={"shard", "nodes", "rendezvous"})
        return terms_of(self.path.name, launch, self.training.model_dump(mode="json"))
