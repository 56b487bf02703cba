"""Makers of small trainings by rewards on the CPU. Ranks import them by name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from conftest import make_problem

from configs.models import Student
from configs.stages import GrpoStage
from records.parquet import as_dict, write_rows
from records.prompts import PROMPTS, PROMPTS_FILE
from records.rows import Trace, Verdict
from records.training_counts import TrainingCounts
from student.data.student_files import StudentOrigin
from student.methods.grpo import train
from student.methods.reward_queue import Judge, Judging

SETTINGS: dict[str, Any] = {
    "max_steps": 4,
    "learning_rate": 1e-2,
    "per_device_train_batch_size": 4,
    "num_generations": 4,
    "generation_batch_size": 8,
    "max_completion_length": 8,
    "bf16": False,
    "save_steps": 1,
    "logging_steps": 1,
}
"""A step is trained on four completions of one problem; eight, of two problems, are drawn at a time."""
STUDENT = Student(name="small", path="small", dtype="float32")


def make_grpo(settings: dict[str, Any] | None = None, **fields: Any) -> GrpoStage:
    given = {"method": "grpo", "max_length": 64, "dtype": "float32", "settings": SETTINGS | (settings or {})}
    return GrpoStage.model_validate(given | {"rewards": {"language": 0}} | fields)


def write_prompts(folder: Path, count: int, rates: list[float | None] | None = None) -> Path:
    folder.mkdir()
    problems = [make_problem(f"What is {at} + 1?", str(at + 1)) for at in range(count)]
    rows = [as_dict(one) | {"pass_rate": rates[at] if rates else None} for at, one in enumerate(problems)]
    write_rows(folder / PROMPTS_FILE, rows, PROMPTS)
    return folder


def by_length(trace: Trace) -> str:
    """Return the outcome of a made-up verifier: random weights solve no problem, but their lengths differ."""
    return "pass" if len(trace.answer + trace.reasoning) % 2 else "fail"


@contextmanager
def judging_by(outcome: Callable[[Trace], str]) -> Iterator[Judge]:
    def judge(traces: list[Trace]) -> list[list[Verdict]]:
        return [
            [Verdict("answer_format", "1", "pass"), Verdict(trace.verifier, "1", outcome(trace))] for trace in traces
        ]

    yield judge


BY_LENGTH: Judging = partial(judging_by, by_length)


def reward(
    folder: Path,
    model: Path,
    prompts: Path,
    config: GrpoStage | None = None,
    progress: Callable[..., None] | None = None,
    judging: Judging = BY_LENGTH,
    **named: Any,
) -> TrainingCounts:
    folder.mkdir(exist_ok=True)
    return train(
        folder,
        config or make_grpo(),
        StudentOrigin(str(model)),
        prompts,
        named.pop("student", STUDENT),
        judging,
        progress or (lambda *a, **k: None),
        **named,
    )
