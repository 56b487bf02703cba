"""Compares the math verifier with direct calls of math-verify's parse and verify, on the same real pairs and one core.

    python -m bench.verifiers [--rows N] [--json FILE]
    python -m bench.verifiers --against CHECKOUT [--rounds 7]

Both get the text after the reasoning and the same reference, which is parsed again for every pair. If grades were
recorded with the rows, agreement with them is printed as well. The benchmark needs the files of
docs/measurements/verifiers.md in ../shared/data.

With `--against` our verifier is compared with that of another checkout of this repository, in CPU time: both read all
pairs once in a process of its own, in turn, round after round.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from bench.recorded_data import Case, read_cases

ONCE = """
import json, sys, time
from filters.verifiers.evidence import Evidence
from filters.verifiers.math_answer import full
evidence = [Evidence("math", reference, "", answer) for reference, answer in json.load(sys.stdin)]
for one in evidence[:50]:
    full(one)
started = time.process_time()
for one in evidence:
    full(one)
print(time.process_time() - started)
"""
"""What a process of a checkout does; its first answers import libraries."""
SOURCES = {"qwen3b": "qwen3b traces", "zeroeval": "zeroeval level 5"}


def theirs(case: Case) -> bool:
    """Call math-verify as its README does, including its time limits (5 s each, by SIGALRM)."""
    from math_verify import parse, verify

    return bool(verify(parse(f"${case.trace.reference}$"), parse(case.trace.answer)))


def ours(case: Case) -> bool:
    from filters.verifiers.evidence import evidence_of
    from filters.verifiers.math_answer import full

    return full(evidence_of(case.trace)).outcome == "pass"


def measure(judge: Callable[[Case], bool], cases: Sequence[Case]) -> tuple[float, list[bool]]:
    """Return the pairs per second, and the verdicts."""
    judge(cases[0])  # the first call imports libraries
    started = time.perf_counter()
    verdicts = [judge(case) for case in cases]
    return len(cases) / (time.perf_counter() - started), verdicts


def agreement(verdicts: Sequence[bool], cases: Sequence[Case]) -> float | None:
    """Return the share of verdicts that equal the recorded grade; None without grades."""
    graded = [verdict == case.right for verdict, case in zip(verdicts, cases, strict=True) if case.right is not None]
    return sum(graded) / len(graded) if graded else None


def of_checkout(checkout: Path, cases: Sequence[Case]) -> float:
    """Return the answers per second of CPU time of a checkout's verifier, each answer read once."""
    pairs = json.dumps([(case.trace.reference, case.trace.answer) for case in cases])
    done = subprocess.run(
        [sys.executable, "-c", ONCE], input=pairs, cwd=checkout, capture_output=True, text=True, check=True
    )
    return len(cases) / float(done.stdout)


def compare(checkout: Path, rounds: int, rows: int | None) -> list[dict[str, object]]:
    """Print and return the medians of both checkouts, and their ratio by round."""
    here, entries = Path(__file__).parent.parent, list[dict[str, object]]()
    print(f"{'answers/s of CPU time':24}{'here':>10}{'there':>10}   here to there, by round")
    for source, name in SOURCES.items():
        cases = list(islice(read_cases(source), rows))
        both = [(of_checkout(here, cases), of_checkout(checkout, cases)) for _ in range(rounds)]
        ours, others = (median(speeds) for speeds in zip(*both, strict=True))
        ratios = sorted(one / other for one, other in both)
        print(f"{name:24}{ours:>10,.0f}{others:>10,.0f}   {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
        entries.append({"name": name, "ours": ours, "baseline": others, "ratio": median(ratios), "unit": "answers/s"})
    return entries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=None, help="at most this many rows of each file")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=7, help="with --against")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    if arguments.against:
        write(arguments.json, compare(arguments.against, arguments.rounds, arguments.rows))
        return
    entries = list[dict[str, object]]()
    print(f"{'pairs':20}{'ours/s':>10}{'math-verify/s':>16}{'ratio':>8}{'differ':>8}   agreement with recorded grades")
    for source, name in SOURCES.items():
        cases = list(islice(read_cases(source), arguments.rows))
        baseline, their_verdicts = measure(theirs, cases)
        rate, verdicts = measure(ours, cases)
        differ = sum(map(bool.__ne__, verdicts, their_verdicts))
        shares = [agreement(found, cases) for found in (verdicts, their_verdicts)]
        agrees = f"{shares[0]:.2%}, math-verify {shares[1]:.2%}" if None not in shares else "none recorded"
        print(f"{name:20}{rate:>10.0f}{baseline:>16.0f}{rate / baseline:>8.1f}{differ:>8}   {agrees}")
        entry: dict[str, object] = {"name": name, "ours": round(rate, 1), "baseline": round(baseline, 1)}
        entries.append(entry | {"ratio": round(rate / baseline, 2), "unit": "pairs/s"})
    write(arguments.json, entries)


def write(file: Path | None, entries: list[dict[str, object]]) -> None:
    if file:
        file.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
