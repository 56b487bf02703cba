"""Turns solutions whose steps somebody else labelled into rows for the training of process reward models."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.hashing import problem_id
from records.parquet import write_rows
from records.step_labels import IMPORTED, SOLUTION, LabelledSolution
from records.training_counts import LabelsCounts

IN_BENCHMARK, UNLABELLED = "in_benchmark", "unlabelled"


def import_labels(
    folder: Path, solutions: Iterable[LabelledSolution], place: str, benchmarks: set[str]
) -> LabelsCounts:
    """Write `steps.parquet`. Left out are solutions without a label, and those whose problem is in `benchmarks`, by the
    hash of its prompt. `sample_index` is the number of the solution in its table, from 0.

    Errors: InputError if no solution is left, or if all labelled steps are right or all wrong.
    """
    left_out: Counter[str] = Counter()
    counted: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        for number, one in enumerate(solutions):
            problem = problem_id(one.problem)
            labels = [label for label in one.labels if label is not None]
            if not labels or problem in benchmarks:
                left_out[UNLABELLED if not labels else IN_BENCHMARK] += 1
                continue
            counted.update(steps=len(one.steps), labelled=len(labels), right=sum(label > 0.5 for label in labels))
            ids = {"source": one.source, "problem_id": problem, "attempt": 0, "sample_index": number}
            yield ids | {"prompt": one.problem, "steps": list(one.steps), "labels": list(one.labels)}

    count = write_rows(folder / IMPORTED, rows(), SOLUTION)
    if not count:
        raise InputError(f"{place}: no solution is left to train on; left out are {dict(left_out)}")
    if counted["right"] in (0, counted["labelled"]):
        kind = "right" if counted["right"] else "wrong"
        raise InputError(
            f"{place}: all {counted['labelled']} labelled steps are {kind}, so there is nothing to tell apart; raise "
            "limit, or give data with right and wrong steps"
        )
    return LabelsCounts(
        solutions=count,
        steps=counted["steps"],
        labelled=counted["labelled"],
        right=counted["right"],
        left_out=dict(+left_out),
    )
