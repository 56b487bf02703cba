"""The stage that scores every model and precision on every benchmark, with paired differences."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.cross_check import CrossCheckModel
from flows.stages.evaluate import SampleModel
from flows.stages.judge import Judge
from records.counts import ScoreCounts
from records.rows import Score, Variant


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The completions of one model on one benchmark, and their verdicts."""

    benchmark: str
    variant: Variant
    completions: SampleModel
    judged: Judge


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What transformers drew for some of the problems of what is measured, and the verdicts."""

    measured: Measured
    completions: CrossCheckModel
    judged: Judge


@dataclass(frozen=True, kw_only=True)
class ScoreModels(Stage):
    """Makes `scores.json`, and `runtimes.json`: what each model was sampled with."""

    name: str = "score"
    version = "5"
    measured: tuple[Measured, ...]
    checked: tuple[Checked, ...] = ()
    mix_runtimes: bool = False

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*(one.judged for one in self.measured), *(one.judged for one in self.checked))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        measured = [[one.benchmark, one.variant.model, one.variant.precision] for one in self.measured]
        return {"measured": measured, "mix_runtimes": self.mix_runtimes, "checked": len(self.checked)}

    def build(self, folder: Path, *, progress: Report) -> ScoreCounts:
        from eval.metrics.accuracy import score_benchmark
        from eval.metrics.cross_check import check_scores
        from eval.runtimes import label_runtimes, mixed_comparisons, runtime_rows
        from filters.answer_classes import equivalent_answers
        from records.files import write_json
        from records.runtime import read_runtimes

        scores: list[Score] = []
        rows: list[dict[str, Any]] = []
        for name, measured in self.by_benchmark().items():
            runtimes = {one.variant: read_runtimes(one.completions.path) for one in measured}
            mixed = mixed_comparisons(name, runtimes, self.mix_runtimes)
            judged = {one.variant: one.judged.path for one in measured}
            scores += label_runtimes(score_benchmark(name, judged, equivalent_answers), runtimes, mixed)
            rows += runtime_rows(name, runtimes)
        for check in self.checked:
            one, runtimes = check.measured, {check.measured.variant: read_runtimes(check.completions.path)}
            found = check_scores(one.benchmark, one.variant, one.judged.path, check.judged.path)
            scores += label_runtimes(found, runtimes, {})
            rows += runtime_rows(one.benchmark, runtimes)
        write_json(folder / "scores.json", scores)
        write_json(folder / "runtimes.json", rows)
        return ScoreCounts(scores=len(scores))

    def by_benchmark(self) -> dict[str, list[Measured]]:
        found: dict[str, list[Measured]] = {}
        for one in self.measured:
            found.setdefault(one.benchmark, []).append(one)
        return found
