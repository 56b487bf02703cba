"""The process that holds the GPU: runs cases one after the other, a JSON line each. An error ends it after its line."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
import transformers
import trl

from bench.gpu.cases import CASES, START_AFRESH, TINY, Case
from bench.gpu.estimates import compare
from bench.gpu.steps import free_memory, run_case
from student import attention

LEFT_OVER = 64 << 20
"""Bytes still allocated after a case above which the next one gets a fresh process: a failed case may not give back
what it held, and bitsandbytes keeps modules whose optimizer states it was told about."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--until", type=float, required=True, help="time.time() after which no case starts")
    arguments = parser.parse_args()
    attention.register()
    by_name = {case.name: case for case in CASES + TINY}
    for name in arguments.names:
        if time.time() > arguments.until:
            return
        row = run_guarded(by_name[name], arguments.seconds, arguments.scratch)
        with arguments.rows.open("a") as file:
            file.write(json.dumps(row) + "\n")
        free_memory()
        if "error" in row or (torch.cuda.is_available() and torch.cuda.memory_allocated() > LEFT_OVER):
            sys.exit(START_AFRESH)


def run_guarded(case: Case, seconds: float, scratch: str) -> dict[str, Any]:
    """Run a case. One that fails is a row with an `error`, not the end of the benchmark."""
    device = "cuda" if torch.cuda.is_available() and case.model != "tiny" else "cpu"
    row = {"case": case.name, **vars(case), "device": torch.cuda.get_device_name() if device == "cuda" else "cpu"}
    row |= {"torch": torch.__version__, "transformers": transformers.__version__, "trl": trl.__version__}
    if device == "cuda":
        row["device_bytes"] = torch.cuda.get_device_properties(0).total_memory
    try:
        free_memory()
        row |= run_case(case, seconds, device, scratch)
    except Exception as error:
        peak = torch.cuda.max_memory_allocated() if device == "cuda" else 0
        row |= {"error": f"{type(error).__name__}: {error}"[:600], "peak_at_error": peak}
    return compare(case, row)


if __name__ == "__main__":
    main()
