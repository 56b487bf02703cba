"""Makers of small trainings on the CPU."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from configs.training import Training
from records.dataset_row import unsampled_row
from records.parquet import write_rows
from records.schemas import DATASET
from records.training_counts import TrainingCounts
from student.data.mixing import Part
from student.data.student_files import StudentOrigin
from student.methods.sft import train

SETTINGS: dict[str, Any] = {
    "max_steps": 6,
    "learning_rate": 1e-2,
    "per_device_train_batch_size": 2,
    "bf16": False,
    "packing": False,
    "save_steps": 2,
    "logging_steps": 1,
}


def make_training(settings: dict[str, Any] | None = None, **fields: Any) -> Training:
    given = {"max_length": 128, "dtype": "float32", "settings": SETTINGS | (settings or {})}
    return Training.model_validate(given | fields)


def make_row(question: str, content: str, problem: str, sample_index: int = 0) -> dict[str, Any]:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": content}]
    return unsampled_row(messages, problem, "made", sample_index=sample_index)


def write_dataset(folder: Path, contents: list[str]) -> Path:
    """Write one row for each content, every one of a problem of its own."""
    folder.mkdir()
    rows = [make_row(f"{at}?", content, str(at)) for at, content in enumerate(contents)]
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder


def answers(count: int) -> list[str]:
    """Contents of different lengths."""
    return [
        "<think>\n" + f"{at} + 1 = {at + 1}\n" * (1 + at % 3) + f"</think>\n\n\\boxed{{{at + 1}}}"
        for at in range(count)
    ]


def fit(
    folder: Path,
    model: Path,
    parts: Path | list[Part],
    training: Training | None = None,
    progress: Callable[..., None] | None = None,
    **named: Any,
) -> TrainingCounts:
    folder.mkdir(exist_ok=True)
    given = [Part(parts)] if isinstance(parts, Path) else parts
    return train(
        folder,
        training or make_training(),
        StudentOrigin(str(model)),
        given,
        progress or (lambda *a, **k: None),
        **named,
    )
