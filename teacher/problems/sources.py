"""Collects the problems of a run from all its sources, and drops repeated and held-out ones."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from configs.sources import ProblemSource
from records.counts import ProblemsCounts
from records.errors import InputError
from records.parquet import write_rows
from records.rows import REASONING_GYM, Problem
from records.schemas import PROBLEM
from teacher.problems.files import read_file
from teacher.problems.generated import generate
from teacher.problems.order import in_seeded_order

READERS: dict[str, Callable[[Any], Iterable[Problem]]] = {"reasoning_gym": generate, "file": read_file}
"""The reader for each kind of source, by the `kind` in its config."""


def write_problems(
    folder: Path,
    sources: list[ProblemSource],
    excluded: set[str],
    seed: int | None = None,
    *,
    must_agree: bool = False,
) -> ProblemsCounts:
    """Write `problems.parquet`, each problem once. Ids in `excluded` (those of benchmarks) are left out and counted.

    With a seed the sources are mixed, which problems to be sampled need; without one, problems keep the order of their
    sources. `must_agree`: a problem that occurs again with another reference is an error. Errors: InputError, also if
    no problem is left.
    """
    left_out = Counter[str]()
    seen: dict[str, str | None] = {}

    def distinct() -> Iterator[Problem]:
        for source in sources:
            for problem in READERS[source.kind](source):
                if source.kind == "file" and source.skip_without_reference and not problem.reference.strip():
                    left_out["without_reference"] += 1
                elif problem.id in excluded:
                    left_out["in_benchmark"] += 1
                elif problem.id in seen:
                    left_out["repeated"] += 1
                    if must_agree:
                        check_same(problem, seen[problem.id])
                else:
                    seen[problem.id] = problem.reference if must_agree else None
                    yield problem

    problems = distinct() if seed is None else in_seeded_order(distinct(), seed, folder)
    count = write_rows(folder / "problems.parquet", problems, PROBLEM)
    counts = ProblemsCounts(
        problems=count,
        repeated=left_out["repeated"],
        in_benchmark=left_out["in_benchmark"],
        without_reference=left_out["without_reference"],
    )
    if not count:
        raise InputError(
            f"no problems left: {counts.repeated} repeated, {counts.in_benchmark} in a benchmark, "
            f"{counts.without_reference} without a reference"
        )
    return counts


def check_same(problem: Problem, reference: str | None) -> None:
    """Check a problem that occurred before with this reference. Errors: InputError if it has another one now."""
    if problem.verifier != REASONING_GYM and problem.reference != reference:
        raise InputError(
            f"{problem.source}: the problem {problem.prompt[:80]!r} occurs twice, with the references "
            f"{str(reference)[:80]!r} and {problem.reference[:80]!r}; remove one of its rows"
        )
