"""Checks the samplings of earlier stages' models against the rest of a config."""

from collections.abc import Sequence

from configs.models import Student
from configs.sample_of import SampleOf
from configs.sampling import TeacherSampling
from configs.selection import Selection
from configs.sources import ProblemSource
from configs.stages import TrainingStage


def check_samples(
    stages: Sequence[TrainingStage],
    student: Student,
    problems: Sequence[ProblemSource],
    sampling: TeacherSampling | None,
    selection: Selection,
) -> None:
    """Check every sampling of a stage's model. Errors: ValueError."""
    for at, stage in enumerate(stages):
        for key, sampled in stage.samplings.items():
            place = f"training.{at}.{key}"
            if not (sampled.problems or problems):
                raise ValueError(
                    f"{place}: a recorded teacher's problems are not asked again; give {place}.problems, the problems "
                    "to sample"
                )
            of_base = sampled.sample == "base" or (sampled.sample == "previous" and at == 0)
            reasons = student.thinks if of_base and not stage.rounds else student.thinks_once_trained
            try:
                check_sample(sampled, sampled.sampling_by(sampling), student, reasons)
                sampled.selection_by(selection)
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None


def check_sample(given: SampleOf, sampling: TeacherSampling, student: Student, reasons: bool) -> None:
    """Errors: ValueError for traces that the context cannot hold, and a bound on reasoning without any."""
    if sampling.longest >= student.max_model_len:
        raise ValueError(f"max_tokens must leave room for the prompt: below {student.max_model_len}")
    bounded = given.thinking_tokens or any(chance.thinking_tokens for chance in given.second_chances)
    if bounded and not reasons:
        raise ValueError("thinking_tokens bounds reasoning, and this model answers without; remove it")
