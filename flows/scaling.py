"""Plans what a run says of test-time compute: curves over samples and thinking tokens, searches, and cascades."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from configs.schema import Config
from flows.searched import plan_comparisons, scores_of
from flows.stages.budgets import SampleBudgets
from flows.stages.curves import Cascade, MeasureCurves, Reranked
from flows.stages.judge import Judge
from flows.stages.score import Measured
from flows.weights import Weights
from records.rows import Variant

STUDENT, TEACHER = Variant("student", "full"), Variant("teacher", "full")


def plan_curves(config: Config, measured: Sequence[Measured], trained: Mapping[str, Weights]) -> MeasureCurves | None:
    """Plan the curves of all models that were measured; None if there is nothing to draw one from. `trained` holds the
    weights of the run's training stages, of which some make scorers."""
    if config.evaluation is None:
        return None
    budgets = config.evaluation.budgets
    sampled = [one for one in measured if one.completions.evaluation.n > 1]
    thinking = [
        one for one in measured if budgets.on and one.completions.model.thinks and one.variant.precision == "full"
    ]
    by_place = {(one.benchmark, one.variant): one for one in measured}
    cascades = [
        Cascade(student=one, teacher=by_place[one.benchmark, TEACHER])
        for one in measured
        if one.variant == STUDENT and (one.benchmark, TEACHER) in by_place
    ]
    if not (sampled or thinking or cascades):
        return None
    return MeasureCurves(
        run_dir=measured[0].completions.run_dir,
        sampled=tuple(sampled),
        budgeted=tuple(under_budgets(one, config) for one in thinking),
        cascades=tuple(cascades),
        reranked=tuple(rerankings(config, sampled, trained)),
        compared=tuple(plan_comparisons(config, sampled, trained)),
        price=budgets.teacher_price,
    )


def rerankings(config: Config, sampled: Sequence[Measured], trained: Mapping[str, Weights]) -> Iterator[Reranked]:
    """Plan the scores of every reranker for every model that has several samples of each problem."""
    for name in config.evaluation.rerank if config.evaluation else ():
        for one in sampled:
            yield Reranked(measured=one, scored=scores_of(config, name, one, trained))


def under_budgets(one: Measured, config: Config) -> Measured:
    """Plan the answers of a model's stored draws under the config's budgets, and their judging."""
    assert config.evaluation is not None, "checked by the caller"
    stored = one.completions
    label = f"{one.benchmark}-{one.variant.model}-{one.variant.precision}"
    answers = SampleBudgets(
        run_dir=stored.run_dir,
        name=f"budgets-{label}",
        stored=stored,
        budgets=config.evaluation.budgets,
        distribution=stored.distribution,
    )
    judged: Judge = replace(one.judged, name=f"budgets-judge-{label}", traces=answers)
    return replace(one, judged=judged)
