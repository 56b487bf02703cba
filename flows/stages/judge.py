"""Every filter's verdict on every trace."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.judging import Judging
from configs.sampling import Sampling, TeacherSampling
from filters.chain import VERSION
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.stages.problems import Problems, prompts_of
from records.counts import JudgingCounts, JudgingPart
from records.hashing import fingerprint
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class JudgingRules:
    """What decides on a trace: the config's filters and verifiers, the benchmarks it must keep clear of, and the hints
    it must not quote."""

    judging: Judging
    benchmarks: tuple[Problems, ...] = ()
    """Their problems must not reach the dataset; none where a benchmark itself is judged."""
    hints: tuple[str, ...] = ()
    """The templates in which second chances show the reference."""

    def settings(self) -> dict[str, Any]:
        names = [benchmark.name for benchmark in self.benchmarks]  # they stand in verdicts
        judging = self.judging.model_dump(mode="json", exclude={"workers"})
        return {"judging": judging, "benchmarks": names, "hints": list(self.hints)}

    def identity(self) -> str:
        """Verdicts that were made under the same identity stand."""
        held_out = [benchmark.artifact.fingerprint for benchmark in self.benchmarks]
        return fingerprint([VERSION, self.settings(), held_out])

    def prompts(self) -> dict[str, list[str]]:
        """Of every benchmark, by its name."""
        return {benchmark.name.removeprefix("benchmark-"): prompts_of(benchmark) for benchmark in self.benchmarks}


@dataclass(frozen=True, kw_only=True)
class Judge(Sharded):
    """`judged-NNNNN.parquet`: the traces with their verdicts, rejected ones included."""

    version = VERSION
    traces: Stage
    rules: JudgingRules
    sampling: Sampling | None = None
    """How the traces were sampled; None if they were recorded elsewhere."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.traces, *self.rules.benchmarks)

    @property
    def workers(self) -> int:
        return self.distribution.judging_workers

    def settings(self) -> dict[str, Any]:
        return self.rules.settings()

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
        )

    def missing(self, folder: Path) -> int:
        from filters.judge import missing

        return missing(folder, self.traces.path)

    def gather(self, folder: Path, parts: list[JudgingPart]) -> JudgingCounts:
        from filters.judge import gather
        from teacher.sampling.difficulty import difficulty, pass_rates

        return gather(folder, list(self.rules.prompts()), parts, pass_rates(self.sampling), difficulty)
