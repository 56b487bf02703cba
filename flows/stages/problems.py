"""The problems of a run and its benchmarks."""

from pathlib import Path

from configs.schema import Config
from configs.sources import ProblemSource
from flows.run.progress import Report
from flows.stage import Counts


def problem_ids(benchmarks: list[Path]) -> set[str]:
    from records.parquet import read_rows

    return {row["id"] for folder in benchmarks for row in read_rows(folder, ["id"])}


def build_problems(folder: Path, sources: list[ProblemSource], benchmarks: list[Path], progress: Report) -> Counts:
    from teacher.problems.sources import write_problems

    return write_problems(folder, sources, problem_ids(benchmarks))


def benchmark_prompts(config: Config) -> dict[str, list[str]]:
    """Every benchmark's prompts, each problem once, as its stage would write them; no artifact is built."""
    from teacher.problems.sources import READERS

    prompts: dict[str, dict[str, str]] = {name: {} for name in config.benchmarks}
    for name, sources in config.benchmarks.items():
        for source in sources:
            for problem in READERS[source.kind](source):
                prompts[name].setdefault(problem.id, problem.prompt)
    return {name: list(distinct.values()) for name, distinct in prompts.items()}
