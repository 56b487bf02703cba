"""The stage that collects problems, to sample or of a benchmark, without repeated and held-out ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.schema import Config
from configs.sources import ProblemFile, ProblemSource, RowFile
from flows.plan import Stage
from flows.run.progress import Report
from records.counts import ProblemsCounts
from records.hashing import hash_path, problem_id
from records.letters import check_letters
from records.rows import CHOICE
from records.run_folders import check_finished


@dataclass(frozen=True, kw_only=True)
class Problems(Stage):
    """Makes `problems.parquet` from a list of sources."""

    version = "4"
    reads_outside = True
    sources: tuple[ProblemSource, ...]
    held_out: tuple["Problems", ...] = ()
    """Benchmarks whose problems are left out."""
    seed: int | None = None
    """Seed of an order that mixes the sources, so that sampling may stop anywhere; None keeps the sources' order."""
    measures: bool = False
    """True for a benchmark: its problems must not contradict each other, and its right options must not nearly all have
    one letter."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.held_out

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("reasoning_gym",)

    def settings(self) -> dict[str, Any]:
        return {"sources": [source_identity(source) for source in self.sources], "seed": self.seed}

    def build(self, folder: Path, *, progress: Report) -> ProblemsCounts:
        from teacher.problems.sources import write_problems

        sources, excluded = list(self.sources), problem_ids(self.held_out)
        counts = write_problems(folder, sources, excluded, self.seed, must_agree=self.measures)
        if self.measures:
            check_letters(choice_references(folder / "problems.parquet"), self.name.removeprefix("benchmark-"))
        return counts


def source_identity(source: ProblemSource | RowFile) -> dict[str, Any]:
    """Identify a generated source by its settings, a file by its content and the name that its rows get, a hub dataset
    by its name and revision. Errors: InputError for a stage's folder that is not finished."""
    from teacher.problems.tables import source_name

    if not isinstance(source, ProblemFile | RowFile):
        return source.model_dump(mode="json")
    path, settings = Path(source.path), source.model_dump(mode="json", exclude={"path"})
    if not path.exists():
        return settings | {"content": source.path}
    check_finished(path)
    return settings | {"content": hash_path(path, whole=True), "source": source_name(source)}


def problem_ids(benchmarks: tuple[Problems, ...]) -> set[str]:
    """Return the ids of the benchmarks' problems, as they are put and without options and instructions."""
    from records.parquet import read_rows

    rows = [row for benchmark in benchmarks for row in read_rows(benchmark.path, ["id", "question"])]
    return {row["id"] for row in rows} | {problem_id(row["question"]) for row in rows if row["question"]}


def prompts_of(benchmark: Problems) -> list[str]:
    """Return the texts that other problems are compared with, without options and instructions."""
    from records.parquet import read_rows

    rows = read_rows(benchmark.path, ["prompt", "question"])
    return list(dict.fromkeys(row["question"] or row["prompt"] for row in rows))


def choice_references(problems: Path) -> Iterator[str]:
    from records.parquet import read_rows

    rows = read_rows(problems, ["reference", "verifier"])
    return (row["reference"] for row in rows if row["verifier"] == CHOICE)


def benchmark_prompts(config: Config) -> dict[str, list[str]]:
    """Return what `prompts_of` would return for every benchmark, without building an artifact."""
    from teacher.problems.sources import READERS

    prompts: dict[str, dict[str, None]] = {}
    for name, benchmark in config.benchmarks.items():
        problems = (problem for source in benchmark.sources for problem in READERS[source.kind](source))
        prompts[name] = dict.fromkeys(problem.question or problem.prompt for problem in problems)
    return {name: list(distinct) for name, distinct in prompts.items()}
