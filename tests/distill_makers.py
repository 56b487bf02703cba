"""Makers of small distillations on the CPU: pairs of tiny models with one tokenizer or two, and problems."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import ARCHITECTURE

from configs.prompt import Prompt
from configs.stages import DistillStage
from records.hashing import problem_id
from records.parquet import write_rows
from records.rows import Problem
from records.schemas import PROBLEM
from records.training_counts import TrainingCounts
from student.data.student_files import StudentOrigin
from student.data.teacher_files import TeacherOrigin
from student.methods.distill import train
from student.scratch.model import make_tokenizer, write_model

SETTINGS: dict[str, Any] = {
    "max_steps": 4,
    "learning_rate": 1e-2,
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 2,
    "max_completion_length": 12,
    "bf16": False,
    "save_steps": 2,
    "logging_steps": 1,
}
TEXTS = ["What is 12 + 34?", "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}"] * 4
OTHER_TEXTS = ["answer the following question", "the answer is following from the question"] * 4


def make_stage(settings: dict[str, Any] | None = None, **fields: Any) -> DistillStage:
    given = {"method": "distill", "max_length": 64, "dtype": "float32", "settings": SETTINGS | (settings or {})}
    return DistillStage.model_validate(given | fields)


def write_pair(folder: Path, vocab_size: int = 300, teacher_size: int = 300, other: bool = False) -> tuple[Path, Path]:
    """Write a student and a larger teacher. `other` gives the teacher a tokenizer of its own."""
    tokenizer = make_tokenizer(TEXTS, 280, 64)
    own = make_tokenizer(OTHER_TEXTS, 280, 64) if other else tokenizer
    student, teacher = folder / "student", folder / "teacher"
    write_model(student, ARCHITECTURE.model_copy(update={"vocab_size": vocab_size}), tokenizer, 0)
    larger = {"vocab_size": teacher_size, "hidden_size": 48, "initializer_range": 0.1}
    write_model(teacher, ARCHITECTURE.model_copy(update=larger), own, 1)
    return student, teacher


def write_problems(folder: Path, count: int = 10) -> Path:
    file = folder / "problems.parquet"
    prompts = [f"{at} + 1?" for at in range(count)]
    write_rows(file, [Problem(problem_id(one), one, "2", "math", "made") for one in prompts], PROBLEM)
    return file


def distil(
    folder: Path,
    pair: tuple[Path, Path],
    problems: Path,
    stage: DistillStage | None = None,
    progress: Callable[..., None] | None = None,
    **named: Any,
) -> TrainingCounts:
    folder.mkdir(exist_ok=True)
    student, teacher = pair
    return train(
        folder,
        stage or make_stage(),
        StudentOrigin(str(student)),
        TeacherOrigin(str(teacher), dtype="float32", server=(stage or make_stage()).served),
        problems,
        Prompt(),
        progress or (lambda *a, **k: None),
        device="cpu",
        **named,
    )
