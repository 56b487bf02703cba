"""Checks that a run has who makes its step labels."""

from collections.abc import Sequence

from configs.reward_data import RolloutSource
from configs.stage_checks import student_stages
from configs.stages import ProcessRewardStage, TrainingStage
from configs.teachers import FakeTeacher, Teacher, VllmTeacher


def check_rollouts(stages: Sequence[TrainingStage], teacher: Teacher) -> None:
    """Check that every source of rollouts names a model that can continue a text. Errors: ValueError."""
    for at, stage in enumerate(stages):
        for number, source in enumerate(stage.data if isinstance(stage, ProcessRewardStage) else []):
            if not isinstance(source, RolloutSource):
                continue
            place = f"training.{at}.data.{number}"
            earlier = [one.name for one in student_stages(stages[:at])]
            if source.model != "teacher" and source.model not in earlier:
                known = ", ".join(["teacher", *earlier])
                raise ValueError(
                    f"{place}.model: {source.model!r} is no earlier stage that writes; choose one of {known}"
                )
            if source.model == "teacher" and not isinstance(teacher, VllmTeacher | FakeTeacher):
                raise ValueError(
                    f"{place}.model: only a teacher of kind vllm can continue a text; name an earlier training stage"
                )
            if source.max_tokens is None and not teacher.sampled:
                raise ValueError(f"{place}.max_tokens: a recorded teacher has no sampling.max_tokens; set it")
