"""Compares reinforcement learning with bare TRL side by side in one run, and says where its time goes.

    python -m bench.grpo [--steps N] [--rounds N] [--slow SECONDS] [--all-cores] [--json FILE]

Ours is the training stage's trainer: rewards by the run's judging in its workers, journal, ledger, checkpoints that
resume, and log. Bare TRL is `trl.GRPOTrainer` with the same settings, on the same prompts and weights, with a reward
that costs nothing: the number of characters. Both train an embedded student that was fine-tuned for a moment, so that
it ends its answers, on the CPU; the order alternates from round to round, and one round before them warms up. Both
models have all cores but one, which the judge's worker has: where a GPU draws, the cores are idle. With `--all-cores`
the model has all of them, and the worker takes its share of theirs. With `--slow` every call of the judge takes so much
longer, which shows how much of it the drawing hides.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch

from bench.trainings import EMBEDDED, Case
from configs.judging import Judging
from configs.models import Student
from configs.stages import GrpoStage
from records.parquet import as_dict, read_rows, write_rows
from records.prompts import PROMPTS, PROMPTS_FILE, read_prompts
from records.rows import FINISHED, MATH, Trace

PROBLEMS, SFT_STEPS = 400, 300
WARM_UP = Trace(
    *("p", 0, 0, "1 + 1?", "2", MATH, "made", "", "1 + 1 = 2", "\\boxed{2}"),
    closed=True,
    finish_reason=FINISHED,
    prompt_tokens=5,
    completion_tokens=9,
    seed=0,
    teacher="student",
    request_fingerprint="",
)
STUDENT = Student(name="student", path="student", dtype="float32")


@dataclass(frozen=True)
class Run:
    """What one training did between the begin of its first step and the end of its last."""

    tokens: int
    """Prompts and completions."""
    seconds: float
    drawing_s: float = 0.0
    judging_s: float = 0.0
    waiting_s: float = 0.0
    """The part of the judging that the drawing did not hide."""


def make_stage(steps: int) -> GrpoStage:
    settings = {
        "max_steps": steps,
        "per_device_train_batch_size": 32,
        "num_generations": 8,
        "max_completion_length": 128,
        "learning_rate": 1e-6,  # so that the completions of both stay as long
        "save_steps": max(1, steps // 2),
        "logging_steps": 5,
        "bf16": False,
    }
    return GrpoStage.model_validate({"method": "grpo", "max_length": 256, "dtype": "float32", "settings": settings})


def make_inputs(folder: Path) -> Path:
    """Write prompts, and return a student that was fine-tuned on worked solutions for a moment."""
    from bench.trainings import train_ours
    from teacher.problems.generated import generate

    case = Case(EMBEDDED, folder / "case", 2000, SFT_STEPS)
    case.folder.mkdir()
    case.make()
    train_ours(case, folder / "sft", packing=False)
    source = case.scratch.problems[0].model_copy(update={"size": PROBLEMS})
    (folder / "prompts").mkdir()
    rows = [as_dict(problem) | {"pass_rate": None} for problem in generate(source)]
    write_rows(folder / "prompts" / PROMPTS_FILE, rows, PROMPTS)
    return folder / "sft"


@contextmanager
def slowed(seconds: float) -> Iterator[Any]:
    """Yield the run's own judge, every call of which takes `seconds` longer. Its worker is there already: a training
    waits once for its start."""
    from flows.rewarding import reward_judge

    with reward_judge(Judging(workers=1)) as judge:
        judge([WARM_UP])

        def later(traces: Any) -> Any:
            time.sleep(seconds)
            return judge(traces)

        yield later if seconds else judge


def train_ours(folder: Path, model: Path, prompts: Path, stage: GrpoStage, slow_s: float) -> Run:
    from student.data.student_files import StudentOrigin
    from student.methods.grpo import train

    folder.mkdir()
    judging = partial(slowed, slow_s)
    counts = train(folder, stage, StudentOrigin(str(model)), prompts, STUDENT, judging, lambda *_, **__: None)
    log = list(read_rows(folder / "training" / "log.parquet"))
    spent = [sum(row[name] or 0.0 for row in log) for name in ("generation_s", "judging_s", "judging_wait_s")]
    return Run(counts.tokens, counts.trainer_s, *spent)


def train_bare(folder: Path, model: Path, prompts: Path, stage: GrpoStage) -> Run:
    from datasets import Dataset
    from transformers import AutoModelForCausalLM
    from trl import GRPOConfig, GRPOTrainer

    from bench.step_clock import StepClock
    from student.data.asked import PromptRenderer
    from student.data.student_files import StudentOrigin
    from student.methods.settings import settings_of

    def characters(completions: list[str], **_: Any) -> list[float | None]:
        return [float(len(completion)) for completion in completions]

    tokenizer, clock = StudentOrigin(str(model)).tokenizer(), StepClock()
    renderer = PromptRenderer(tokenizer, STUDENT.prompt, STUDENT.reasoning, stage.longest_prompt)
    texts = [renderer.render(problem).text for problem, _ in read_prompts(prompts)]
    arguments = GRPOConfig(
        **settings_of(stage) | {"save_total_limit": 2, "dataloader_pin_memory": False},
        output_dir=str(folder),
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        seed=stage.seed,
    )
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(model, dtype="float32"),
        reward_funcs=characters,
        args=arguments,
        train_dataset=Dataset.from_dict({"prompt": texts}),
        processing_class=tokenizer,
        callbacks=[clock],
    )
    trainer.train()
    return Run(int(trainer.state.num_input_tokens_seen), clock.seconds)


def measure(folder: Path, steps: int, rounds: int, slow_s: float) -> dict[str, list[Run]]:
    """Return the runs of both by round, without the one that warms up."""
    with redirect_stdout(sys.stderr):  # the trainers print what they log
        model, stage = make_inputs(folder), make_stage(steps)
    runs: dict[str, list[Run]] = {"ours": [], "TRL": []}
    for number in range(rounds + 1):
        for name in ("ours", "TRL") if number % 2 else ("TRL", "ours"):
            place = folder / f"{name}-{number}"
            with redirect_stdout(sys.stderr):
                if name == "ours":
                    run = train_ours(place, model, folder / "prompts", stage, slow_s)
                else:
                    run = train_bare(place, model, folder / "prompts", stage)
            if number:
                runs[name].append(run)
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow", type=float, default=0, help="seconds by which each call of the judge is slowed")
    parser.add_argument("--all-cores", action="store_true", help="leave no core for the judge")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(max(1, len(os.sched_getaffinity(0)) - (not arguments.all_cores)))
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(Path(folder), arguments.steps, arguments.rounds, arguments.slow)
    rates = {name: [run.tokens / run.seconds for run in several] for name, several in runs.items()}
    ratios = [ours / bare for ours, bare in zip(rates["ours"], rates["TRL"], strict=True)]
    for name, several in rates.items():
        print(f"{name:6}{median(several):>10,.0f} tokens/s")
    print(f"ratio {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    whole = sum(run.seconds for run in runs["ours"])
    drawing, judging, waiting = (
        sum(getattr(run, name) for run in runs["ours"]) for name in ("drawing_s", "judging_s", "waiting_s")
    )
    print(f"of our time: drawing {drawing / whole:.1%}, waiting for verdicts {waiting / whole:.1%}, ", end="")
    print(f"the rest of the step {1 - (drawing + waiting) / whole:.1%}")
    print(f"judging took {judging:.2f} s, of which {judging - waiting:.2f} s went on beside the drawing")
    if arguments.json:
        found = {name: [asdict(run) for run in several] for name, several in runs.items()}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
