"""Kills trainings at random instants, and compares what they end with to a training that was never killed.

    python -m bench.training_faults [--times N] [--processes N] [--method distill] [--json FILE]

A small random model is trained on the CPU in a process of its own, with and without packing, in two epochs; with
`--processes 2` in two ranks that this process starts. At a random instant between its start and its end it gets
`kill -9`, of several ranks one or all; it is started again, and killed once more, and then left to finish. Its weights
must be those of the unbroken training to the last bit, and its ledger the same rows in the same order: none twice, none
left out. With `--method distill` it is an on-policy distillation, whose completions must be drawn again as they were.
"""

import argparse
import json
import logging
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from configs.launch import Launch, Shard
from configs.prompt import Prompt
from configs.scratch import Architecture
from configs.stages import DistillStage
from configs.training import Training
from flows.run.ranks import RankFailed, run_in_ranks
from records.dataset_row import unsampled_row
from records.hashing import sha256_of
from records.parquet import DATASET, PROBLEM, read_rows, write_rows
from records.rows import Problem
from records.thinking import CLOSE, OPEN

ROWS, EPOCHS = 40, 2
BEGUN = "begun"
ENDED_S = 30
"""Seconds in which the ranks of a killed training must have ended, those too that were not killed themselves."""
KILLS = 2
"""How often each training is killed before it may finish."""
ARCHITECTURE = Architecture(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=1,
    num_attention_heads=2,
    num_key_value_heads=1,
    head_dim=16,
    vocab_size=300,
)
FORKS = multiprocessing.get_context("forkserver")
"""Starts each training as a fork of a process that has already imported TRL, which takes 12 s."""
FORKS.set_forkserver_preload(["student.methods.sft", "student.methods.distill", "student.scratch.model"])


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


def make_distillation() -> DistillStage:
    """Dropout and held-out draws use random numbers too, which must not move the others."""
    settings = {
        **{name: value for name, value in make_training(False).settings.items() if name != "packing"},
        "max_completion_length": 24,
        "eval_steps": 4,
    }
    fields = {"max_length": 128, "dtype": "float32", "held_out": 4, "lora": {"r": 4, "lora_dropout": 0.1}}
    return DistillStage.model_validate({"method": "distill", "settings": settings} | fields)


def make_inputs(folder: Path) -> None:
    """Write an untrained model, a teacher with its tokenizer, a dataset and problems."""
    from student.scratch.model import make_model

    draws = random.Random(0)
    contents = [f"{OPEN}\n" + "1 + 1 = 2\n" * draws.randint(1, 4) + f"{CLOSE}\n\n\\boxed{{2}}" for _ in range(ROWS)]
    make_model(folder / "model", ARCHITECTURE, contents, seed=0)
    make_model(folder / "teacher", ARCHITECTURE.model_copy(update={"hidden_size": 48}), contents, seed=1)
    problems = [Problem(f"problem{at}", f"{at}?", "2", "math", "made") for at in range(ROWS)]
    write_rows(folder / "problems.parquet", problems, PROBLEM)
    (folder / "data").mkdir()
    rows = [
        unsampled_row(
            [{"role": "user", "content": f"{at}?"}, {"role": "assistant", "content": content}], f"problem{at}", "made"
        )
        for at, content in enumerate(contents)
    ]
    write_rows(folder / "data" / "train.parquet", rows, DATASET)


def train_in(inputs: Path, folder: Path, training: Training, shard: Shard = "none", progress: Any = None) -> None:
    """Train in this process, or as one rank of several, silently, once it is said that all is imported."""
    from student.data.mixing import Part
    from student.data.student_files import StudentOrigin
    from student.methods.sft import train

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    (folder / BEGUN / str(os.getpid())).touch()
    origin, parts = StudentOrigin(str(inputs / "model")), [Part(inputs / "data")]
    if isinstance(training, DistillStage):
        from student.data.teacher_files import TeacherOrigin
        from student.methods.distill import train as distil

        teacher, problems = TeacherOrigin(str(inputs / "teacher"), dtype="float32"), inputs / "problems.parquet"
        distil(folder, training, origin, teacher, problems, Prompt(), ignore, device="cpu", shard=shard)
        return
    train(folder, training, origin, parts, ignore, device="cpu", shard=shard)


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


