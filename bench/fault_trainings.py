"""The trainings that `bench.training_faults` kills: small random models on the CPU, with what they are trained on."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from configs.launch import Shard
from configs.models import Student
from configs.prompt import Prompt
from configs.scratch import Architecture
from configs.stages import DistillStage, GrpoStage, ProcessRewardStage, RewardModelStage, RewardStage
from configs.training import Training
from records.dataset_row import unsampled_row
from records.hashing import problem_id
from records.parquet import as_dict, write_rows
from records.prompts import PROMPTS, PROMPTS_FILE
from records.replies import PAIR, PAIRS, REPLIES, REPLY, Pair, Reply
from records.rows import MATH, Problem, Trace, Verdict
from records.schemas import DATASET, PROBLEM
from records.step_labels import IMPORTED, SOLUTION
from records.thinking import CLOSE, OPEN

ROWS, EPOCHS = 40, 2
BEGUN = "begun"
ARCHITECTURE = Architecture(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=1,
    num_attention_heads=2,
    num_key_value_heads=1,
    head_dim=16,
    vocab_size=300,
)


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
    """Dropout and held-out draws use random numbers too, which must not move the others."""
    settings = {
        **{name: value for name, value in make_training(False).settings.items() if name != "packing"},
        "max_completion_length": 24,
        "eval_steps": 4,
    }
    fields = {"max_length": 128, "dtype": "float32", "held_out": 4, "lora": {"r": 4, "lora_dropout": 0.1}}
    return DistillStage.model_validate({"method": "distill", "align": align, "settings": settings} | fields)


def reward_fields() -> dict[str, Any]:
    """Return what both reward models are trained with. Dropout and held-out rows use random numbers too."""
    settings = {**make_distillation().settings, "max_steps": 2 * ROWS // 4}
    settings = {
        name: value for name, value in settings.items() if name not in ("max_completion_length", "num_train_epochs")
    }
    lora = {"r": 4, "lora_dropout": 0.1}
    return {"max_length": 128, "dtype": "float32", "held_out": 4, "lora": lora, "settings": settings}


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


def make_inputs(folder: Path) -> None:
    """Write an untrained model, a teacher with its tokenizer, one with another, a dataset, problems, and prompts."""
    from student.scratch.model import make_model

    draws = random.Random(0)
    contents = [f"{OPEN}\n" + "1 + 1 = 2\n" * draws.randint(1, 4) + f"{CLOSE}\n\n\\boxed{{2}}" for _ in range(ROWS)]
    make_model(folder / "model", ARCHITECTURE, contents, seed=0)
    make_model(folder / "teacher", ARCHITECTURE.model_copy(update={"hidden_size": 48}), contents, seed=1)
    other = ARCHITECTURE.model_copy(update={"hidden_size": 48, "vocab_size": 280})
    make_model(folder / "teacher-gold", other, contents, seed=2)
    asked_of_both = [Problem(f"problem{at}", f"{at}?", "2", "math", "made") for at in range(ROWS)]
    write_rows(folder / "problems.parquet", asked_of_both, PROBLEM)
    (folder / "data").mkdir()
    rows = [
        unsampled_row(
            [{"role": "user", "content": f"{at}?"}, {"role": "assistant", "content": content}], f"problem{at}", "made"
        )
        for at, content in enumerate(contents)
    ]
    write_rows(folder / "data" / "train.parquet", rows, DATASET)
    (folder / "prompts").mkdir()
    questions = [f"What is {at} + 1?" for at in range(ROWS)]
    problems = [Problem(problem_id(question), question, "1", MATH, "made") for question in questions]
    asked = [as_dict(problem) | {"pass_rate": None} for problem in problems]
    write_rows(folder / "prompts" / PROMPTS_FILE, asked, PROMPTS)

    make_reward_inputs(folder)


def make_reward_inputs(folder: Path) -> None:
    """Write an accepted and a rejected reply to each question, and solutions of which every second one goes wrong."""
    (folder / "pairs").mkdir()
    replies = [
        Reply("made", f"problem{at // 2}", 0, at % 2, f"{at // 2}?", "1 + 1\n" * (1 + at % 5), said, True, said == "2")
        for at, said in enumerate(["2", "3"] * ROWS)
    ]
    write_rows(folder / "pairs" / REPLIES, replies, REPLY)
    write_rows(folder / "pairs" / PAIRS, (Pair(2 * at, 2 * at + 1) for at in range(ROWS)), PAIR)
    (folder / "labels").mkdir()
    solutions = [
        {
            "source": "made",
            "problem_id": f"problem{at}",
            "attempt": 0,
            "sample_index": at,
            "prompt": f"{at}?",
            "steps": ["1 + 1 = 2.\n", f"1 + 1 = {2 + at % 2}.\n"],
            "labels": [1.0, float(at % 2 == 0)],
        }
        for at in range(ROWS)
    ]
    write_rows(folder / "labels" / IMPORTED, solutions, SOLUTION)


def train_in(inputs: Path, folder: Path, training: Training, shard: Shard = "none", progress: Any = None) -> None:
    """Train in this process, or as one rank of several, silently, once it is said that all is imported."""
    train = trainer_of(inputs, training, shard)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    (folder / BEGUN / str(os.getpid())).touch()
    train(folder)


def trainer_of(inputs: Path, training: Training, shard: Shard) -> Callable[[Path], object]:
    """Return what trains in a folder. It imports one method alone: TRL's trainer of GRPO imports vLLM, which takes
    longer than the training."""
    from student.data.mixing import Part
    from student.data.student_files import StudentOrigin

    origin = StudentOrigin(str(inputs / "model"))
    where: dict[str, Any] = {"device": "cpu", "shard": shard}
    if isinstance(training, GrpoStage):
        from student.methods.grpo import train as train_by_rewards

        student, prompts = Student(name="small", path="small", dtype="float32"), inputs / "prompts"
        return lambda folder: train_by_rewards(folder, training, origin, prompts, student, by_length, ignore, **where)
    if isinstance(training, DistillStage):
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

    return lambda folder: train(folder, training, origin, [Part(inputs / "data")], ignore, **where)


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


KINDS: dict[str, Callable[[], Training]] = {
    "unpacked": partial(make_training, False),
    "packed": partial(make_training, True),
    "rewarded": make_rewarded,
    "distilled": make_distillation,
    "gold": partial(make_distillation, "gold"),
    "reward": make_reward,
    "process reward": make_process_reward,
}
"""Functions that return what is trained, by name."""
METHODS = {
    "sft": ("unpacked", "packed"),
    "grpo": ("rewarded",),
    "distill": ("distilled",),
    "gold": ("gold",),
    "reward": ("reward", "process reward"),
}
"""Kinds of training, by the module of `student.methods` that carries them out."""
