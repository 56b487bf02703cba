"""Plans the second opinion of a run: the questions, the judge's replies, and its verdicts."""

from configs.schema import Config
from configs.teachers import VllmTeacher
from flows.stages.judge import Judge
from flows.stages.opinion_questions import OpinionQuestions
from flows.stages.sample import SampleTeacher
from flows.stages.second_opinion import SecondOpinion
from flows.weights import Weights


def plan_second_opinion(config: Config, judged: Judge) -> SecondOpinion | None:
    """Return the stage of the verdicts, with those that it needs; None if no judge is asked. The judge is sampled as a
    teacher is, with the questions for problems: journaled, resumed, shared among workers and counted."""
    wanted = config.second_opinion
    if wanted is None:
        return None
    judge = wanted.judge
    questions = OpinionQuestions(run_dir=judged.run_dir, judged=judged, second_opinion=wanted)
    replies = SampleTeacher(
        run_dir=judged.run_dir,
        name="opinion-replies",
        teacher=judge,
        weights=Weights(str(judge.path), judge.revision) if isinstance(judge, VllmTeacher) else None,
        problems=questions,
        sampling=wanted.sampling.settings,
        rules=judged.rules,
        distribution=config.distribution,
    )
    return SecondOpinion(run_dir=judged.run_dir, questions=questions, replies=replies, second_opinion=wanted)
