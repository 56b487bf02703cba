"""The stage that judges every trace with every filter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.judging import Judging
from configs.sampling import Sampling, TeacherSampling
from filters.chain import VERSION
from filters.lenient import VERSION as LENIENT_VERSION
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.stages.problems import Problems, prompts_of
from records.counts import JudgingCounts, JudgingPart
from records.hashing import fingerprint
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class JudgingRules:
    """The rules by which traces are judged: the config's filters and verifiers, the benchmarks that traces must not
    contain, and the hints that they must not quote."""

    judging: Judging
    benchmarks: tuple[Problems, ...] = ()
    """Benchmarks whose problems must not reach the dataset; empty if a benchmark itself is judged."""
    hints: tuple[str, ...] = ()
    """The templates with which second chances show the reference."""

    def settings(self) -> dict[str, Any]:
        names = [benchmark.name for benchmark in self.benchmarks]  # verdicts contain them
        judging = self.judging.model_dump(mode="json", exclude={"workers"})
        return {"judging": judging, "benchmarks": names, "hints": list(self.hints)}

    def identity(self) -> str:
        """Return a hash of the rules. Verdicts made under the same identity remain valid."""
        held_out = [benchmark.artifact.fingerprint for benchmark in self.benchmarks]
        return fingerprint([VERSION, self.settings(), held_out])

    def prompts(self) -> dict[str, list[str]]:
        """Return the prompts of every benchmark, by its name."""
        return {benchmark.name.removeprefix("benchmark-"): prompts_of(benchmark) for benchmark in self.benchmarks}


@dataclass(frozen=True, kw_only=True)
class Judge(Sharded):
    """Makes `judged-NNNNN.parquet`, all traces with their verdicts, including the rejected ones."""

    version = VERSION
    traces: Stage
    rules: JudgingRules
    sampling: Sampling | None = None
    """Settings with which the traces were sampled; None if they were recorded elsewhere."""
    lenient: bool = False
    """True to read a benchmark's answers leniently as well."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.traces, *self.rules.benchmarks)

    @property
    def workers(self) -> int:
        return self.distribution.judging_workers

    def settings(self) -> dict[str, Any]:
        return self.rules.settings() | ({"lenient": LENIENT_VERSION} if self.lenient else {})

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> JudgingPart:
        from filters.judge import judge_share

        return judge_share(
            folder,
            traces=self.traces.path,
            config=self.rules.judging,
            benchmarks=self.rules.prompts(),
            hints=self.rules.hints,
            judged_before=isinstance(self.sampling, TeacherSampling) and self.sampling.judged,
            progress=progress,
            slot=slot,
            lenient=self.lenient,
        )

    def missing(self, folder: Path) -> int:
        from filters.judge import missing

        return missing(folder, self.traces.path)

    def gather(self, folder: Path, parts: list[JudgingPart]) -> JudgingCounts:
        from filters.judge import gather
        from records.difficulty import difficulty
        from teacher.sampling.difficulty import pass_rates

        return gather(folder, list(self.rules.prompts()), parts, pass_rates(self.sampling), difficulty)
