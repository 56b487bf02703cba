"""Measures the exact check of equations: false alarms, first errors, and where the splitter of steps cuts.

python -m bench.step_checker [../shared/data [EVERY]]

EVERY: of the graded completions, only every so many-th is read. About 75 s of one core for all.
The tables of docs/step_checks.md. Rows are streamed; every figure stands beside the number of rows that it is of.
"""

import sys
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import accumulate, islice
from pathlib import Path

from bench.first_errors import Found, chance, figures, shown
from bench.graded_texts import FILES, graded_texts
from bench.step_sets import SETS, labelled
from filters.scorers.equations import check_pieces, check_steps, summary
from records.steps import split_steps


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


def first_errors(folder: Path) -> None:
    print(
        "\n"
        + "steps".ljust(35)
        + "n  wrong  found  right  F1    all   (none  random) AUC".ljust(73)
        + "AUC of the length"
    )
    for name in SETS:
        groups: dict[str, list[Found]] = defaultdict(list)
        for one in labelled(folder, name):
            if one.is_decided:
                found, steps = summary(check_pieces(list(one.labelled.steps))), len(one.labelled.steps)
                said = Found(one.problem_key, one.first_wrong, found.first_false, -found.share_false, steps)
                groups[one.labelled.source if name == "prmbench" else one.set].append(said)
        if name == "prmbench":
            groups["prmbench, all"] = [row for rows in groups.values() for row in rows]
        for group, rows in groups.items():
            print(f"{group:32} {table_row(rows)}")


def table_row(rows: list[Found]) -> str:
    found, length = figures(rows), figures([replace(row, score=-row.steps) for row in rows]).auc
    return (
        f"{found.n:4} {found.wrong:6} {found.found:6.3f} {found.kept:6.3f} {found.f1:5.3f} {found.accuracy:5.3f} "
        f"({1 - found.wrong / found.n:5.3f} {chance(rows):5.3f}) {shown(found.auc):20} {shown(length)}"
    )


def boundaries(folder: Path) -> None:
    print("\nboundaries        joined by    n    given    cuts   both  precision  recall")
    for name in SETS:
        for joint in ("\n", " "):
            counts = Counter[str]()
            for one in labelled(folder, name):
                steps = [" ".join(step.split("\n")) if joint == " " else step for step in one.labelled.steps]
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
