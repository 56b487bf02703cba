"""The stage that scores every model and precision on every benchmark, with paired differences."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.judge import Judge
from records.counts import ScoreCounts
from records.rows import Variant


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The judged completions of one model on one benchmark."""

    benchmark: str
    variant: Variant
    judged: Judge


@dataclass(frozen=True, kw_only=True)
class ScoreModels(Stage):
    """Makes `scores.json`."""

    name: str = "score"
    version = "4"
    measured: tuple[Measured, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return tuple(one.judged for one in self.measured)

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        return {"measured": [[one.benchmark, one.variant.model, one.variant.precision] for one in self.measured]}

    def build(self, folder: Path, *, progress: Report) -> ScoreCounts:
        from eval.metrics.accuracy import score_benchmark
        from filters.answer_classes import equivalent_answers
        from records.files import write_json

        by_benchmark: dict[str, dict[Variant, Path]] = {}
        for one in self.measured:
            by_benchmark.setdefault(one.benchmark, {})[one.variant] = one.judged.path
        by_name = by_benchmark.items()
        scores = [score for name, paths in by_name for score in score_benchmark(name, paths, equivalent_answers)]
        write_json(folder / "scores.json", scores)
        return ScoreCounts(scores=len(scores))
