"""The problems of a run and its benchmarks."""

from pathlib import Path

from configs.sources import ProblemSource
from flows.run.progress import Report
from records.counts import ProblemsCounts


def problem_ids(benchmarks: list[Path]) -> set[str]:
    from records.parquet import read_rows

    return {row["id"] for folder in benchmarks for row in read_rows(folder, ["id"])}


def build_problems(
    folder: Path, sources: list[ProblemSource], benchmarks: list[Path], progress: Report
) -> ProblemsCounts:
    from teacher.problems.sources import write_problems

    return write_problems(folder, sources, problem_ids(benchmarks))
