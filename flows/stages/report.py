"""The page about a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Counts, Stage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.score import ScoreModels
from flows.stages.train import TrainStudent


@dataclass(frozen=True, kw_only=True)
class WriteReport(Stage):
    """`report.html`. It shows wall times too, so two runs with the same artifacts differ in it."""

    name: str = "report"
    version = "4"
    libraries = ("matplotlib.figure", "jinja2")
    title: str
    dataset: SelectTraces
    trained: TrainStudent
    scores: ScoreModels | None

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.dataset, self.trained, *([self.scores] if self.scores else []))

    def settings(self) -> dict[str, Any]:
        return {"title": self.title}

    def build(self, folder: Path, *, progress: Report) -> Counts:
        from eval.report.page import write_report
        from eval.report.tables import lengths_and_samples, read_scores
        from records.artifact import read_manifest

        judged = self.dataset.judged
        lengths, samples = lengths_and_samples(judged.path)
        rows = read_scores(self.scores.path) if self.scores else []
        manifests = [(stage.artifact, read_manifest(stage.artifact)) for stage in self.lineage()]
        lineage = [
            {
                "stage": manifest["stage"],
                "fingerprint": artifact.fingerprint,
                "folder": artifact.path.name,
                "wall_s": manifest["provenance"]["wall_s"],
                "counts": {name: count for name, count in manifest["counts"].items() if not name.startswith("by_")},
                "commit": manifest["provenance"]["commit"],
            }
            for artifact, manifest in manifests
        ]
        sampled = read_manifest(judged.traces.artifact)["counts"]
        selected = read_manifest(self.dataset.artifact)["counts"]
        shown = {"selected", "left_out", "disputed_references"}
        funnel = read_manifest(judged.artifact)["counts"] | {key: selected[key] for key in shown if key in selected}
        write_report(folder / "report.html", self.title, rows, funnel, sampled, lengths, samples, lineage)
        return {"samples": len(samples)}
