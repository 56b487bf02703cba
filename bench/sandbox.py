"""Compares programs per second in the sandbox with bare `subprocess.run([python, file])` on the same programs.

    python -m bench.sandbox [--repeat N] [--json FILE]
    python -m bench.sandbox --against CHECKOUT [--rounds 7]

The two alternate, so that other load on the machine affects both alike. A bare run neither checks nor stops anything.

With `--against` our sandbox is compared with that of another checkout of this repository: each judges every program
`--repeat` times in a process of its own, in turn, round after round.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from filters.verifiers.code_answer import verify_code

ONCE = """
import json, sys, time
from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.sandbox.host import check_sandbox
check_sandbox()
programs, repeat = json.load(sys.stdin)
seconds = []
for extra, program in programs:
    assert verify_code(extra, program).outcome == "pass"
    started = time.monotonic()
    for _ in range(repeat):
        verify_code(extra, program)
    seconds.append(time.monotonic() - started)
print(json.dumps(seconds))
"""
"""What a process of a checkout does; the first program of each kind is not counted. As in a run, the harness is
compiled beforehand."""
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


def of_checkout(checkout: Path, repeat: int) -> list[float]:
    """Return the programs per second of a checkout's sandbox, task by task."""
    programs = [(json.dumps(extra), program) for _, extra, program, _ in tasks()]
    done = subprocess.run(
        [sys.executable, "-c", ONCE],
        input=json.dumps([programs, repeat]),
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return [repeat / seconds for seconds in json.loads(done.stdout)]


def compare(checkout: Path, rounds: int, repeat: int) -> list[dict[str, Any]]:
    """Print and return the medians of both checkouts, and their ratio by round."""
    here = Path(__file__).parent.parent
    both = [(of_checkout(here, repeat), of_checkout(checkout, repeat)) for _ in range(rounds)]
    print(f"{'programs/s':24}{'here':>10}{'there':>10}   here to there, by round")
    entries = []
    for at, (name, *_) in enumerate(tasks()):
        ours, others = ([one[side][at] for one in both] for side in (0, 1))
        ratios = sorted(one / other for one, other in zip(ours, others, strict=True))
        entry = row(name, median(ours), median(others)) | {"ratio": round(median(ratios), 3)}
        print(
            f"{name:24}{entry['ours']:>10.1f}{entry['baseline']:>10.1f}   {entry['ratio']:.2f} "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )
        entries.append(entry)
    return entries


def row(name: str, ours: float, baseline: float) -> dict[str, Any]:
    ratio = round(ours / baseline, 3)
    return {"name": name, "ours": round(ours, 2), "baseline": round(baseline, 2), "ratio": ratio, "unit": "programs/s"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=7, help="with --against")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.against:
        rows = compare(arguments.against, arguments.rounds, arguments.repeat)
    else:
        rows = measure(arguments.repeat)
        print(f"{'program':24}{'sandbox /s':>12}{'bare /s':>12}{'ratio':>8}")
        for entry in rows:
            print(f"{entry['name']:24}{entry['ours']:>12.1f}{entry['baseline']:>12.1f}{entry['ratio']:>8.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
