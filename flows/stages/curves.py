"""The stage that computes what test-time compute is worth to every model, on every benchmark."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.score import Measured
from records.counts import CurveCounts


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """Student and teacher on one benchmark."""

    student: Measured
    teacher: Measured


@dataclass(frozen=True, kw_only=True)
class MeasureCurves(Stage):
    """Makes `curves.json`."""

    name: str = "curves"
    version = "1"
    sampled: tuple[Measured, ...] = ()
    """Models with several samples of each problem."""
    budgeted: tuple[Measured, ...] = ()
    """Models that answered under thinking budgets."""
    cascades: tuple[Cascade, ...] = ()
    price: float | None = None
    """Price of one of the teacher's tokens, in tokens of the student."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        pairs = [one for cascade in self.cascades for one in (cascade.student, cascade.teacher)]
        return tuple(one.judged for one in (*self.sampled, *self.budgeted, *pairs))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("scipy.stats",)

    def settings(self) -> dict[str, Any]:
        return {
            "sampled": [told(one) for one in self.sampled],
            "budgeted": [told(one) for one in self.budgeted],
            "cascades": [[told(one.student), told(one.teacher)] for one in self.cascades],
            "price": self.price if self.cascades else None,
        }

    def build(self, folder: Path, *, progress: Report) -> CurveCounts:
        from eval.scaling.measured import cascade_of, curves_by_budget, curves_by_samples
        from filters.answer_classes import equivalent_answers
        from records.files import CURVES, write_json

        curves = []
        for one in self.budgeted:
            curves += curves_by_budget(one.judged.path, one.benchmark, one.variant)
        for one in self.sampled:
            curves += curves_by_samples(one.judged.path, one.benchmark, one.variant, equivalent_answers)
        for pair in self.cascades:
            sides = pair.student.judged.path, pair.teacher.judged.path
            variant = pair.student.variant
            curves += cascade_of(sides, pair.student.benchmark, variant, equivalent_answers, self.price)
        write_json(folder / CURVES, curves)
        return CurveCounts(curves=len(curves))


def told(one: Measured) -> list[str]:
    return [one.benchmark, one.variant.model, one.variant.precision]
