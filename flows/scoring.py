"""Plans the stages that score judged traces."""

from collections.abc import Mapping

from configs.schema import Config
from configs.scorers import ModelScorer
from flows.stages.judge import Judge
from flows.stages.score_traces import ScoreTraces
from flows.weights import Weights


def plan_scoring(
    config: Config, scorer_name: str, judged: Judge, stage: str, trained: Mapping[str, Weights]
) -> ScoreTraces:
    """Return the stage, under the name `stage`, in which a scorer of the config scores judged traces. `trained` holds
    the weights of the run's training stages that are planned."""
    scorer = config.scorers[scorer_name]
    return ScoreTraces(
        run_dir=judged.run_dir,
        name=stage,
        judged=judged,
        scorer_name=scorer_name,
        scorer=scorer,
        weights=weights_of(scorer, trained) if isinstance(scorer, ModelScorer) else None,
        distribution=config.distribution,
    )


def weights_of(scorer: ModelScorer, trained: Mapping[str, Weights]) -> Weights:
    if scorer.origin is not None:
        return trained[scorer.origin]
    return Weights(str(scorer.path), scorer.revision)
