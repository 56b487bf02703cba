"""Counts where our verifiers and the grades recorded with public traces disagree, and samples cases to read by hand.

    python -m bench.disagreements [--sample 150] [--seed 0] OUT.jsonl

zeroeval has no grades, so its traces are graded by calling math-verify's parse and verify directly. The sample takes
from every source and kind of disagreement in turn, so it holds all cases of a rare kind.
"""

import argparse
import json
import logging
import random
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

from bench.recorded_data import SOURCES, Case, read_cases
from bench.verifiers import theirs
from configs.judging import Judging
from filters.reasons import PASS, UNKNOWN
from filters.workers import workers
from records.rows import Verdict

KINDS = ("we pass, they fail", "we fail, they pass", "unknown")


def kind_of(outcome: str, right: bool) -> str:
    """Return the kind of disagreement; empty if both agree."""
    if outcome == UNKNOWN:
        return "unknown"
    return "" if (outcome == PASS) == right else KINDS[right]


def graded(case: Case) -> Case:
    """Return the case with a grade, made by math-verify if none was recorded."""
    return case if case.right is not None else replace(case, right=theirs(case))


def entry_of(source: str, kind: str, case: Case, verdict: Verdict) -> dict[str, str]:
    return {
        "source": source,
        "kind": kind,
        "place": case.place,
        "reference": case.trace.reference,
        "recorded_extraction": case.extracted,
        "recorded_grade": "right" if case.right else "wrong",
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "extracted": verdict.extracted,
        "tail": case.trace.answer[-600:],
    }


def spread(found: list[dict[str, str]], size: int, seed: int) -> list[dict[str, str]]:
    """Draw a random sample, from every source and kind in turn until it is full."""
    strata: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for entry in found:
        strata[entry["source"], entry["kind"]].append(entry)
    shuffler = random.Random(seed)
    for stratum in strata.values():
        shuffler.shuffle(stratum)
    taken = [entry for turn in range(size) for stratum in strata.values() for entry in stratum[turn : turn + 1]]
    return sorted(taken[:size], key=lambda entry: (list(SOURCES).index(entry["source"]), entry["kind"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("output", type=Path, metavar="OUT.jsonl")
    arguments = parser.parse_args()
    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    found: list[dict[str, str]] = []
    print(f"{'source':15}{'pairs':>7}{'agree':>8}" + "".join(f"{kind:>20}" for kind in KINDS))
    with workers(Judging(workers=1)) as pool:
        for source in SOURCES:
            cases = list(map(graded, read_cases(source)))
            verdicts = [verdicts[-1] for verdicts in pool.judge(case.trace for case in cases)]
            kinds = [kind_of(verdict.outcome, bool(case.right)) for case, verdict in zip(cases, verdicts, strict=True)]
            counts = Counter(kinds)
            print(f"{source:15}{len(cases):>7}{counts['']:>8}" + "".join(f"{counts[kind]:>20}" for kind in KINDS))
            found += [entry_of(source, *one) for one in zip(kinds, cases, verdicts, strict=True) if one[0]]
    sample = spread(found, arguments.sample, arguments.seed)
    arguments.output.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in sample))


if __name__ == "__main__":
    main()
