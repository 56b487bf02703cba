"""The stage in which one scorer scores judged traces."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.scorers import EquationsScorer, ModelScorer, OutcomeScorer, ProcessScorer, StepJudge
from filters.scorers.registry import SCORERS, VERSIONS
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.stages.judge import Judge
from flows.weights import Weights
from records.gpus import has_gpu
from records.hashing import fingerprint
from records.pooling import Serve
from records.rendering import VERSION as RENDERING_VERSION
from records.reward_text import VERSION as TEXT_VERSION
from records.scoring_counts import ScoringCounts, ScoringPart
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine

if TYPE_CHECKING:  # sampling may be led by a scorer, which is known by its scoring stage
    from flows.stages.sample import SampleTeacher

SHAPES_NO_SCORE = {"path", "revision", "origin", "batch_tokens", "vllm", "aggregate", "judge", "sampling"}
"""Fields of a scorer that say where its weights come from, which `Weights` identify, how a judge is asked, which its
replies identify, how it runs on a machine, or how its scores are used."""
VLLM = ("torch", "transformers", "vllm", "vllm.v1.engine.llm_engine", "teacher.engines.vllm_pooling")


@dataclass(frozen=True, kw_only=True)
class ScoreTraces(Sharded):
    """Makes `scores-NNNNN.parquet`, a row for each row of `judged-NNNNN.parquet`."""

    version = f"1.{TEXT_VERSION}.{RENDERING_VERSION}"
    judged: Judge
    scorer_name: str
    scorer: EquationsScorer | OutcomeScorer | ProcessScorer | StepJudge
    weights: Weights | None
    """None for a scorer without a model of its own."""
    replies: "SampleTeacher | None" = None
    """What a judge said of the traces; None for other scorers."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        made_by = self.weights.needs if self.weights else ()
        return (self.judged, *made_by, *([self.replies] if self.replies else []))

    def settings(self) -> dict[str, Any]:
        return {"scorer": scorer_identity(self.scorer, self.weights) | {"name": self.scorer_name}}

    @property
    def libraries(self) -> tuple[str, ...]:
        if not isinstance(self.scorer, ModelScorer):
            return ()
        engine = VLLM if self.scorer.engine == "vllm" else ("torch", "transformers")
        return (*engine, "filters.scorers.models")

    @property
    def workers(self) -> int:
        return self.distribution.sampling_workers if self.weights else self.distribution.judging_workers

    @property
    def gpus(self) -> int:
        if not isinstance(self.scorer, ModelScorer):
            return 0
        return 1 if self.scorer.engine == "transformers" else self.scorer.vllm.tensor_parallel_size

    @property
    def engine(self) -> str:
        """Equal for scorers that one vLLM engine can serve: of the same weights, which read them alike."""
        if not isinstance(self.scorer, ModelScorer) or self.scorer.engine == "transformers":
            return ""
        assert self.weights is not None, "a scorer with a model has weights"
        loaded = self.scorer.model_dump(
            mode="json", exclude={"path", "revision", "origin", "batch_tokens", "aggregate"}
        )
        return fingerprint([self.weights.location, self.weights.revision, loaded])

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> ScoringPart:
        from filters.scorers.score import score_share

        place = self.weights.location if self.weights else str(self.replies.path) if self.replies else ""
        start = partial(SCORERS[self.scorer.kind], self.scorer, place, self.serve(engine))
        return score_share(folder, self.judged.path, self.scorer_name, start, progress, slot)

    def serve(self, shared: SharedEngine) -> Serve | None:
        """Return what starts vLLM for the scorer's model; None if it runs in transformers, or has no model. With
        `engine: auto` that is decided here, on the machine that scores."""
        scorer = self.scorer
        if not isinstance(scorer, ModelScorer) or scorer.engine == "transformers":
            return None
        if scorer.engine == "auto" and not has_gpu():
            return None
        from teacher.engines.vllm_pooling import borrow_pooling

        return partial(borrow_pooling, scorer.dtype, scorer.vllm, shared)

    def missing(self, folder: Path) -> int:
        from filters.scorers.score import missing

        return missing(folder, self.judged.path)

    def gather(self, folder: Path, parts: list[ScoringPart]) -> ScoringCounts:
        from filters.scorers.score import gather

        return gather(folder, parts)


def scorer_identity(
    scorer: EquationsScorer | OutcomeScorer | ProcessScorer | StepJudge, weights: Weights | None
) -> dict[str, Any]:
    """Return what shapes a scorer's scores."""
    settings = scorer.model_dump(mode="json", by_alias=False, exclude=SHAPES_NO_SCORE)
    return settings | {"weights": weights.identity() if weights else None, "version": VERSIONS[scorer.kind]}
