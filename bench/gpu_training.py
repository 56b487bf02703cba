"""Measures training steps of random models on one GPU: tokens/s, MFU, peak memory against student/cost's estimate.

    python -m bench.gpu_training [--seconds 12] [--cases REGEX] [--out FOLDER] [--limit SECONDS] [--list] [--tiny]

Needs torch, transformers, trl, datasets, peft and bitsandbytes, nothing else of Retort's; cases with liger in their
name also liger-kernel. Models have the shapes of Qwen2.5 (bench/gpu/cases.py) and random bfloat16 weights; a full
training's optimizer states are bfloat16 too, as the weights are. A row holds exactly the case's number of tokens, a
quarter of them prompts without loss. Steps go through SFTTrainer with gradient checkpointing, unless the name says
otherwise, and bf16 autocast; `bare` in a case's name means a loop by hand instead.

The cases run in one process, which is replaced after an error (out of memory, mostly), so that each case starts with
an empty device and an error is a row of the result. FOLDER/rows.jsonl grows by a line a case; no case starts after
--limit seconds, and a table of what was measured ends the output. --tiny runs small models on the CPU.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.gpu.cases import CASES, START_AFRESH, TINY
from bench.gpu.table import table

CASE_LIMIT_S = 120.0
"""A case that takes longer is stopped and reported. 14B on 32,768 tokens takes about 60 s with one warm-up step."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=12.0, help="timed steps of a case, after the warm-up")
    parser.add_argument("--cases", default="", help="a regular expression; cases whose name has a match run")
    parser.add_argument("--out", type=Path, default=Path("runs/gpu_training"))
    parser.add_argument("--limit", type=float, default=float("inf"), help="start no case after so many seconds")
    parser.add_argument("--list", action="store_true", help="print the cases' names and end")
    parser.add_argument("--tiny", action="store_true", help="small models on the CPU")
    arguments = parser.parse_args()
    names = [case.name for case in (TINY if arguments.tiny else CASES) if re.search(arguments.cases, case.name)]
    if arguments.list:
        print("\n".join(names))
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows_file = arguments.out / "rows.jsonl"
    rows_file.unlink(missing_ok=True)
    rows_file.touch()
    run_cases(names, arguments.seconds, rows_file, arguments.limit)
    rows = [json.loads(line) for line in rows_file.read_text().splitlines()]
    (arguments.out / "table.md").write_text(table(rows))
    print(table(rows))


def run_cases(names: list[str], seconds: float, rows_file: Path, limit: float) -> None:
    """Run every case in a worker, a fresh one after each that fails, and start none after `limit` seconds."""
    left, until = names, time.time() + limit
    with tempfile.TemporaryDirectory() as scratch:
        while left and time.time() < until:
            settings = {"--seconds": seconds, "--rows": rows_file, "--scratch": scratch, "--until": until}
            options = [str(part) for pair in settings.items() for part in pair]
            worker = subprocess.Popen([sys.executable, "-m", "bench.gpu.worker", *left, *options])
            left = watch(worker, left, rows_file)


def watch(worker: subprocess.Popen[bytes], left: list[str], rows_file: Path) -> list[str]:
    """Print the worker's rows as they come, and return the cases that are left once it has ended.

    A worker that dies without a row (the kernel's memory killer, a CUDA abort) or that spends too long on a case
    leaves a row with an error for that case.
    """
    told = len(rows_file.read_text().splitlines())
    since = time.monotonic()
    while True:
        code = worker.poll()  # before the file is read: a worker's last row is not missed
        new = rows_file.read_text().splitlines()[told:]
        if new:
            print(*new, sep="\n", flush=True)
            told, left, since = told + len(new), left[len(new) :], time.monotonic()
        late = time.monotonic() - since > CASE_LIMIT_S
        if late or code not in {None, 0, START_AFRESH}:
            worker.kill()
            note_failure(left[0], f"stopped after {CASE_LIMIT_S:.0f} s" if late else f"exit code {code}", rows_file)
            return left[1:]
        if code is not None:
            return left if code == START_AFRESH else []
        time.sleep(0.2)


def note_failure(name: str, error: str, rows_file: Path) -> None:
    line = json.dumps({"case": name, "error": error})
    print(line, flush=True)
    with rows_file.open("a") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    main()