class Killer(threading.Thread):
    """Waits until `processes` of a training have begun, and kills them some seconds later, or the one of them that
    `victim` numbers: then the others must end by themselves."""

    def __init__(self, folder: Path, processes: int, after_s: float | None, victim: int | None) -> None:
        super().__init__(daemon=True)
        self.begun, self.processes, self.after_s, self.victim = folder / BEGUN, processes, after_s, victim
        self.started, self.killed = 0.0, False
        self.ended = threading.Event()
        shutil.rmtree(self.begun, ignore_errors=True)
        self.begun.mkdir(parents=True)
        self.start()

    def run(self) -> None:
        while len(pids := sorted(int(file.name) for file in self.begun.iterdir())) < self.processes:
            if self.ended.wait(0.001):
                return
        self.started = time.monotonic()
        if self.after_s is not None and not self.ended.wait(self.after_s):
            self.killed = True
            for pid in pids if self.victim is None else [pids[self.victim]]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def finish(self) -> float:
        """Return the seconds since all had begun. Errors: RuntimeError if one of them lives on."""
        seconds = time.monotonic() - self.started
        self.ended.set()
        self.join()
        deadline = time.monotonic() + ENDED_S
        while any(Path(f"/proc/{file.name}").exists() for file in self.begun.iterdir()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"a process of the training in {self.begun.parent} lives on after {ENDED_S} s")
            time.sleep(0.01)
        return seconds


def run(
    inputs: Path,
    folder: Path,
    training: Training,
    processes: int = 1,
    kill_after_s: float | None = None,
    victim: int | None = None,
) -> float:
    """Train in a process of its own, or in several ranks, killed some seconds after all is imported, and return the
    seconds from there on. Errors: RuntimeError, RankFailed if it ends with an error of its own, or a rank lives on."""
    killer = Killer(folder, processes, kill_after_s, victim)
    if processes > 1:
        call = partial(train_in, inputs, folder, training, "ddp")
        try:
            run_in_ranks(call, Launch(device="cpu", shard="ddp", processes=processes), processes, folder.name, ignore)
        except RankFailed:
            if not killer.killed:
                raise
        return killer.finish()
    process = FORKS.Process(target=train_in, args=(inputs, folder, training))
    process.start()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the training in {folder} ended with exit code {process.exitcode}")
    return killer.finish()


@dataclass
class Result:
    """What became of the trainings of one kind."""

    packing: bool
    processes: int = 1
    trainings: int = 0
    killed: int = 0
    """Kills that hit a training at work; the others came after its end."""
    other_weights: int = 0
    rows_twice: int = 0
    rows_left_out: int = 0
    other_order: int = 0
    killed_before_a_checkpoint: int = 0


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    return list(read_rows(folder / "training" / "ledger.parquet"))


def compare(result: Result, whole: Path, resumed: Path) -> None:
    weights = [sha256_of(folder / "model.safetensors") for folder in (whole, resumed)]
    result.other_weights += weights[0] != weights[1]
    wanted, found = ([json.dumps(row | {"step": 0}) for row in ledger_of(folder)] for folder in (whole, resumed))
    result.rows_twice += sum((Counter(found) - Counter(wanted)).values())
    result.rows_left_out += sum((Counter(wanted) - Counter(found)).values())
    result.other_order += ledger_of(whole) != ledger_of(resumed)


def kill_trainings(
    folder: Path, packing: bool, times: int, processes: int = 1, seed: int = 0, method: str = "sft"
) -> Result:
    """Kill `times` trainings at random instants, and compare each with an unbroken one."""
    folder.mkdir(exist_ok=True)
    if not (folder / "model").exists():
        make_inputs(folder)
    instants = random.Random(f"{seed}:{packing}")
    training = make_distillation() if method == "distill" else make_training(packing)
    result = Result(packing, processes)
    whole = folder / f"whole-{packing}"
    run(folder, whole, training, processes)  # the first one also waits for the imports
    seconds = run(folder, folder / f"timed-{packing}", training, processes)
    for number in range(times):
        resumed = folder / f"resumed-{packing}-{number}"
        for _ in range(KILLS):
            victim = instants.choice([None, *range(processes)])
            run(folder, resumed, training, processes, instants.uniform(0.02, 0.95) * seconds, victim)
            if (resumed / "training" / "ledger.parquet").exists():
                break
            result.killed += 1
            result.killed_before_a_checkpoint += not list(resumed.glob(".work/checkpoints/checkpoint-*/whole"))
        run(folder, resumed, training, processes)
        result.trainings += 1
        compare(result, whole, resumed)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=25, help="trainings to kill, of each kind")
    parser.add_argument("--processes", type=int, default=1, help="ranks that share each training")
    parser.add_argument("--method", choices=("sft", "distill"), default="sft", help="what is trained")
    parser.add_argument("--json", type=Path, help="write the results here")
    arguments = parser.parse_args()
    logging.disable(logging.ERROR)  # torch's launcher tells of every rank that was killed
    with tempfile.TemporaryDirectory() as folder:
        results = [
            asdict(kill_trainings(Path(folder), packing, arguments.times, arguments.processes, method=arguments.method))
            for packing in ((False,) if arguments.method == "distill" else (False, True))
        ]
    print(f"{'':28}" + "".join(f"{'packed' if one['packing'] else 'unpacked':>10}" for one in results))
    for name in [name for name in results[0] if name != "packing"]:
        print(f"{name.replace('_', ' '):28}" + "".join(f"{one[name]:>10}" for one in results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
