"""Measures the exact check of equations: false alarms, first errors, and where the splitter of steps cuts.

python -m bench.step_checker [../shared/data [EVERY]]

EVERY: of the graded completions, only every so many-th is read. About 75 s of one core for all.
The tables of docs/step_checks.md. Rows are streamed; every figure stands beside the number of rows that it is of.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

import numpy as np

from bench.graded_texts import FILES, graded_texts
from filters.scorers.equations import check_pieces, check_steps, summary
from records.step_labels import LabelledSolution
from records.steps import split_steps
from student.data.step_labels.registry import read_labelled

SETS = {
    "prm800k": ("prm800k", "openr_samples/samples_prm800k.jsonl"),
    "math_shepherd": ("math_shepherd", "openr_samples/samples_math-shepherd.jsonl"),
    "prmbench": ("prmbench", "prmbench/*.jsonl.gz"),
    "mr_gsm8k": ("mr_gsm8k", "mr_gsm8k/*.json.gz"),
    "bigbench": ("bigbench_mistake", "bigbench_mistake/*.jsonl.gz"),
}


def main(data: Path, every: int = 1) -> None:
    false_alarms(data, every)
    first_errors(data / "steps")
    boundaries(data / "steps")


def false_alarms(data: Path, every: int) -> None:
    print("answers         graded     n   steps  decided  false  with a false step")
    for source in FILES:
        counts: dict[bool, Counter[str]] = defaultdict(Counter)
        for text, right in islice(graded_texts(data, source), 0, None, every):
            found = summary(check_steps(text))
            counts[right].update(n=1, steps=found.steps, decided=found.decided, false=found.false)
            counts[right].update(flagged=found.first_false is not None)
        for right in (True, False):
            one = counts[right]
            share = f"{one['flagged'] / one['n']:8.2%}" if one["n"] else ""
            print(
                f"{source:15} {'right' if right else 'wrong':6} {one['n']:5} {one['steps']:7} {one['decided']:8} "
                f"{one['false']:6} {one['flagged']:8} {share}"
            )


def labelled(folder: Path, name: str) -> Iterator[tuple[str, LabelledSolution]]:
    """Yield each solution of a set with the group that it is counted in. The right versions of PRMBench's solutions
    stand in several files; each counts once."""
    form, pattern = SETS[name]
    seen = set()
    for file in sorted(folder.glob(pattern)):
        for one in read_labelled(file, form):
            group = f"{name}/{file.name.split('.')[0]}" if name == "bigbench" else one.source
            if (key := (one.problem, one.steps)) not in seen:
                seen.add(key)
                yield group, one


def first_errors(folder: Path) -> None:
    print("\nsteps                              n  wrong  found  right  F1    all   (none  random)   AUC")
    for name in SETS:
        groups: dict[str, list[tuple[int | None, int | None, float, int]]] = defaultdict(list)
        for group, one in labelled(folder, name):
            if 0.0 not in one.labels and None in one.labels:
                continue  # no wrong step, but some that nobody labelled
            found = summary(check_pieces(list(one.steps)))
            wrong = one.labels.index(0.0) if 0.0 in one.labels else None
            groups[group].append((wrong, found.first_false, found.share_false, len(one.steps)))
        if name == "prmbench":
            groups["prmbench, all"] = [row for rows in groups.values() for row in rows]
        for group, rows in groups.items():
            print(f"{group:32} {table_row(rows)}")


def table_row(rows: list[tuple[int | None, int | None, float, int]]) -> str:
    wrong = [found == first for first, found, _, _ in rows if first is not None]
    right = [found is None for first, found, _, _ in rows if first is None]
    found, kept = (sum(part) / len(part) if part else float("nan") for part in (wrong, right))
    f1 = 2 * found * kept / (found + kept) if found + kept else 0.0
    chance = np.mean([1 / (steps + 1) for *_, steps in rows])
    all_right = (sum(wrong) + sum(right)) / len(rows)
    area = auc([share for first, _, share, _ in rows if first is not None], [row[2] for row in rows if row[0] is None])
    return (
        f"{len(rows):4} {len(wrong):6} {found:6.3f} {kept:6.3f} {f1:5.3f} {all_right:5.3f} "
        f"({len(right) / len(rows):5.3f} {chance:5.3f}) {area:7.3f}"
    )


def auc(wrong: list[float], right: list[float]) -> float:
    """Return the chance that a wrong solution has a larger share of false steps than a right one; ties count half."""
    if not wrong or not right:
        return float("nan")
    difference = np.subtract.outer(np.array(wrong), np.array(right))
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


def boundaries(folder: Path) -> None:
    print("\nboundaries        joined by    n    given    cuts   both  precision  recall")
    for name in SETS:
        for joint in ("\n", " "):
            counts = Counter[str]()
            for _, one in labelled(folder, name):
                steps = [" ".join(step.split("\n")) if joint == " " else step for step in one.steps]
                given = ends([f"{step}{joint}" for step in steps[:-1]])
                cuts = ends(split_steps(joint.join(steps))[:-1])
                counts.update(n=1, given=len(given), cuts=len(cuts), both=len(given & cuts))
            print(
                f"{name:17} {'line' if joint == chr(10) else 'space':9} {counts['n']:5} {counts['given']:8} "
                f"{counts['cuts']:7} {counts['both']:6} {counts['both'] / max(counts['cuts'], 1):9.3f} "
                f"{counts['both'] / max(counts['given'], 1):8.3f}"
            )


def ends(pieces: list[str]) -> set[int]:
    return set(accumulate(map(len, pieces)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
