"""Scores of every model and precision on every benchmark, with paired differences."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.evaluation import Precision
from flows.plan import Counts, Stage
from flows.run.progress import Report
from flows.stages.judge import Judge


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The judged completions of one model on one benchmark."""

    benchmark: str
    model: str
    """`base` or `student`."""
    precision: Precision
    judged: Judge


@dataclass(frozen=True, kw_only=True)
class ScoreModels(Stage):
    """`scores.json`."""

    name: str = "score"
    version = "2"
    libraries = ("scipy.stats",)
    measured: tuple[Measured, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return tuple(one.judged for one in self.measured)

    def settings(self) -> dict[str, Any]:
        return {"measured": [[one.benchmark, one.model, one.precision] for one in self.measured]}

    def build(self, folder: Path, *, progress: Report) -> Counts:
        from eval.metrics.accuracy import difference, score
        from records.files import write_json

        paths = {(one.benchmark, one.model, one.precision): one.judged.path for one in self.measured}
        scores = []
        for (benchmark, model, precision), path in paths.items():
            scores += score(path, benchmark, model, precision)
            base, full = paths.get((benchmark, "base", "full")), paths.get((benchmark, model, "full"))
            if model == "student" and base:
                scores.append(difference(path, base, benchmark, model, precision, "gain_over_base"))
            if precision != "full" and full:
                scores.append(difference(path, full, benchmark, model, precision, "change_from_full"))
        write_json(folder / "scores.json", scores)
        return {"scores": len(scores)}
