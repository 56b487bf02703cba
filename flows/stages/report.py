"""The stage that writes the report about a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.curves import MeasureCurves
from flows.stages.dataset import SelectTraces
from flows.stages.score import ScoreModels
from flows.stages.train import TrainStudent
from records.counts import ReportCounts


@dataclass(frozen=True, kw_only=True)
class WriteReport(Stage):
    """Makes `report.html`. It shows wall times, so it differs between two runs with the same artifacts."""

    name: str = "report"
    version = "6"
    title: str
    dataset: SelectTraces
    trained: TrainStudent
    scores: ScoreModels | None
    curves: MeasureCurves | None = None

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.dataset, self.trained, *(stage for stage in (self.scores, self.curves) if stage))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("matplotlib.figure", "jinja2")

    def settings(self) -> dict[str, Any]:
        return {"title": self.title}

    def build(self, folder: Path, *, progress: Report) -> ReportCounts:
        from eval.report.page import write_report
        from eval.report.run_report import read_run
        from flows.trained import trained_stage, trainings_behind

        judged = self.dataset.judged
        run = read_run(
            self.title,
            scores=self.scores.path if self.scores else None,
            curves=self.curves.path if self.curves else None,
            sampled=judged.traces.artifact,
            judged=judged.artifact,
            dataset=self.dataset.artifact,
            trainings=[trained_stage(stage) for stage in trainings_behind(self)],
            lineage=[stage.artifact for stage in self.lineage()],
        )
        write_report(folder / "report.html", run)
        return ReportCounts(samples=len(run.samples))
