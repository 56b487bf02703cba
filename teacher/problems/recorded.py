"""Imports traces recorded elsewhere as if they had been sampled.

One real row of open-thought/reasoning-gym-eval (Apache-2.0; prompt: question, reference: gold, completion: response):

    {"question": "A robe takes 2 bolts of blue fiber and half that much …?", "gold": "3",
     "response": "<think> \\nTo determine how many bolts …</think> \\n<answer> \\\\boxed{3}"}
"""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from configs.sources import TraceFile
from configs.teachers import RecordedTeacher
from records.counts import ImportCounts
from records.errors import InputError
from records.hashing import fingerprint, problem_id
from records.parquet import write_rows
from records.rows import CUT_OFF, FINISHED, Trace
from records.schemas import TRACE
from records.tables import text_of
from records.thinking import CLOSE, split_reasoning
from teacher.problems.seen_problems import SeenProblems, temporary_problems
from teacher.problems.tables import extra_of, read_table, reference_of, source_name

SHARD_SIZE = 4096
"""Traces per file. A file is the unit of work that judging workers take."""


def import_traces(folder: Path, teacher: RecordedTeacher, progress: Callable[..., None]) -> ImportCounts:
    """Write the recorded files as `traces-NNNNN.parquet`, and return counts. Errors: InputError naming file and row;
    OSError if the disk is full."""
    count = 0

    def traces() -> Iterator[Trace]:
        nonlocal count
        for file in teacher.files:
            for place, row in read_table(file):
                trace = to_trace(row, place, file, teacher.name, problems)
                count += 1
                progress(count, None)
                yield trace

    with temporary_problems(folder) as problems:
        rows, number = traces(), 0
        while first := next(rows, None):
            write_rows(folder / f"traces-{number:05}.parquet", chain([first], islice(rows, SHARD_SIZE - 1)), TRACE)
            number += 1
        return ImportCounts(problems=problems.count(), traces=count)


def to_trace(row: dict[str, Any], place: str, file: TraceFile, name: str, problems: SeenProblems) -> Trace:
    columns = file.columns
    prompt = text_of(row, columns.prompt, place)
    identity = problem_id(prompt)
    reasoning, answer, closed = split_reasoning(completion_of(row, file, place))
    finish = FINISHED if closed else CUT_OFF
    tokens = int_of(row, columns.completion_tokens, place) if columns.completion_tokens else 0
    return Trace(
        problem_id=identity,
        attempt=0,
        sample_index=problems.next_index(identity),
        prompt=prompt,
        reference=reference_of(row, columns.reference, place, may_be_empty=True),  # then unverifiable
        verifier=file.verifier,
        source=source_name(file),
        extra=extra_of(row, columns.extra, place),
        reasoning=reasoning,
        answer=answer,
        closed=closed,
        finish_reason=text_of(row, columns.finish_reason, place) if columns.finish_reason else finish,
        prompt_tokens=0,
        completion_tokens=tokens,
        seed=0,
        teacher=text_of(row, columns.teacher, place) if columns.teacher else name,
        request_fingerprint=fingerprint([identity, reasoning, answer]),
    )


def completion_of(row: dict[str, Any], file: TraceFile, place: str) -> str:
    """Return the completion with its tags. It may be empty: that makes a trace to reject, not a broken file."""
    columns = file.columns
    if columns.completion:
        return text_of(row, columns.completion, place, may_be_empty=True)
    reasoning = text_of(row, str(columns.reasoning), place, may_be_empty=True)
    answer = text_of(row, str(columns.answer), place, may_be_empty=True)
    return f"{reasoning}{CLOSE}{answer}" if answer.strip() else reasoning


def int_of(row: dict[str, Any], column: str, place: str) -> int:
    text = text_of(row, column, place)
    try:
        return int(text)
    except ValueError as error:
        raise InputError(f"{place}: column {column!r} must be a whole number, found {text!r}") from error
