"""Plans what LLM judges are asked: a run's second opinion, and the replies of judges of steps."""

from configs.llm_judge import SecondOpinion as SecondOpinionSettings
from configs.schema import Config
from configs.scorers import StepJudge
from configs.teachers import VllmTeacher
from flows.plan import Stage
from flows.stages.judge import Judge
from flows.stages.opinion_questions import OpinionQuestions
from flows.stages.sample import SampleTeacher
from flows.stages.second_opinion import SecondOpinion
from flows.weights import Weights


def plan_second_opinion(config: Config, judged: Judge) -> SecondOpinion | None:
    """Return the stage of the verdicts, with those that it needs; None if no judge is asked."""
    wanted = config.second_opinion
    if wanted is None:
        return None
    questions = OpinionQuestions(run_dir=judged.run_dir, judged=judged, second_opinion=wanted)
    replies = plan_replies(config, "opinion-replies", judged, questions, wanted)
    return SecondOpinion(run_dir=judged.run_dir, questions=questions, replies=replies, second_opinion=wanted)


def plan_replies(
    config: Config, stage: str, judged: Judge, questions: Stage, asked: SecondOpinionSettings | StepJudge
) -> SampleTeacher:
    """Return the stage, under the name `stage`, that draws a judge's replies. The judge is sampled as a teacher is,
    with the questions for problems: journaled, resumed, shared among workers and counted."""
    judge = asked.judge
    return SampleTeacher(
        run_dir=judged.run_dir,
        name=stage,
        teacher=judge,
        weights=Weights(str(judge.path), judge.revision) if isinstance(judge, VllmTeacher) else None,
        problems=questions,
        sampling=asked.sampling.settings,
        rules=judged.rules,
        distribution=config.distribution,
    )
