"""The trainings that `bench.training_faults` kills: small random models on the CPU."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.fault_inputs import ROWS
from configs.launch import Shard
from configs.models import Student
from configs.prompt import Prompt
from configs.stages import DistillStage, GrpoStage, ProcessRewardStage, RewardModelStage, RewardStage
from configs.training import Training
from records.rows import Trace, Verdict

EPOCHS = 2
BEGUN = "begun"
UNSTEADY = {"max_length": 128, "dtype": "float32", "held_out": 4, "lora": {"r": 4, "lora_dropout": 0.1}}
"""Dropout and held-out rows use random numbers too, which must not move the others."""


def make_training(packing: bool) -> Training:
    settings = {
        "num_train_epochs": EPOCHS,
        "learning_rate": 1e-2,
        "per_device_train_batch_size": 1 if packing else 2,
        "gradient_accumulation_steps": 2,
        "bf16": False,
        "packing": packing,
        "save_steps": 3,
        "logging_steps": 1,
    }
    return Training.model_validate({"max_length": 128, "dtype": "float32", "settings": settings})


def make_rewarded() -> GrpoStage:
    settings = {
        "num_train_epochs": EPOCHS,
        "learning_rate": 1e-2,
        "per_device_train_batch_size": 8,
        "num_generations": 4,
        "generation_batch_size": 16,
        "max_completion_length": 16,
        "bf16": False,
        "eval_steps": 4,
        "save_steps": 3,
        "logging_steps": 1,
    }
    rewards = {"format": 0, "language": 0}
    given = {"method": "grpo", "max_length": 64, "dtype": "float32", "held_out": 4, "rewards": rewards}
    return GrpoStage.model_validate(given | {"settings": settings})


def make_distillation(align: str = "same") -> DistillStage:
    settings = {
        **{name: value for name, value in make_training(False).settings.items() if name != "packing"},
        "max_completion_length": 24,
        "eval_steps": 4,
    }
    return DistillStage.model_validate({"method": "distill", "align": align, "settings": settings} | UNSTEADY)


def make_stored() -> DistillStage:
    settings = {**make_training(True).settings, "eval_steps": 4}
    given = {"method": "distill", "source": "stored", "nll_weight": 0.3, "settings": settings}
    return DistillStage.model_validate(given | UNSTEADY)


def reward_fields() -> dict[str, Any]:
    """Return what both reward models are trained with."""
    settings = {**make_distillation().settings, "max_steps": 2 * ROWS // 4}
    settings = {
        name: value for name, value in settings.items() if name not in ("max_completion_length", "num_train_epochs")
    }
    return {"settings": settings} | UNSTEADY


def make_reward() -> RewardStage:
    return RewardStage.model_validate({"method": "reward"} | reward_fields())


def make_process_reward() -> ProcessRewardStage:
    data = [{"path": "made.jsonl", "form": "mr_gsm8k"}]  # what a run would import; here it is made
    return ProcessRewardStage.model_validate({"method": "process_reward", "data": data} | reward_fields())


@contextmanager
def by_length() -> Iterator[Callable[[list[Trace]], list[list[Verdict]]]]:
    """Yield a judge that accepts completions of even length."""

    def judge(traces: list[Trace]) -> list[list[Verdict]]:
        outcomes = ["fail" if len(trace.answer + trace.reasoning) % 2 else "pass" for trace in traces]
        return [[Verdict(trace.verifier, "1", outcome)] for trace, outcome in zip(traces, outcomes, strict=True)]

    yield judge


def train_in(inputs: Path, folder: Path, training: Training, shard: Shard = "none", progress: Any = None) -> None:
    """Train in this process, or as one rank of several, silently, once it is said that all is imported."""
    train = trainer_of(inputs, training, shard)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    (folder / BEGUN / str(os.getpid())).touch()
    train(folder)


def trainer_of(inputs: Path, training: Training, shard: Shard) -> Callable[[Path], object]:
    """Return what trains in a folder. It imports one method alone: importing all of them takes longer than the
    training."""
    from student.data.mixing import Part
    from student.data.student_files import StudentOrigin

    origin = StudentOrigin(str(inputs / "model"))
    where: dict[str, Any] = {"device": "cpu", "shard": shard}
    if isinstance(training, GrpoStage):
        from student.methods.grpo import train as train_by_rewards

        student, prompts = Student(name="small", path="small", dtype="float32"), inputs / "prompts"
        return lambda folder: train_by_rewards(folder, training, origin, prompts, student, by_length, ignore, **where)
    if isinstance(training, DistillStage) and training.source == "on_policy":
        from student.data.teacher_files import TeacherOrigin
        from student.methods.distill import train as distil

        name, problems = "teacher" if training.align == "same" else "teacher-gold", inputs / "problems.parquet"
        teacher = TeacherOrigin(str(inputs / name), dtype="float32")
        return lambda folder: distil(folder, training, origin, teacher, problems, Prompt(), ignore, **where)
    if isinstance(training, RewardModelStage):
        from student.methods.reward import train as train_reward

        rows = [inputs / ("pairs" if isinstance(training, RewardStage) else "labels")]
        return lambda folder: train_reward(folder, training, origin, rows, ignore, device="cpu")
    from student.methods.sft import train

    data = "data"
    if isinstance(training, DistillStage):
        data, where = "stored", where | {"nll_weight": training.nll_weight}
    return lambda folder: train(folder, training, origin, [Part(inputs / data)], ignore, **where)


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


KINDS: dict[str, Callable[[], Training]] = {
    "unpacked": partial(make_training, False),
    "packed": partial(make_training, True),
    "rewarded": make_rewarded,
    "distilled": make_distillation,
    "gold": partial(make_distillation, "gold"),
    "stored": make_stored,
    "reward": make_reward,
    "process reward": make_process_reward,
}
"""Functions that return what is trained, by name."""
METHODS = {
    "sft": ("unpacked", "packed"),
    "grpo": ("rewarded",),
    "distill": ("distilled",),
    "gold": ("gold",),
    "stored": ("stored",),
    "reward": ("reward", "process reward"),
}
"""Kinds of training, by what `--method` calls them."""
