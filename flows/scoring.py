"""Plans the stages that score judged traces."""

from collections.abc import Mapping

from configs.schema import Config
from configs.scorers import ModelScorer, StepJudge
from flows.opinions import plan_replies
from flows.stages.judge import Judge
from flows.stages.score_traces import ScoreTraces
from flows.stages.step_questions import StepQuestions
from flows.weights import Weights, weights_of_scorer


def plan_scoring(
    config: Config, scorer_name: str, judged: Judge, stage: str, trained: Mapping[str, Weights]
) -> ScoreTraces:
    """Return the stage, under the name `stage`, in which a scorer of the config scores judged traces. `trained` holds
    the weights of the run's training stages that are planned."""
    scorer = config.scorers[scorer_name]
    replies = None
    if isinstance(scorer, StepJudge):
        questions = StepQuestions(run_dir=judged.run_dir, name=f"{stage}-questions", judged=judged, scorer=scorer)
        replies = plan_replies(config, f"{stage}-replies", judged, questions, scorer)
    return ScoreTraces(
        run_dir=judged.run_dir,
        name=stage,
        judged=judged,
        scorer_name=scorer_name,
        scorer=scorer,
        weights=weights_of_scorer(scorer, trained) if isinstance(scorer, ModelScorer) else None,
        replies=replies,
        distribution=config.distribution,
    )
