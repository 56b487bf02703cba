"""The stage that samples a model under evaluation on a benchmark."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from configs.evaluated_models import Precision
from configs.evaluation import Evaluation
from configs.models import Model
from configs.sampling import Sampling
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.stages.choose import ChooseProblems
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

SHAPES_COMPLETIONS = set(Sampling.model_fields) - {"shard_size"}
"""Settings of an evaluation that shape completions."""


@dataclass(frozen=True, kw_only=True)
class SampleModel(Sharded):
    """Samples one model on one benchmark with vLLM, in full or quantized, and notes the runtime."""

    version = f"5.{REQUEST_VERSION}.{THINKING_VERSION}"
    problems: Problems | ChooseProblems
    model: Model
    weights: Weights
    """Those that are loaded: of a quantized model, the quantized ones."""
    precision: Precision
    evaluation: Evaluation
    waits: ClassVar[bool] = False
    """True if completions decide what is drawn next."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.problems, *self.weights.needs)

    def shaping(self) -> dict[str, Any]:
        shaping = {"weights": self.weights.identity(), "precision": self.precision, "engine": "vllm"}
        return model_identity(self.model) | shaping

    def settings(self) -> dict[str, Any]:
        sampling = self.evaluation.model_dump(mode="json", include=SHAPES_COMPLETIONS)
        return {"evaluation": sampling, "model": self.shaping()}

    @property
    def libraries(self) -> tuple[str, ...]:
        return VLLM

    @property
    def workers(self) -> int:
        return self.distribution.sampling_workers

    @property
    def gpus(self) -> int:
        return self.model.engine.tensor_parallel_size

    @property
    def engine(self) -> str:
        return engine_name(self.model, self.weights, self.precision)

    @property
    def shard_size(self) -> int:
        return self.evaluation.shard_size

    @property
    def batch_invariant(self) -> bool:
        """False if a completion depends on the others in its batch, as LLM.int8's do. An interrupted shard is then
        drawn anew, and no trace of an earlier run is taken over."""
        return self.precision != "int8"

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> SamplingPart:
        from teacher.sampling.stage import sample_share

        return sample_share(folder, self.job(folder.parent), partial(self.start, folder, engine), progress, slot)

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
            reuse_from=(run_dir,) if self.batch_invariant else (),
            shard_size=self.shard_size,
            whole_shards=not self.batch_invariant,
        )

    def start(self, folder: Path, engine: SharedEngine) -> Sampler:
        """Return a sampler, and note in the folder what it samples with."""
        from records.runtime import keep_runtime
        from teacher.engines import borrow_vllm

        sampler = borrow_vllm(self.model, self.weights.location, engine, judged=self.waits)
        keep_runtime(folder, sampler.runtime())
        return sampler

    def missing(self, folder: Path) -> int:
        from teacher.sampling.shard_files import missing

        return missing(folder, self.problems.path)

    def gather(self, folder: Path, parts: list[SamplingPart]) -> SamplingCounts:
        from teacher.sampling.stage import gather

        return gather(folder, self.evaluation, parts)
