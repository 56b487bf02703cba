"""Checks the prompts of an on-policy distillation, and that its teacher has the student's vocabulary, before any model
is loaded."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from configs.prompt import Prompt
from configs.stages import DistillStage
from records.errors import InputError
from records.parquet import count_rows, read_problems
from records.preflight import Preflight
from student.data.asked import PromptRenderer
from student.data.prompt_preflight import preflight_prompts
from student.data.reasoning import Reasoning
from student.data.student_files import StudentOrigin
from student.data.teacher_files import TeacherOrigin, check_teaches


def run_distill_preflight(
    problems: Path,
    student: StudentOrigin,
    prompt: Prompt,
    reasoning: Reasoning,
    training: DistillStage,
    longest: int,
    teacher: TeacherOrigin,
    progress: Callable[[int, int], None],
) -> Preflight:
    """Render every prompt, of at most `longest` tokens, and check the student's tokens and the teacher's vocabulary.

    `problems` is a file with the columns of `records.schemas.PROBLEM`. Errors: InputError if no prompt can be rendered
    at all.
    """
    renderer = PromptRenderer(student.tokenizer(), prompt, reasoning, longest)
    refusals = refusals_of_teacher(renderer.tokenizer, training, teacher)
    count, limit = count_rows(problems), training.prompts.limit
    asked = islice(read_problems(problems), limit)
    return preflight_prompts(asked, min(count, limit or count), student, renderer, training, progress, refusals)


def refusals_of_teacher(tokenizer: Any, training: DistillStage, teacher: TeacherOrigin) -> list[str]:
    try:
        check_teaches(teacher, tokenizer, training)
    except InputError as error:
        return [str(error)]
    return []
