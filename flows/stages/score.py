"""The stage that scores every model and precision on every benchmark, with paired differences."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from configs.tolerance import Tolerance
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.evaluate import SampleModel
from flows.stages.judge import Judge
from records.counts import ScoreCounts
from records.rows import STRICT, Variant


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The judged completions of one model on one benchmark."""

    benchmark: str
    variant: Variant
    judged: Judge
    extraction: str = STRICT
    """The rule by which the model is measured."""


@dataclass(frozen=True, kw_only=True)
class ScoreModels(Stage):
    """Makes `scores.json`, `comparisons.json` and `costs.json`, which differs between two runs: it tells speeds."""

    name: str = "score"
    version = "5"
    measured: tuple[Measured, ...]
    tolerance: Tolerance = field(default_factory=Tolerance)

    @property
    def needs(self) -> tuple[Stage, ...]:
        return tuple(one.judged for one in self.measured)

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        measured = [[one.benchmark, one.variant.model, one.variant.precision, one.extraction] for one in self.measured]
        return {"measured": measured, "tolerance": self.tolerance.model_dump(mode="json")}

    def build(self, folder: Path, *, progress: Report) -> ScoreCounts:
        from eval.metrics.accuracy import scores_of
        from eval.metrics.judged import read_readings
        from eval.metrics.readings import Readings
        from eval.quantization import compare_all
        from filters.answer_classes import equivalent_answers
        from flows.costs import cost_of
        from records.files import write_json

        read: dict[str, dict[Variant, Readings]] = {}
        for one in self.measured:
            read.setdefault(one.benchmark, {})[one.variant] = read_readings(one.judged.path, one.extraction)
        scores = [score for name, models in read.items() for score in scores_of(name, models, equivalent_answers)]
        costs = [cost_of(variant, stages) for variant, stages in self.sampled().items()]
        write_json(folder / "scores.json", scores)
        write_json(folder / "comparisons.json", compare_all(read, costs, self.tolerance))
        write_json(folder / "costs.json", costs)
        return ScoreCounts(scores=len(scores))

    def sampled(self) -> dict[Variant, list[SampleModel]]:
        """Return the stages that sampled each variant, one for each benchmark."""
        stages: dict[Variant, list[SampleModel]] = {}
        for one in self.measured:
            if isinstance(one.judged.traces, SampleModel):
                stages.setdefault(one.variant, []).append(one.judged.traces)
        return stages
