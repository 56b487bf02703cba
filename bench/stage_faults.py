"""Kills stages at random instants, and compares their artifacts with those of stages that were never killed.

    python -m bench.stage_faults [--times N] [--only WORD …] [--json FILE]

Each stage of `bench.fault_stages.CASES` is built in a process of its own, as a run builds it, with real journals,
tables and judging workers; a fake stands for the language models, and a small random model is the process reward model.
At a random instant between its start and its end the process gets `kill -9`; it is started again, killed once more, and
then left to finish. Its files must be those of the unbroken stage byte for byte, the manifest's counts the same but for
times, and nothing may be left behind: no temporary file, no journal, no process. Surplus traces are not compared: what
is drawn beyond a problem's end, and not used, depends on what was in flight when it ended.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.fault_stages import CASES, MODEL, build, build_needs, planned
from flows.plan import Stage
from records.files import MANIFEST
from records.parquet import read_rows
from records.process_tree import process_tree
from teacher.sampling.shard_files import SURPLUS

KILLS = 2
"""How often each stage is killed before it may finish."""
ENDED_S = 20
"""Seconds in which every process that a killed one had started must have ended."""
TIMED = ("sampling_s", "tokens_per_s", "engine", "scoring_s", "judging_s", "waiting_s")
"""Counts that tell times, or what the last process alone did."""
WITH_SURPLUS = (
    "surplus",
    "prompt_tokens",
    "reasoning_tokens",
    "answer_tokens",
    "truncated",
    "by_source",
    "by_difficulty",
)
"""Counts that surplus traces are part of."""
FORKS = multiprocessing.get_context("forkserver")
"""Starts each stage as a fork of a process that has imported what takes seconds."""
LIBRARIES = ("bench.fault_stages", "bench.stage_faults", "teacher.sampling.rollouts", "teacher.search.sampler")
OF_MODELS = ("torch", "transformers", "filters.scorers.models")


def build_in(stage: Stage, begun: Path, log: Path) -> None:
    """Build a stage in this process, once it is said that all is imported."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    begun.touch()
    build(stage)


def run(stage: Stage, kill_after_s: float | None = None) -> tuple[bool, float]:
    """Build a stage in a process that is killed some seconds after all is imported. Return whether the kill hit it at
    work, and the seconds that it took. Errors: RuntimeError if it ends with an error of its own, or leaves a process
    behind."""
    begun, log = stage.run_dir / "begun", stage.run_dir / "log"
    begun.unlink(missing_ok=True)
    process = FORKS.Process(target=build_in, args=(stage, begun, log))
    process.start()
    while not begun.exists() and process.is_alive():
        time.sleep(0.001)
    started = time.monotonic()
    process.join(kill_after_s)
    seconds, below = time.monotonic() - started, list[Path]()
    if process.exitcode is None and process.pid:
        below = list(process_tree(process.pid))
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


@dataclass
class Result:
    """What became of one kind of stage."""

    case: str
    stages: int = 0
    killed: int = 0
    """Kills that hit a stage at work; the others came after its end."""
    rows: int = 0
    """Of the unbroken stage."""
    rows_twice: int = 0
    rows_lost: int = 0
    other_files: int = 0
    """Files whose bytes differ, or that one of the two has alone."""
    other_counts: int = 0
    left_behind: int = 0
    """Hidden files that the unbroken stage has not."""


def rows_of(folder: Path) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True, default=str) for row in read_rows(folder))


def told(folder: Path, surplus: bool) -> dict[str, Any]:
    """Return what a manifest counts, without times. `surplus` says that surplus traces are there."""
    counts = json.loads((folder / MANIFEST).read_text())["counts"]
    left_out = (*TIMED, *(WITH_SURPLUS if surplus else ()))
    return {name: value for name, value in counts.items() if name not in left_out}


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def hidden(name: str) -> bool:
    return any(part.startswith(".") for part in Path(name).parts)


def compare(result: Result, whole: Path, resumed: Path) -> None:
    wanted, found = contents(whole), contents(resumed)
    result.left_behind += len([name for name in found.keys() - wanted.keys() if hidden(name)])
    surplus = {name for name in wanted.keys() | found.keys() if name.startswith(f"{SURPLUS}/")}
    names = [name for name in (wanted.keys() | found.keys()) - surplus if not hidden(name)]
    result.other_files += sum(wanted.get(name) != found.get(name) for name in names)
    result.other_counts += told(whole, bool(surplus)) != told(resumed, bool(surplus))
    ours, theirs = rows_of(whole), rows_of(resumed)
    result.rows_twice += (theirs - ours).total()
    result.rows_lost += (ours - theirs).total()


def kill_stages(folder: Path, case: str, times: int, seed: int = 0) -> Result:
    """Kill `times` builds of a stage at random instants, and compare each with an unbroken one."""
    changes, find = CASES[case]
    stage, instants = find(planned(folder, changes)), random.Random(f"{seed}:{case}")
    build_needs(stage)
    whole = folder / f"whole-{stage.path.name}"
    run(stage)
    shutil.move(stage.path, whole)
    _, seconds = run(stage)
    shutil.rmtree(stage.path)
    result = Result(case, rows=rows_of(whole).total())
    for _ in range(times):
        for _ in range(KILLS):
            killed, _ = run(stage, instants.uniform(0.0, 0.95) * seconds)
            result.killed += killed
        run(stage)
        result.stages += 1
        compare(result, whole, stage.path)
        shutil.rmtree(stage.path)
    return result


def make_reward_model(folder: Path) -> None:
    """Train a process reward model for a few steps, in a process of its own."""
    from bench.fault_trainings import KINDS, make_inputs, train_in

    inputs, made = folder / "inputs", folder / MODEL
    inputs.mkdir()
    (made / "begun").mkdir(parents=True)
    make_inputs(inputs)
    train_in(inputs, made, KINDS["process reward"]())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=25, help="stages to kill, of each kind")
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
                print(" " * 32 + "".join(f"{name.replace('_', ' '):>14}" for name in results[0] if name != "case"))
            figures = [value for name, value in results[-1].items() if name != "case"]
            print(f"{case:32}" + "".join(f"{value:>14}" for value in figures), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
