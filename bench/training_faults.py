"""Kills trainings at random instants, and compares what they end with to a training that was never killed.

    python -m bench.training_faults [--method sft | grpo | distill | gold | stored | reward] [--times N] [--processes N]
        [--json FILE]

A small random model is trained on the CPU in a process of its own, with and without packing, in two epochs; with
`--processes 2` in two ranks that this process starts. At a random instant between its start and its end it gets
`kill -9`, of several ranks one or all; it is started again, and killed once more, and then left to finish. Its weights
must be those of the unbroken training to the last bit, and its ledger the same rows in the same order: none twice, none
left out. With `--method grpo` it is trained on completions of its own, every second step on ones that were drawn a step
before, rewarded by their length: then rows are problems with their rewards. With `--method distill` it is an on-policy
distillation, whose completions must be drawn again as they were; with `--method gold` the teacher has another
tokenizer, and with `--method stored` the rows have its log-probabilities beside them. With `--method reward` they are
an outcome and a process reward model, whose rows are replies and solutions.
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

from bench.fault_inputs import make_inputs
from bench.fault_trainings import BEGUN, KINDS, METHODS, ignore, train_in
from configs.launch import Launch
from configs.training import Training
from flows.run.ranks import RankFailed, run_in_ranks
from records.hashing import sha256_of
from records.parquet import read_rows

ENDED_S = 30
"""Seconds in which the ranks of a killed training must have ended, those too that were not killed themselves."""
KILLS = 2
"""How often each training is killed before it may finish."""
FORKS = multiprocessing.get_context("forkserver")
"""Starts each training as a fork of a process that has already imported TRL, which takes 12 s."""


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

    kind: str
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


def kill_trainings(folder: Path, kind: str, times: int, processes: int = 1, seed: int = 0) -> Result:
    """Kill `times` trainings at random instants, and compare each with an unbroken one."""
    folder.mkdir(exist_ok=True)
    if not (folder / "model").exists():
        make_inputs(folder)
    training, instants = KINDS[kind](), random.Random(f"{seed}:{kind}")
    result = Result(kind, processes)
    whole = folder / f"whole-{kind}"
    run(folder, whole, training, processes)  # the first one also waits for the imports
    seconds = run(folder, folder / f"timed-{kind}", training, processes)
    for number in range(times):
        resumed = folder / f"resumed-{kind}-{number}"
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


MODULES = {"gold": ("distill", "gold"), "stored": ("sft",)}
"""Modules of `student.methods` that carry out a method, where they are not one of its name."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=25, help="trainings to kill, of each kind")
    parser.add_argument("--method", choices=METHODS, default="sft")
    parser.add_argument("--processes", type=int, default=1, help="ranks that share each training")
    parser.add_argument("--json", type=Path, help="write the results here")
    arguments = parser.parse_args()
    modules = MODULES.get(arguments.method, (arguments.method,))
    FORKS.set_forkserver_preload([*(f"student.methods.{name}" for name in modules), "student.scratch.model"])
    logging.disable(logging.ERROR)  # torch's launcher tells of every rank that was killed
    with tempfile.TemporaryDirectory() as folder:
        results = [
            asdict(kill_trainings(Path(folder), kind, arguments.times, arguments.processes))
            for kind in METHODS[arguments.method]
        ]
    print(" " * 28 + "".join(f"{result['kind']:>16}" for result in results))
    for name in [name for name in results[0] if name != "kind"]:
        print(f"{name.replace('_', ' '):28}" + "".join(f"{result[name]:>16}" for result in results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
