"""Compares programs per second in the sandbox with bare `subprocess.run([python, file])` on the same programs.

    python -m bench.sandbox [--repeat N] [--json FILE]

The two alternate, so that other load on the machine affects both alike. A bare run neither checks nor stops anything.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filters.verifiers.code_answer import verify_code

ADD = "a, b = map(int, input().split())\nprint(a + b)\n"
SIEVE = "def primes(n):\n    return [i for i in range(2, n) if all(i % k for k in range(2, int(i ** 0.5) + 1))]\n"
SIEVE_TEST = "assert len(primes({n})) == {count}"
IMPORTS = "import collections, functools, heapq, itertools, math, re, typing\n"


def tasks() -> list[tuple[str, dict[str, Any], str, list[tuple[str, str]]]]:
    """Return the tasks: name, `extra`, program, and for the bare run each process's program text and input."""
    pairs = [(f"{n} {n}", str(2 * n)) for n in range(10)]
    stdio = {"kind": "stdio", "inputs": [pair[0] for pair in pairs], "outputs": [pair[1] for pair in pairs]}
    one = {"kind": "assert", "tests": [SIEVE_TEST.format(n=100, count=25)]}
    busy = {"kind": "assert", "tests": [SIEVE_TEST.format(n=100_000, count=9592)]}
    many = {"kind": "assert", "tests": [SIEVE_TEST.format(n=100, count=25)] * 10}
    return [
        ("one assert", one, SIEVE, [(SIEVE + one["tests"][0], "")]),
        ("one assert, imports", one, IMPORTS + SIEVE, [(IMPORTS + SIEVE + one["tests"][0], "")]),
        ("ten asserts", many, SIEVE, [(SIEVE + "\n".join(many["tests"]), "")]),
        ("0.3 s of work", busy, SIEVE, [(SIEVE + busy["tests"][0], "")]),
        ("one stdin test", {**stdio, "inputs": ["1 2"], "outputs": ["3"]}, ADD, [(ADD, "1 2")]),
        ("ten stdin tests", stdio, ADD, [(ADD, stdin) for stdin, _ in pairs]),
    ]


def measure(repeat: int) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "program.py"

        def bare(runs: list[tuple[str, str]]) -> None:
            for text, stdin in runs:
                file.write_text(text)
                subprocess.run([sys.executable, str(file)], input=stdin.encode(), check=True, capture_output=True)

        def boxed(extra: str, program: str) -> None:
            verdict = verify_code(extra, program)
            assert verdict.outcome == "pass", verdict

        for name, extra, program, runs in tasks():
            ours, baseline, text = 0.0, 0.0, json.dumps(extra)
            for _ in range(repeat):
                ours += timed(boxed, text, program)
                baseline += timed(bare, runs)
            rows.append(row(name, repeat / ours, repeat / baseline))
    return rows


def timed(function: Callable[..., None], *arguments: Any) -> float:
    started = time.monotonic()
    function(*arguments)
    return time.monotonic() - started


def row(name: str, ours: float, baseline: float) -> dict[str, Any]:
    ratio = round(ours / baseline, 3)
    return {"name": name, "ours": round(ours, 2), "baseline": round(baseline, 2), "ratio": ratio, "unit": "programs/s"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = measure(arguments.repeat)
    print(f"{'program':24}{'sandbox /s':>12}{'bare /s':>12}{'ratio':>8}")
    for entry in rows:
        print(f"{entry['name']:24}{entry['ours']:>12.1f}{entry['baseline']:>12.1f}{entry['ratio']:>8.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
