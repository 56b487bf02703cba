"""The stage that computes what test-time compute is worth to every model, on every benchmark."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.score import Measured
from flows.stages.score_traces import ScoreTraces
from records.counts import CurveCounts


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """Student and teacher on one benchmark."""

    student: Measured
    teacher: Measured


@dataclass(frozen=True, kw_only=True)
class Reranked:
    """A model's samples on one benchmark, and the scores by which one scorer chooses among them."""

    measured: Measured
    scored: ScoreTraces


@dataclass(frozen=True, kw_only=True)
class MeasureCurves(Stage):
    """Makes `curves.json`."""

    name: str = "curves"
    version = "2"
    sampled: tuple[Measured, ...] = ()
    """Models with several samples of each problem."""
    budgeted: tuple[Measured, ...] = ()
    """Models that answered under thinking budgets."""
    cascades: tuple[Cascade, ...] = ()
    reranked: tuple[Reranked, ...] = ()
    price: float | None = None
    """Price of one of the teacher's tokens, in tokens of the student."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        pairs = [one for cascade in self.cascades for one in (cascade.student, cascade.teacher)]
        judged = [one.judged for one in (*self.sampled, *self.budgeted, *pairs)]
        return (*judged, *(stage for one in self.reranked for stage in (one.measured.judged, one.scored)))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        return {
            "sampled": [told(one) for one in self.sampled],
            "budgeted": [told(one) for one in self.budgeted],
            "cascades": [[told(one.student), told(one.teacher)] for one in self.cascades],
            "reranked": [
                [*told(one.measured), one.scored.scorer_name, one.scored.scorer.aggregate] for one in self.reranked
            ],
            "price": self.price if self.cascades else None,
        }

    def build(self, folder: Path, *, progress: Report) -> CurveCounts:
        from eval.scaling.measured import cascade_of, curves_by_budget, curves_by_samples, curves_by_scorer
        from filters.answer_classes import equivalent_answers
        from records.files import CURVES, write_json

        curves = []
        for one in self.budgeted:
            curves += curves_by_budget(one.judged.path, one.benchmark, one.variant)
        for one in self.sampled:
            curves += curves_by_samples(one.judged.path, one.benchmark, one.variant, equivalent_answers)
        for chosen in self.reranked:
            measured, scored = chosen.measured, chosen.scored
            paths, name = (measured.judged.path, scored.path), scored.scorer_name
            place = measured.benchmark, measured.variant
            curves += curves_by_scorer(*paths, *place, name, scored.scorer.aggregate, equivalent_answers)
        for pair in self.cascades:
            sides = pair.student.judged.path, pair.teacher.judged.path
            variant = pair.student.variant
            curves += cascade_of(sides, pair.student.benchmark, variant, equivalent_answers, self.price)
        write_json(folder / CURVES, curves)
        return CurveCounts(curves=len(curves))


def told(one: Measured) -> list[str]:
    return [one.benchmark, one.variant.model, one.variant.precision]
