"""Problem sources: reasoning-gym tasks, files and Hugging Face datasets.

One real row of reasoning-gym's `chain_sum` (Apache-2.0, open-thought/reasoning-gym):

    {"question": "State the final answer to the following arithmetic problem: 4 - 1 =", "answer": "3",
     "metadata": {"source_dataset": "chain_sum", "expression": "4 - 1", …}}

and one of GSM8K-like files (`columns: {prompt: question, reference: answer}`):

    {"question": "A robe takes 2 bolts of blue fiber and half that much white fiber. How many …?", "answer": "3"}
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from configs.sources import GeneratedProblems, ProblemFile, ProblemSource
from records.counts import ProblemsCounts
from records.errors import InputError
from records.hashing import problem_id
from records.parquet import PROBLEM, write_rows
from records.rows import REASONING_GYM, Problem
from records.tables import text_of
from teacher.problems.tables import extra_of, read_table, reference_of, source_name


def write_problems(folder: Path, sources: list[ProblemSource], excluded: set[str]) -> ProblemsCounts:
    """Write `problems.parquet`, each problem once; ids in `excluded` (the benchmarks') are left out and counted."""
    left_out = Counter[str]()
    seen: set[str] = set()

    def distinct() -> Iterator[Problem]:
        for source in sources:
            for problem in READERS[source.kind](source):
                if problem.id in excluded:
                    left_out["in_benchmark"] += 1
                elif problem.id in seen:
                    left_out["repeated"] += 1
                else:
                    seen.add(problem.id)
                    yield problem

    count = write_rows(folder / "problems.parquet", distinct(), PROBLEM)
    counts = ProblemsCounts(problems=count, repeated=left_out["repeated"], in_benchmark=left_out["in_benchmark"])
    if not count:
        raise InputError(f"no problems left: {counts.repeated} repeated, {counts.in_benchmark} in a benchmark")
    return counts


def generate(source: GeneratedProblems) -> Iterator[Problem]:
    """Problems of a reasoning-gym task. The whole entry is kept in `extra`: the task's scorer needs it."""
    for entry in entries_of(source):
        extra = json.dumps(entry, default=str) if source.verifier == REASONING_GYM else metadata_only(entry)
        yield Problem(
            id=problem_id(entry["question"]),
            prompt=entry["question"],
            reference=str(entry["answer"]),
            verifier=source.verifier,
            source=source.task,
            extra=extra,
        )


def entries_of(source: GeneratedProblems) -> Iterator[dict[str, Any]]:
    """Entries of the task. Some settings are only found wrong when the first entry is made."""
    import reasoning_gym  # ~2 s: it imports every task

    try:
        yield from reasoning_gym.create_dataset(source.task, size=source.size, seed=source.seed, **source.settings)
    except (ValueError, AssertionError, TypeError, KeyError, IndexError) as error:
        raise InputError(f"reasoning-gym task {source.task!r} with {source.settings}: {error}") from error


def metadata_only(entry: dict[str, Any]) -> str:
    return json.dumps({"metadata": entry["metadata"]}, default=str)


def read_file(source: ProblemFile) -> Iterator[Problem]:
    """Problems of a table. Errors: InputError naming file, row and column of an empty or missing cell."""
    for place, row in read_table(source):
        prompt = text_of(row, source.columns.prompt, place)
        yield Problem(
            id=problem_id(prompt),
            prompt=prompt,
            reference=reference_of(row, source.columns.reference, place),
            verifier=source.verifier,
            source=source_name(source),
            extra=extra_of(row, source.columns.extra, place),
        )


READERS: dict[str, Callable[[Any], Iterable[Problem]]] = {"reasoning_gym": generate, "file": read_file}
