"""The math verifier against math-verify's parse and verify called directly, on the same real pairs and one core.

    python -m bench.verifiers [--rows N] [--json FILE]

Both get the text after the reasoning and the same reference. Where hand labels or recorded grades are beside the rows,
agreement with them is printed too. Needs the public files of docs/recorded.md in ../shared/data.
"""

import argparse
import gzip
import json
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
Pair = tuple[str, str]


def qwen(limit: int) -> tuple[list[Pair], list[bool]]:
    rows = [json.loads(line) for line in gzip.open(DATA / "rg_math_evals" / "qwen3b_rlft_think_graded.jsonl.gz", "rt")][
        :limit
    ]
    return [(row["gold"], row["response"].rpartition("</think>")[2]) for row in rows], [
        row["correct"] in (True, "True") for row in rows
    ]


def zeroeval(limit: int) -> tuple[list[Pair], list[bool]]:
    rows = [json.loads(line) for line in gzip.open(DATA / "zeroeval" / "math_l5_5models.jsonl.gz", "rt")][:limit]
    return [(row["gold"], row["response"] or "") for row in rows], []


def theirs(pair: Pair) -> bool:
    """As its README calls it, limits included (5 s each, by SIGALRM)."""
    from math_verify import parse, verify

    reference, answer = pair
    return bool(verify(parse(f"${reference}$"), parse(answer)))


def ours(pair: Pair) -> bool:
    from filters.math_answer import verify_math

    return verify_math(*pair).outcome == "pass"


def measure(judge: Callable[[Pair], bool], pairs: list[Pair]) -> tuple[float, list[bool]]:
    judge(pairs[0])  # imports
    started = time.perf_counter()
    verdicts = [judge(pair) for pair in pairs]
    return len(pairs) / (time.perf_counter() - started), verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10**9, help="at most so many of each file")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    entries = []
    print(f"{'pairs':20}{'ours/s':>10}{'math-verify/s':>16}{'ratio':>8}   agreement with the recorded grade")
    for name, load in (("qwen3b traces", qwen), ("zeroeval level 5", zeroeval)):
        pairs, grades = load(arguments.rows)
        baseline, their_verdicts = measure(theirs, pairs)
        rate, verdicts = measure(ours, pairs)
        agreement = ""
        if grades:
            shares = [sum(map(bool.__eq__, found, grades)) / len(grades) for found in (verdicts, their_verdicts)]
            agreement = f"{shares[0]:.2%} (math-verify {shares[1]:.2%})"
        differ = sum(map(bool.__ne__, verdicts, their_verdicts))
        print(f"{name:20}{rate:>10.0f}{baseline:>16.0f}{rate / baseline:>8.1f}   {agreement} {differ} verdicts differ")
        entries.append(
            {
                "name": name,
                "ours": round(rate, 1),
                "baseline": round(baseline, 1),
                "ratio": round(rate / baseline, 2),
                "unit": "pairs/s",
            }
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
