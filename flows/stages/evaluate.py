"""The stage that samples a model under evaluation on a benchmark."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.evaluation import Evaluation, Precision
from configs.models import Student
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.run.watcher import end_with
from flows.stages.problems import Problems
from flows.weights import VLLM, Weights, engine_name, model_identity
from records.counts import SamplingCounts, SamplingPart
from records.hashing import fingerprint
from records.requests import Sampler
from records.share import WorkerSlot
from records.thinking import VERSION as THINKING_VERSION
from teacher.engines.shared import SharedEngine
from teacher.sampling.passes import VERSION as REQUEST_VERSION

if TYPE_CHECKING:
    from teacher.sampling.stage import SamplingJob

SHAPES_NO_COMPLETION = {"shard_size", "precisions", "require_box", "budgets"}


@dataclass(frozen=True, kw_only=True)
class SampleModel(Sharded):
    """Samples one model on one benchmark, unquantized in vLLM, or quantized with bitsandbytes in transformers."""

    version = f"4.{REQUEST_VERSION}.{THINKING_VERSION}"
    problems: Problems
    model: Student
    """The student, or its base, which differs from it in the weights and in what it `thinks`."""
    weights: Weights
    precision: Precision
    evaluation: Evaluation

    @property
    def full(self) -> bool:
        return self.precision == "full"

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.problems, *self.weights.needs)

    def shaping(self) -> dict[str, Any]:
        return model_identity(self.model) | {"weights": self.weights.identity(), "precision": self.precision}

    def settings(self) -> dict[str, Any]:
        # The batch size shapes the completions of a quantized model, see `eval.quantized`.
        excluded = SHAPES_NO_COMPLETION | ({"quantized_batch_size"} if self.full else set())
        return {"evaluation": self.evaluation.model_dump(mode="json", exclude=excluded), "model": self.shaping()}

    @property
    def libraries(self) -> tuple[str, ...]:
        return VLLM if self.full else ("torch", "transformers", "bitsandbytes", "eval.quantized")

    @property
    def workers(self) -> int:
        return self.distribution.sampling_workers

    @property
    def gpus(self) -> int:
        return self.model.engine.tensor_parallel_size if self.full else 1

    @property
    def engine(self) -> str:
        return engine_name(self.model, self.weights, self.precision)

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> SamplingPart:
        from teacher.sampling.stage import sample_share

        logs = folder.parent / "logs" / folder.name
        return sample_share(folder, self.job(folder.parent), partial(self.start, logs, engine), progress, slot)

    def job(self, run_dir: Path) -> "SamplingJob":
        """Return what is sampled; draws of other stages in `run_dir` are taken over."""
        from teacher.sampling.stage import SamplingJob

        return SamplingJob(
            problems=self.problems.path,
            sampling=self.evaluation,
            prompt=self.model.prompt,
            model=fingerprint([self.shaping() | {"name": ""}, self.weights.fingerprint()]),
            teacher=self.model.name,
            thinks=self.model.thinks,
            reuse_from=(run_dir,) if self.full else (),
            shard_size=None if self.full else self.evaluation.quantized_batch_size,
            whole_shards=not self.full,
        )

    def start(self, logs: Path, engine: SharedEngine) -> Sampler:
        path = self.weights.location
        if self.full:
            from teacher.engines import ENGINES, Launch

            launch = Launch(path=path, logs=logs, end_with=end_with, judged=False, shared=engine)
            return ENGINES["vllm"](self.model, launch)
        from eval.quantized import QuantizedSampler

        batch_size = self.evaluation.quantized_batch_size
        return engine.borrow(partial(QuantizedSampler, self.model, path, self.precision, batch_size))

    def missing(self, folder: Path) -> int:
        from teacher.sampling.shard_files import missing

        return missing(folder, self.problems.path)

    def gather(self, folder: Path, parts: list[SamplingPart]) -> SamplingCounts:
        from teacher.sampling.stage import gather

        return gather(folder, self.evaluation, parts)
