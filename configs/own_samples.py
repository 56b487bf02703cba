"""Checks the samplings of earlier stages' models against the rest of a config."""

from collections.abc import Mapping, Sequence
from typing import Any

from configs.models import Student
from configs.sample_of import SampleOf
from configs.sampling import TeacherSampling
from configs.scorers import ModelScorer, selecting_scorer
from configs.selection import Selection
from configs.sources import ProblemSource
from configs.stages import TrainingStage


def check_samples(
    stages: Sequence[TrainingStage],
    student: Student,
    problems: Sequence[ProblemSource],
    sampling: TeacherSampling | None,
    selection: Selection,
    scorers: Mapping[str, Any],
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
                chosen = sampled.selection_by(selection)
                if sampled.selection:
                    check_chosen(chosen, scorers, [stage.name for stage in stages[:at]])
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None


def check_sample(given: SampleOf, sampling: TeacherSampling, student: Student, reasons: bool) -> None:
    """Errors: ValueError for traces that the context cannot hold, and a bound on reasoning without any."""
    if sampling.longest >= student.max_model_len:
        raise ValueError(f"max_tokens must leave room for the prompt: below {student.max_model_len}")
    bounded = given.thinking_tokens or any(chance.thinking_tokens for chance in given.second_chances)
    if bounded and not reasons:
        raise ValueError("thinking_tokens bounds reasoning, and this model answers without; remove it")


def check_chosen(selection: Selection, scorers: Mapping[str, Any], trained: Sequence[str]) -> None:
    """Errors: ValueError for a scorer that is none, that does not give what is asked of it, or that no stage `trained`
    before makes."""
    scorer = selecting_scorer(scorers, selection)
    if isinstance(scorer, ModelScorer) and scorer.origin is not None and scorer.origin not in trained:
        raise ValueError(
            f"selection.scorer: {selection.scorer} is trained by {scorer.origin}, and these traces are selected before "
            "that; move that stage in front of this one"
        )
