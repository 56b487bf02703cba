"""Compares on-policy distillation with bare TRL side by side, and says where its time goes.

    python -m bench.distill [--steps N] [--rounds N] [--tokens N] [--json FILE]

Ours is the training stage's trainer: journal, ledger, checkpoints that resume, checks and log. Bare TRL is
`trl.DistillationTrainer` with the same settings, prompts and weights. Both run on the CPU, with the embedded pair's
architectures and random weights, which never end a completion: so both draw the same number of tokens. The order
alternates from round to round, and one round before them warms up.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from configs.load import load_config
from configs.models import Model
from configs.prompt import Prompt
from configs.stages import DistillStage
from records.parquet import write_rows
from records.rows import Problem
from records.schemas import PROBLEM

PROMPTS = 256


@dataclass(frozen=True)
class Case:
    """A pair of models and problems in a folder."""

    folder: Path
    steps: int
    tokens: int
    """Tokens of each completion."""

    @property
    def problems(self) -> list[Problem]:
        return [Problem(f"problem{at}", f"{at} + {at} =", str(2 * at), "math", "made") for at in range(PROMPTS)]

    @property
    def stage(self) -> DistillStage:
        settings = {
            "max_steps": self.steps,
            "save_steps": max(1, self.steps // 5),
            "logging_steps": 5,
            "bf16": False,
            "learning_rate": 1e-4,
            "per_device_train_batch_size": 8,
            "gradient_accumulation_steps": 2,
            "max_completion_length": self.tokens,
        }
        fields = {"method": "distill", "dtype": "float32", "max_length": self.tokens + 64, "settings": settings}
        return DistillStage.model_validate(fields)

    def make(self) -> None:
        from student.scratch.model import make_tokenizer, write_model

        config = load_config("configs/demo/tiny.yaml")
        tokenizer = make_tokenizer([one.prompt for one in self.problems], 400, 1024)
        for role, model in (("student", config.student), ("teacher", config.teacher)):
            assert isinstance(model, Model)
            assert model.scratch is not None
            write_model(self.folder / role, model.scratch.architecture, tokenizer, seed=0)
        write_rows(self.folder / "problems.parquet", self.problems, PROBLEM)


def train_ours(case: Case, folder: Path) -> float:
    """Return tokens per second."""
    from student.data.student_files import StudentOrigin
    from student.data.teacher_files import TeacherOrigin
    from student.methods.distill import train

    folder.mkdir()
    teacher, student = TeacherOrigin(str(case.folder / "teacher"), dtype="float32"), str(case.folder / "student")
    problems = case.folder / "problems.parquet"
    origin = StudentOrigin(student)
    counts = train(folder, case.stage, origin, teacher, problems, Prompt(), lambda *a, **k: None, device="cpu")
    return counts.tokens / counts.trainer_s


def train_bare(case: Case, folder: Path) -> float:
    """Return tokens per second."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DistillationTrainer

    from student.methods.settings import trl_config

    models = [AutoModelForCausalLM.from_pretrained(case.folder / role) for role in ("student", "teacher")]
    trainer = DistillationTrainer(
        model=models[0],
        teacher_model=models[1],
        args=trl_config(case.stage, folder, cpu=True),
        train_dataset=conversations(case),
        processing_class=AutoTokenizer.from_pretrained(case.folder / "student"),
    )
    started = time.monotonic()
    trainer.train()
    return float(trainer.state.num_input_tokens_seen) / (time.monotonic() - started)


def conversations(case: Case) -> Any:
    from datasets import Dataset

    return Dataset.from_dict({"prompt": [[{"role": "user", "content": one.prompt}] for one in case.problems]})


def shares(case: Case, folder: Path) -> dict[str, float]:
    """Return the share of a training's time in drawing completions, in the teacher, and in the rest of the steps."""
    from student.methods import distill
    from student.methods.distill_trainer import OnPolicyTrainer

    spent: defaultdict[str, float] = defaultdict(float)

    class Timed(OnPolicyTrainer):
        def _generate_single_turn(self, *arguments: Any, **named: Any) -> Any:
            return self.timed("completions", super()._generate_single_turn, *arguments, **named)

        def _get_last_hidden_state(self, model: Any, *arguments: Any, **named: Any) -> Any:
            part = "teacher" if model is self.teacher_model else ""
            return self.timed(part, super()._get_last_hidden_state, model, *arguments, **named)

        def training_step(self, *arguments: Any, **named: Any) -> Any:
            return self.timed("all", super().training_step, *arguments, **named)

        def timed(self, part: str, call: Any, *arguments: Any, **named: Any) -> Any:
            started = time.monotonic()
            found = call(*arguments, **named)
            spent[part] += time.monotonic() - started
            return found

    module: Any = distill
    module.OnPolicyTrainer = Timed
    try:
        train_ours(case, folder)
    finally:
        module.OnPolicyTrainer = OnPolicyTrainer
    whole = spent["all"]
    parts = {name: spent[name] / whole for name in ("completions", "teacher")}
    return parts | {"step": 1 - sum(parts.values())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=64, help="tokens of a completion")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rates: dict[str, list[float]] = {"ours": [], "TRL": []}
    with tempfile.TemporaryDirectory() as temporary:
        case = Case(Path(temporary), arguments.steps, arguments.tokens)
        case.make()
        for number in range(arguments.rounds + 1):
            order = ("ours", "TRL") if number % 2 else ("TRL", "ours")
            for name in order:
                with redirect_stdout(sys.stderr):
                    train = train_ours if name == "ours" else train_bare
                    rate = train(case, case.folder / f"{name}-{number}")
                if number:
                    rates[name].append(rate)
        with redirect_stdout(sys.stderr):
            parts = shares(case, case.folder / "shares")
    by_round = [one / other for one, other in zip(rates["ours"], rates["TRL"], strict=True)]
    found: dict[str, Any] = {
        **{name: round(median(several)) for name, several in rates.items()},
        "ratio": round(median(rates["ours"]) / median(rates["TRL"]), 3),
        "by_round": [round(ratio, 3) for ratio in by_round],
        "shares": {name: round(share, 3) for name, share in parts.items()},
    }
    lowest, highest = min(by_round), max(by_round)
    print(f"ours {found['ours']:,} tokens/s, TRL {found['TRL']:,}")
    print(f"ratio {found['ratio']:.3f} ({lowest:.3f} to {highest:.3f} by round)")
    print("; ".join(f"{name} {100 * share:.0f} %" for name, share in found["shares"].items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
