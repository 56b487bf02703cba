"""The stage that writes the report about a run."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.curves import MeasureCurves
from flows.stages.dataset import SelectTraces
from flows.stages.round_check import CheckRound
from flows.stages.score import ScoreModels
from flows.stages.second_opinion import SecondOpinion
from flows.stages.train import TrainStudent
from records.counts import ReportCounts


@dataclass(frozen=True, kw_only=True)
class WriteReport(Stage):
    """Makes `report.html`, `summary.md` and a PNG of every benchmark's accuracies. It shows wall times, so it differs
    between two runs with the same artifacts."""

    name: str = "report"
    version = "9"
    title: str
    dataset: SelectTraces
    trained: TrainStudent
    checks: tuple[CheckRound, ...] = ()
    """Those after rounds of training, which need the rounds that were not kept as well."""
    scores: ScoreModels | None
    curves: MeasureCurves | None = None
    opinion: SecondOpinion | None = None

    @property
    def needs(self) -> tuple[Stage, ...]:
        beside = (stage for stage in (self.scores, self.curves, self.opinion) if stage)
        return (self.dataset, self.trained, *self.checks, *beside)

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("matplotlib.figure", "jinja2")

    def settings(self) -> dict[str, Any]:
        return {"title": self.title}

    def build(self, folder: Path, *, progress: Report) -> ReportCounts:
        from eval.report.commands import curves_command, run_command, score_commands, teacher_command
        from eval.report.page import write_report
        from eval.report.run_report import read_run
        from eval.report.summary import write_summary
        from eval.report.traces import JudgedVariant
        from flows.trained import samplings_behind, stage_sampling, trained_stage, trainings_behind
        from records.rounds import read_check
        from records.training_log import RECORDS, TENSORBOARD

        judged, trainings = self.dataset.judged, trainings_behind(self)
        reranked = self.curves.reranked if self.curves else ()
        measured = [
            JudgedVariant(
                one.benchmark,
                one.variant,
                one.judged.path,
                tuple(chosen.scored.path for chosen in reranked if chosen.measured.judged.path == one.judged.path),
            )
            for one in (self.scores.measured if self.scores else ())
        ]
        curves = [(stage.training.name, f"{stage.path.name}/{RECORDS}/{TENSORBOARD}") for stage in trainings]
        run = read_run(
            self.title,
            scores=self.scores.path if self.scores else None,
            curves=self.curves.path if self.curves else None,
            sampled=judged.traces.artifact,
            judged=judged.artifact,
            measured=measured,
            dataset=self.dataset.artifact,
            opinion=self.opinion.artifact if self.opinion else None,
            trainings=[trained_stage(stage) for stage in trainings],
            samplings=[stage_sampling(stage) for stage in samplings_behind(self)],
            checks=[read_check(check.path) for check in self.checks],
            commands=[
                *run_command(sys.argv),
                *score_commands(measured),
                teacher_command(judged.path.name),
                *(curves_command(*one) for one in curves),
            ],
            lineage=[stage.artifact for stage in self.lineage()],
            scored=(self.dataset.scored.path,) if self.dataset.scored else (),
        )
        write_report(folder / "report.html", run)
        write_summary(folder, run)
        return ReportCounts(traces=run.traces.packed.count)
