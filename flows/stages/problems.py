"""The stage that collects problems, to sample or of a benchmark, without repeated and held-out ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.schema import Config
from configs.sources import ProblemFile, ProblemSource, RowFile
from flows.plan import Stage
from flows.run.progress import Report
from records.counts import ProblemsCounts
from records.hashing import hash_path


@dataclass(frozen=True, kw_only=True)
class Problems(Stage):
    """Makes `problems.parquet` from a list of sources."""

    version = "3"
    sources: tuple[ProblemSource, ...]
    held_out: tuple["Problems", ...] = ()
    """Benchmarks whose problems are left out."""
    seed: int | None = None
    """Seed of an order that mixes the sources, so that sampling may stop anywhere; None keeps the sources' order."""

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

        return write_problems(folder, list(self.sources), problem_ids(self.held_out), self.seed)


def source_identity(source: ProblemSource | RowFile) -> dict[str, Any]:
    """Identify a generated source by its settings, a file by its content, a hub dataset by its name and revision."""
    if not isinstance(source, ProblemFile | RowFile):
        return source.model_dump(mode="json")
    path = Path(source.path)
    content = hash_path(path) if path.exists() else source.path
    return source.model_dump(mode="json", exclude={"path"}) | {"content": content}


def problem_ids(benchmarks: tuple[Problems, ...]) -> set[str]:
    from records.parquet import read_rows

    return {row["id"] for benchmark in benchmarks for row in read_rows(benchmark.path, ["id"])}


def prompts_of(benchmark: Problems) -> list[str]:
    from records.parquet import read_rows

    return [row["prompt"] for row in read_rows(benchmark.path, ["prompt"])]


def benchmark_prompts(config: Config) -> dict[str, list[str]]:
    """Return the prompts that every benchmark's stage would write, each problem once, without building an artifact."""
    from teacher.problems.sources import READERS

    prompts: dict[str, dict[str, str]] = {name: {} for name in config.benchmarks}
    for name, sources in config.benchmarks.items():
        for source in sources:
            for problem in READERS[source.kind](source):
                prompts[name].setdefault(problem.id, problem.prompt)
    return {name: list(distinct.values()) for name, distinct in prompts.items()}
