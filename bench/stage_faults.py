"""Kills stages at random instants, and compares their artifacts with those of stages that were never killed.

    python -m bench.stage_faults [--times N] [--only WORD …] [--json FILE]

Each stage of `bench.fault_stages.CASES` is built in a process of its own, as a run builds it, with real journals,
tables and judging workers; a fake stands for the language models, and a small random model is the process reward model.
At a random instant between its start and its end the process gets `kill -9`; it is started again, killed once more, and
then left to finish. Others are killed once, before a rename, a removal or a new folder: between two of them lies what a
random instant seldom hits, such as a finished file without a manifest. What `bench.compared_artifacts` compares must be
the same, and no process may be left behind.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.compared_artifacts import Result, compare, rows_of
from bench.fault_stages import CASES, MODEL, build, build_needs, planned
from flows.plan import Stage
from records.process_tree import process_tree

KILLS = 2
"""How often each stage is killed before it may finish."""
PATIENCE = 4
"""How many times as many kills are tried at most as shall hit: one that comes after the stage's end shows nothing."""
ENDED_S = 20
"""Seconds in which every process that a killed one had started must have ended."""
FORKS = multiprocessing.get_context("forkserver")
"""Starts each stage as a fork of a process that has imported what takes seconds."""
BOUNDARIES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
"""Python's audit events that change which files there are. The process is killed before the change."""
LIBRARIES = (
    *("bench.fault_stages", "pandas", "pyarrow.parquet", "teacher.engines.fake", "teacher.search.counting"),
    *("teacher.sampling.rollouts", "filters.scorers.score", "filters.scorers.equations_scorer", "filters.workers"),
    *("filters.llm_judge.opinions", "filters.llm_judge.questions", "filters.llm_judge.step_scorer"),
    *("filters.selection.building", "filters.selection.pairs", "filters.selection.verified"),
)
"""What the stages import while they are built."""
OF_MODELS = ("torch", "transformers", "filters.scorers.models")


def build_in(stage: Stage, begun: Path, log: Path, die_at: int | None) -> None:
    """Build a stage in this process, once it is said that all is imported, and note how many boundaries it crossed.
    `die_at` is the number, from 0, of the one before which it kills itself."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    crossed, place = 0, os.fspath(stage.path)

    def notice(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal crossed
        if event in BOUNDARIES and str(arguments[0]).startswith(place):
            if crossed == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            crossed += 1

    sys.addaudithook(notice)
    begun.touch()
    build(stage)
    begun.write_text(str(crossed))


def run(stage: Stage, kill_after_s: float | None = None, die_at: int | None = None) -> tuple[bool, float]:
    """Build a stage in a process that is killed some seconds after all is imported, or before the boundary of number
    `die_at`. Return whether the kill hit it at work, and the seconds that it took.

    Errors: RuntimeError if it ends with an error of its own, or leaves a process behind."""
    begun, log = stage.run_dir / "begun", stage.run_dir / "log"
    begun.unlink(missing_ok=True)
    process = FORKS.Process(target=build_in, args=(stage, begun, log, die_at))
    process.start()
    while not begun.exists() and process.is_alive():
        time.sleep(0.001)
    started = time.monotonic()
    process.join(kill_after_s)
    seconds, below = time.monotonic() - started, list[Path]()
    if process.exitcode is None and process.pid:
        below = list(process_tree(process.pid))
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            os.kill(process.pid, signal.SIGKILL)
        process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{stage.name} ended with exit code {process.exitcode}:\n{log.read_text()}")
    deadline = time.monotonic() + ENDED_S
    while left := [folder for folder in below if folder.exists()]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{stage.name}: processes {left} live on after {ENDED_S} s")
        time.sleep(0.01)
    return process.exitcode != 0, seconds


def kill_stages(folder: Path, case: str, times: int, seed: int = 0) -> Result:
    """Kill builds of a stage at random instants until `times` kills hit it at work, or `PATIENCE` times as many were
    tried; and as often at boundaries, if there are as many. Compare each with an unbroken one."""
    changes, find = CASES[case]
    stage, instants = find(planned(folder, changes)), random.Random(f"{seed}:{case}")
    build_needs(stage)
    whole = folder / f"whole-{stage.path.name}"
    run(stage)
    shutil.move(stage.path, whole)
    _, seconds = run(stage)
    crossed = int((stage.run_dir / "begun").read_text())
    shutil.rmtree(stage.path)
    result = Result(case, rows=rows_of(whole).total())
    tries = 0
    while result.killed < times and tries < PATIENCE * times:
        for _ in range(KILLS):
            killed, _ = run(stage, instants.uniform(0.0, 0.95) * seconds)
            result.killed += killed
            tries += 1
        finish(result, stage, whole)
    for boundary in instants.sample(range(crossed), min(crossed, times)):
        killed, _ = run(stage, die_at=boundary)
        result.boundaries += killed
        finish(result, stage, whole)
    return result


def finish(result: Result, stage: Stage, whole: Path) -> None:
    """Let a stage finish that was killed, and compare it."""
    run(stage)
    result.stages += 1
    compare(result, whole, stage.path)
    shutil.rmtree(stage.path)


def make_reward_model(folder: Path) -> None:
    """Train a process reward model for a few steps, in a process of its own."""
    from bench.fault_inputs import make_inputs
    from bench.fault_trainings import KINDS, train_in

    inputs, made = folder / "inputs", folder / MODEL
    inputs.mkdir()
    (made / "begun").mkdir(parents=True)
    make_inputs(inputs)
    train_in(inputs, made, KINDS["process reward"]())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=25, help="kills at random instants, of each kind of stage")
    parser.add_argument("--only", nargs="+", default=[""], help="the kinds whose name holds one of these")
    parser.add_argument("--json", type=Path, help="write the results here")
    arguments = parser.parse_args()
    cases, results = [case for case in CASES if any(word in case for word in arguments.only)], list[dict[str, Any]]()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with_model = any("reward model" in case for case in cases)
        FORKS.set_forkserver_preload([*LIBRARIES, *(OF_MODELS if with_model else ())])
        if with_model:
            maker = FORKS.Process(target=make_reward_model, args=(folder,))
            maker.start()
            maker.join()
        for case in cases:
            results.append(asdict(kill_stages(folder, case, arguments.times)))
            if len(results) == 1:
                print(" " * 32 + "".join(f"{name.replace('_', ' '):>13}" for name in results[0] if name != "case"))
            figures = [value for name, value in results[-1].items() if name != "case"]
            print(f"{case:32}" + "".join(f"{value:>13}" for value in figures), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
