"""The stage that computes what test-time compute is worth to every model, on every benchmark."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.judge import Judge
from flows.stages.score import Measured
from flows.stages.score_traces import ScoreTraces
from records.counts import CurveCounts

if TYPE_CHECKING:
    from eval.scaling.curve import Curve


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
class Searched:
    """One search of each problem, judged."""

    name: str
    judged: Judge


@dataclass(frozen=True, kw_only=True)
class SearchComparison:
    """Searches by one scorer, and a model's samples of the same problems with the scores of the same scorer."""

    measured: Measured
    scored: ScoreTraces
    aggregate: str
    """What stands for the steps of a trace, in the searches and in choosing among the samples."""
    searches: tuple[Searched, ...]


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
    compared: tuple[SearchComparison, ...] = ()
    price: float | None = None
    """Price of one of the teacher's tokens, in tokens of the student."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        pairs = [one for cascade in self.cascades for one in (cascade.student, cascade.teacher)]
        judged = [one.judged for one in (*self.sampled, *self.budgeted, *pairs)]
        chosen = [stage for one in self.reranked for stage in (one.measured.judged, one.scored)]
        return (*judged, *chosen, *(stage for one in self.compared for stage in read_by(one)))

    @property
    def scored(self) -> list[tuple[Path, Path]]:
        """The judged artifacts with the scores of their traces."""
        chosen: list[Reranked | SearchComparison] = [*self.reranked, *self.compared]
        return [(one.measured.judged.path, one.scored.path) for one in chosen]

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
            "compared": [
                [*told(one.measured), one.scored.scorer_name, one.aggregate, [found.name for found in one.searches]]
                for one in self.compared
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
        for comparison in self.compared:
            curves += curves_of(comparison)
        for pair in self.cascades:
            sides = pair.student.judged.path, pair.teacher.judged.path
            variant = pair.student.variant
            curves += cascade_of(sides, pair.student.benchmark, variant, equivalent_answers, self.price)
        write_json(folder / CURVES, curves)
        return CurveCounts(curves=len(curves))


def told(one: Measured) -> list[str]:
    return [one.benchmark, one.variant.model, one.variant.precision]


def read_by(one: SearchComparison) -> tuple[Stage, ...]:
    return (one.measured.judged, one.scored, *(found.judged for found in one.searches))


def curves_of(one: SearchComparison) -> list["Curve"]:
    from eval.scaling.measured import curves_by_search
    from filters.answer_classes import equivalent_answers

    return curves_by_search(
        one.measured.judged.path,
        one.scored.path,
        {found.name: found.judged.path for found in one.searches},
        one.measured.benchmark,
        one.measured.variant,
        scorer=one.scored.scorer_name,
        aggregate=one.aggregate,
        equivalent=equivalent_answers,
    )
