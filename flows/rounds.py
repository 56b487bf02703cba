"""Ends the rounds of a training stage by what their checks found, which is read while a run is planned.

Nothing is known of the rounds before the first check is complete: the plan then has all of them, which are the most
that there will be. Each check that is complete may shorten it, so a run is planned anew after each.
"""

from dataclasses import dataclass

from configs.measuring import trained
from configs.rounds import Rounds
from eval.rounds import grew, kept_round
from flows.evaluation import Candidate, EvaluationPlan
from flows.stages.round_check import CheckRound
from flows.stages.score import Measured
from flows.stages.train import TrainStudent
from flows.weights import Weights
from records.artifact import is_complete
from records.rounds import RoundCheck, read_check


@dataclass(frozen=True)
class NamedWeights:
    """The model of the run that a round learned from: `base`, or a stage's name."""

    name: str
    weights: Weights


def check_of(
    rounds: Rounds, stage: str, number: int, model: TrainStudent, before: NamedWeights, measuring: EvaluationPlan
) -> CheckRound:
    """Return the check after a round: its model against the one that it learned from."""
    benchmark = rounds.benchmark or next(iter(measuring.benchmarks))
    return CheckRound(
        run_dir=model.run_dir,
        name=f"round-check-{model.training.name}",
        stage=stage,
        number=number,
        ours=measured(model, NamedWeights(model.training.name, Weights.of(model)), benchmark, measuring),
        before=measured(model, before, benchmark, measuring),
    )


def measured(model: TrainStudent, named: NamedWeights, benchmark: str, measuring: EvaluationPlan) -> Measured:
    """Return the stages that measure a model of the run, under the names that a whole evaluation gives them."""
    here = isinstance(named.weights.made_by, TrainStudent)
    candidate = Candidate(
        name=named.name,
        model=trained(model.student) if here else model.student,
        weights=named.weights,
        precisions=["full"],
        trained_here=here,
    )
    (loaded,) = measuring.loaded(candidate)
    return measuring.measured(loaded, benchmark)


def found(checks: list[CheckRound]) -> list[RoundCheck]:
    """Return what the checks of one stage found, up to the first that is not complete."""
    results = []
    for check in checks:
        if not is_complete(check.artifact):
            break
        results.append(read_check(check.path))
    return results


def stopped(checks: list[CheckRound]) -> bool:
    """Return True if the last round so far is known not to have grown."""
    results = found(checks)
    return len(results) == len(checks) and not grew(results[-1])


def kept(rounds: list[TrainStudent], checks: list[CheckRound]) -> TrainStudent:
    """Return what is kept: a round, or the stage before the first one. Of rounds that are not decided yet it is the
    last that there may be."""
    results, before = found(checks), checks[0].before.completions.weights.made_by
    if len(results) < len(checks):
        return rounds[-1]
    number = kept_round(results)
    if not number and isinstance(before, TrainStudent):
        return before
    return rounds[number - 1]
