"""Finds the settings of every model that a run measures, and refuses those that cannot be measured or compared."""

import difflib
import re
from collections.abc import Sequence

from configs.evaluated_models import EvaluatedModel
from configs.evaluation import Evaluation
from configs.models import Model, Student
from configs.rounds import unrolled
from configs.stage_checks import student_stages
from configs.stages import TrainingStage
from configs.teachers import Teacher, VllmTeacher

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
BASE, STUDENT, TEACHER = "base", "student", "teacher"


def measured_models(
    evaluation: Evaluation, student: Student, teacher: Teacher, training: Sequence[TrainingStage]
) -> dict[str, Model]:
    """Return the models of `evaluation.models` by name, in the config's order.

    Errors: ValueError for a name that is none, a teacher without weights, weights that cannot be quantized for vLLM,
    and a context that `max_tokens` fills.
    """
    *earlier, last = [stage.name for stage in student_stages(training)]
    taken = {BASE, STUDENT, TEACHER, *earlier, *(stage.name for stage in unrolled(training))}
    found: dict[str, Model] = {}
    for name, entry in evaluation.models.items():
        place = f"evaluation.models.{name}"
        if name == last:
            raise ValueError(f"{place}: the last training stage makes the student; name it student")
        if entry.path is None and name in [stage.name for stage in training if not stage.makes_student]:
            raise ValueError(f"{place}: makes a reward model, which answers nothing; measure it with evaluation.rerank")
        if entry.path is None:
            found[name] = model_of_run(name, student, teacher, earlier)
        elif name in taken:
            raise ValueError(f"{place}: is a model of the run; remove its path, or choose another name")
        else:
            found[name] = entry.as_model(name, trained(student))
        check_measurable(place, found[name], entry, evaluation)
    if not evaluation.mix_runtimes:
        check_dtypes(found)
    return found


def model_of_run(name: str, student: Student, teacher: Teacher, stages: list[str]) -> Model:
    """Return the settings of a model that the run itself has. Errors: ValueError."""
    if name == TEACHER:
        if not isinstance(teacher, VllmTeacher):
            raise ValueError(
                "evaluation.models.teacher: only a teacher of kind vllm is measured, because the kernels and the dtype "
                "of others are not known here; remove it, or give its weights another name with their path"
            )
        return teacher
    if name == BASE:
        return student
    if name == STUDENT or name in stages:
        return trained(student)
    known = [BASE, STUDENT, TEACHER, *stages]
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    raise ValueError(
        f"evaluation.models.{name}: no such model; {guess}known: {', '.join(known)}; any other needs a path"
    )


def trained(student: Student) -> Student:
    """Return the settings of the student once it is trained: its base may not reason."""
    return student.model_copy(update={"thinks": student.thinks_once_trained})


def check_dtypes(models: dict[str, Model]) -> None:
    """Check that all models compute in one dtype, as far as their settings tell. Errors: ValueError."""
    named = {name: model.dtype for name, model in models.items() if model.dtype != "auto"}
    for name, dtype in named.items():
        first = next(iter(named))
        if dtype != named[first]:
            raise ValueError(
                f"evaluation.models.{name}: computes in {dtype} and {first} in {named[first]}, so that they cannot be "
                "compared; give both one dtype, or set evaluation.mix_runtimes=true"
            )


def check_measurable(place: str, model: Model, entry: EvaluatedModel, evaluation: Evaluation) -> None:
    """Check one model. Errors: ValueError."""
    if not re.fullmatch(NAME, place.removeprefix("evaluation.models.")):
        raise ValueError(f"{place}: names artifacts; use letters, digits, '.', '_' and '-'")
    if evaluation.max_tokens >= model.max_model_len:
        raise ValueError(
            f"evaluation.max_tokens must leave room for the prompt: below {model.max_model_len}, the max_model_len of "
            f"{place.removeprefix('evaluation.models.')}"
        )
    if not entry.quantized:
        return
    listed = ", ".join(entry.quantized)
    if model.engine.tensor_parallel_size > 1:
        raise ValueError(
            f"{place}: vLLM runs quantized weights on one GPU only; set engine.tensor_parallel_size=1 for "
            f"this model, or remove {listed}"
        )
    if model.dtype == "float32" and not evaluation.mix_runtimes:
        raise ValueError(
            f"{place}: {listed} computes in 16 bits and would be compared with float32; set the model's dtype to "
            f"bfloat16, remove {listed}, or set evaluation.mix_runtimes=true"
        )
