"""Runs every filter on every trace as a stream. Rejected traces stay, with all their verdicts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from configs.judging import Judging
from filters.chain import all_filters
from filters.counting.contamination_report import ContaminationReport
from filters.counting.funnel import Difficulty, Funnel
from filters.counting.pass_rates import PassRate, accepted_share
from filters.lenient import with_readings
from filters.reasons import UNKNOWN
from filters.workers import workers
from records.counts import JudgingCounts, JudgingPart
from records.parquet import count_rows, parquet_files, read_about, read_traces, write_rows
from records.rows import Reading, Trace, Verdict
from records.schemas import TRACE, TRACE_READ
from records.share import Claims, WorkerSlot, check_parts

REPORT_EVERY = 256
Judged = tuple[tuple[Path, Trace], list[Verdict], Reading | None]
"""A trace with the file that it belongs to, its verdicts, and the lenient reading of its answer if that is wanted."""


def judge_share(
    folder: Path,
    traces: Path,
    config: Judging,
    benchmarks: dict[str, list[str]],
    hints: tuple[str, ...],
    judged_before: bool,
    progress: Callable[..., None],
    slot: WorkerSlot,
    lenient: bool = False,
) -> JudgingPart:
    """Judge one worker's part of a directory: take the files that no other worker has taken, one after the other, and
    write each with all its traces and their verdicts. Rejected traces stay.

    `benchmarks` holds the prompts of every benchmark by name; none may reach the dataset. `hints` are the templates in
    which traces were shown the answer. `judged_before` says that the traces' own verdicts are of this very judging and
    remain valid. `lenient` says that answers are read leniently as well, beside their verdicts: of a benchmark, whose
    traces are never trained on. Returns what only this worker knows. Errors: InputError if programs are to be judged
    and no sandbox starts.
    """
    check_parts(folder, "judged-*.parquet", (judged_file(folder, file) for file in parquet_files(traces)))
    claims, total = Claims(folder), -(-count_rows(traces) // slot.workers)
    counts = Counter[str]()
    schema = TRACE_READ if lenient else TRACE

    def open_traces() -> Iterator[tuple[Path, Trace]]:
        """Yield the traces of every file that is free. The next file begins while the last traces of one are still
        being judged."""
        for file in parquet_files(traces):
            done = judged_file(folder, file)
            if claims.take_missing(done):
                if not count_rows(file):
                    write_rows(done, [], schema, partial(about, Funnel(), ContaminationReport(benchmarks)))
                    claims.release(done.name)
                yield from ((done, trace) for trace in read_traces(file))

    def rows(judged: Iterator[Judged], funnel: Funnel, contamination: ContaminationReport) -> Iterator[Trace]:
        for (_, trace), verdicts, reading in judged:
            row = replace(trace, verdicts=verdicts, lenient=reading)
            funnel.add(row)
            contamination.add(row)
            counts.update(judged=1, accepted=row.accepted)
            if counts["judged"] % REPORT_EVERY == 0 or counts["judged"] == total:
                expected = total if counts["judged"] <= total else None
                progress(counts["judged"], expected, accepted=counts["accepted"])
            yield row

    def standing(trace: Trace) -> list[Verdict]:
        """Return the verdicts that stay valid. A verifier that gave up may have run beside other work, so it gets
        another try."""
        gave_up = any(verdict.outcome == UNKNOWN for verdict in trace.verdicts)
        return trace.verdicts if judged_before and not gave_up else []

    with workers(config, all_filters(config, benchmarks, hints)) as pool:
        verdicts = pool.stream(open_traces(), itemgetter(1), standing)
        read: Iterator[Judged] = ((item, found, None) for item, found in verdicts)
        if lenient:
            read = with_readings(verdicts, itemgetter(1), pool.full_verdict)
        for done, judged in groupby(read, key=lambda item: item[0][0]):
            funnel, contamination = Funnel(), ContaminationReport(benchmarks)
            write_rows(done, rows(judged, funnel, contamination), schema, partial(about, funnel, contamination))
            claims.release(done.name)
        return JudgingPart(verifier_s=pool.waited_s)


def judged_file(folder: Path, traces: Path) -> Path:
    return folder / f"judged-{traces.stem.removeprefix('traces-')}.parquet"


def about(funnel: Funnel, contamination: ContaminationReport) -> dict[str, Any]:
    return {"funnel": funnel.plain(), "contamination": contamination.plain()}


def missing(folder: Path, traces: Path) -> int:
    """Return the number of files that are not judged yet."""
    return sum(not judged_file(folder, file).exists() for file in parquet_files(traces))


def gather(
    folder: Path,
    benchmarks: Iterable[str],
    parts: list[JudgingPart],
    pass_rate: PassRate = accepted_share,
    difficulty: Difficulty | None = None,
) -> JudgingCounts:
    """Return the counts of a whole directory once its workers are done; `parts` is what they returned. `pass_rate`
    and `difficulty` are as in `Funnel.counts`."""
    funnel, contamination = Funnel(), ContaminationReport(benchmarks)
    for file in sorted(folder.glob("judged-*.parquet")):
        part = read_about(file)
        funnel.include(part["funnel"])
        contamination.include(part["contamination"])
    seconds = sum(part.verifier_s for part in parts)
    return funnel.counts(pass_rate, difficulty, contamination.counts(), seconds)
