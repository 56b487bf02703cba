"""Surveys every row of a dataset, in several processes if there are many."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq

from records.parquet import parquet_files
from records.parquet_reading import batches_of
from student.data.digests import Digests
from student.data.reasoning import Reasoning
from student.data.rendering import RowRenderer
from student.data.student_files import StudentOrigin, embedding_rows
from student.data.survey import Survey, Surveyor

COLUMNS = ["messages", "problem_id", "sample_index"]

"""Rows in memory at a time in each process; 30 MB of 32k-token traces."""
ROWS_PER_PROCESS = 20_000
"""A further process must have as many rows to do: it takes about 10 s to import transformers."""
AHEAD = 4
"""Parts handed to each process before its first comes back."""


@dataclass(frozen=True)
class Form:
    """How rows are rendered and checked."""

    student: StudentOrigin
    reasoning: Reasoning
    max_length: int


@dataclass(frozen=True)
class Part:
    """One row group of a Parquet file, as a worker surveys it."""

    file: Path
    group: int
    form: Form
    times: float
    """How often a row comes in one epoch."""


def survey_rows(
    datasets: Sequence[Path],
    form: Form,
    progress: Callable[[int, int], None],
    processes: int | None = None,
    times: Sequence[float] = (),
) -> Survey:
    """Return what all rows of some folders of `*.parquet` files hold. `times` says for each folder how often a row of
    it comes in one epoch; by default once.

    `processes` defaults to the machine's cores, and to fewer if there are few rows. `progress` is called with the rows
    done and their number. Errors: InputError if a row's turns cannot be rendered.
    """
    given = zip(datasets, times or [1.0] * len(datasets), strict=True)
    groups = [(file, pq.read_metadata(file), often) for folder, often in given for file in parquet_files(folder)]
    total = sum(metadata.num_rows for _, metadata, _ in groups)
    parts = [
        Part(file, group, form, often) for file, metadata, often in groups for group in range(metadata.num_row_groups)
    ]
    count = processes or min(len(os.sched_getaffinity(0)), max(1, total // ROWS_PER_PROCESS))
    found = Survey()
    with closing(Digests()) as digests:
        for survey in surveys_of(parts, min(count, len(parts))):
            for some in survey.digests:
                digests.add(some)
            survey.digests = []
            found.add(survey)
            progress(found.rows, total)
        found.duplicates = digests.duplicates()
    return found


def surveys_of(parts: list[Part], processes: int) -> Iterator[Survey]:
    """Yield the surveys of the parts in their order; at most AHEAD of them for each process are in flight."""
    if processes <= 1:
        for part in parts:
            yield from surveys_of_part(part)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["student.data.surveying"])
    with ProcessPoolExecutor(processes, context) as pool:
        waiting = iter(parts)
        running = [pool.submit(survey_part, part) for part in islice(waiting, AHEAD * processes)]
        try:
            while running:
                yield running.pop(0).result()
                running += [pool.submit(survey_part, part) for part in islice(waiting, 1)]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def survey_part(part: Part) -> Survey:
    found = Survey()
    for survey in surveys_of_part(part):
        found.add(survey)
    return found


def surveys_of_part(part: Part) -> Iterator[Survey]:
    surveyor = surveyor_of(part.form)
    for batch in batches_of(part.file, COLUMNS, [part.group]):
        found = surveyor.survey(batch.to_pylist())
        found.epoch_tokens = part.times * found.lengths.tokens()
        yield found


@cache
def surveyor_of(form: Form) -> Surveyor:
    rows = embedding_rows(form.student.config())
    return Surveyor(RowRenderer(form.student.tokenizer(), form.reasoning, rows), form.max_length)
