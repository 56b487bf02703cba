"""The stage that scores every model and precision on every benchmark, with paired differences."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.tolerance import Tolerance
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.cross_check import CrossCheckModel
from flows.stages.evaluate import SampleModel
from flows.stages.judge import Judge
from records.comparisons import StageStart
from records.counts import ScoreCounts
from records.rows import STRICT, Score, Variant

if TYPE_CHECKING:
    from eval.metrics.readings import Readings


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The completions of one model on one benchmark, and their verdicts."""

    benchmark: str
    variant: Variant
    completions: SampleModel
    judged: Judge
    extraction: str = STRICT
    """The rule by which the model is measured."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What transformers drew for some of the problems of what is measured, and the verdicts."""

    measured: Measured
    completions: CrossCheckModel
    judged: Judge


@dataclass(frozen=True, kw_only=True)
class ScoreModels(Stage):
    """Makes `scores.json`, `comparisons.json`, `runtimes.json` of what each model was sampled with, and `costs.json`,
    which differs between two runs because it tells speeds."""

    name: str = "score"
    version = "6"
    measured: tuple[Measured, ...]
    checked: tuple[Checked, ...] = ()
    tolerance: Tolerance = field(default_factory=Tolerance)
    mix_runtimes: bool = False
    started: tuple[StageStart, ...] = ()
    """From which model each training stage started; empty for a single stage."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*(one.judged for one in self.measured), *(one.judged for one in self.checked))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        measured = [[one.benchmark, one.variant.model, one.variant.precision, one.extraction] for one in self.measured]
        shown = {"mix_runtimes": self.mix_runtimes, "checked": len(self.checked)}
        started = [[one.stage, one.model, one.start] for one in self.started]
        tolerance = self.tolerance.model_dump(mode="json")
        return {"measured": measured, "tolerance": tolerance, "started": started, **shown}

    def build(self, folder: Path, *, progress: Report) -> ScoreCounts:
        from eval.metrics.accuracy import scores_of
        from eval.metrics.cross_check import check_scores
        from eval.metrics.judged import read_readings
        from eval.quantization import compare_all
        from eval.runtimes import label_runtimes, mixed_comparisons, runtime_rows
        from eval.stage_gains import stage_gains
        from filters.answer_classes import equivalent_answers
        from flows.costs import cost_of
        from records.files import write_json
        from records.runtime import read_runtimes

        scores: list[Score] = []
        rows: list[dict[str, Any]] = []
        read: dict[str, dict[Variant, Readings]] = {}
        for name, measured in self.by_benchmark().items():
            runtimes = {one.variant: read_runtimes(one.completions.path) for one in measured}
            mixed = mixed_comparisons(name, runtimes, self.mix_runtimes)
            read[name] = {one.variant: read_readings(one.judged.path, one.extraction) for one in measured}
            scores += label_runtimes(scores_of(name, read[name], equivalent_answers), runtimes, mixed)
            rows += runtime_rows(name, runtimes)
        for check in self.checked:
            one, runtimes = check.measured, {check.measured.variant: read_runtimes(check.completions.path)}
            found = check_scores(one.benchmark, one.variant, one.judged.path, check.judged.path)
            scores += label_runtimes(found, runtimes, {})
            rows += runtime_rows(one.benchmark, runtimes)
        costs = [cost_of(variant, stages) for variant, stages in self.sampled().items()]
        write_json(folder / "scores.json", scores)
        stages = stage_gains(read, self.started, self.tolerance.confidence)
        write_json(folder / "comparisons.json", replace(compare_all(read, costs, self.tolerance), stages=stages))
        write_json(folder / "runtimes.json", rows)
        write_json(folder / "costs.json", costs)
        return ScoreCounts(scores=len(scores))

    def by_benchmark(self) -> dict[str, list[Measured]]:
        found: dict[str, list[Measured]] = {}
        for one in self.measured:
            found.setdefault(one.benchmark, []).append(one)
        return found

    def sampled(self) -> dict[Variant, list[SampleModel]]:
        """Return the stages that sampled each variant, one for each benchmark."""
        stages: dict[Variant, list[SampleModel]] = {}
        for one in self.measured:
            stages.setdefault(one.variant, []).append(one.completions)
        return stages
