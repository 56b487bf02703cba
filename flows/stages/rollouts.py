"""The stage that labels the steps of judged traces by rollouts."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from configs.models import Model
from configs.reward_data import RolloutSource
from configs.teachers import FakeTeacher
from filters.chain import VERSION as JUDGING_VERSION
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.run.watcher import end_with
from flows.stages.judge import Judge
from flows.stages.sample import fake_identity
from flows.weights import VLLM, Weights, engine_name, model_identity
from records.hashing import fingerprint
from records.share import WorkerSlot
from records.thinking import VERSION as THINKING_VERSION
from records.training_counts import RolloutCounts, RolloutPart
from teacher.engines.shared import SharedEngine
from teacher.sampling.step_search import VERSION as SEARCH_VERSION

SHAPES_NO_LABEL = {"origin", "model", "traces", "max_tokens"}
"""Fields of a source that `model`, `judged` and `max_tokens` of the stage stand for."""


@dataclass(frozen=True, kw_only=True)
class LabelSteps(Sharded):
    """Makes `steps-NNNNN.parquet`, the chosen traces of `judged-NNNNN.parquet` with a label for each step."""

    name: str = "step-labels"
    version = f"1.{SEARCH_VERSION}.{THINKING_VERSION}.{JUDGING_VERSION}"
    judged: Judge
    source: RolloutSource
    model: Model | FakeTeacher
    """Who continues the traces."""
    weights: Weights | None
    """None for the fake teacher."""
    thinks: bool
    max_tokens: int
    seed: int

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.judged, *(self.weights.needs if self.weights else ()))

    def settings(self) -> dict[str, Any]:
        source = self.source.model_dump(mode="json", by_alias=False, exclude=SHAPES_NO_LABEL)
        if isinstance(self.model, FakeTeacher):
            model = fake_identity(self.model, None)
        else:
            model = model_identity(self.model) | {"weights": self.weights.identity() if self.weights else None}
        shaping = {"thinks": self.thinks, "max_tokens": self.max_tokens, "seed": self.seed}
        return {"source": source, "model": model | {"name": ""}, **shaping}

    @property
    def libraries(self) -> tuple[str, ...]:
        return VLLM if self.weights else ()

    @property
    def workers(self) -> int:
        return self.distribution.sampling_workers

    @property
    def gpus(self) -> int:
        return 0 if isinstance(self.model, FakeTeacher) else self.model.engine.tensor_parallel_size

    @property
    def engine(self) -> str:
        return "" if isinstance(self.model, FakeTeacher) or not self.weights else engine_name(self.model, self.weights)

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> RolloutPart:
        from filters.workers import workers
        from records.requests import Settings
        from teacher.engines import ENGINES, Launch
        from teacher.sampling.label_drawing import LabelJob
        from teacher.sampling.rollouts import label_share

        source, fake = self.source, isinstance(self.model, FakeTeacher)
        job = LabelJob(
            judged=self.judged.path,
            chosen=self.chosen()[0],
            search=source.search,
            n=source.n,
            settings=Settings(source.temperature, source.top_p, -1, self.max_tokens),
            prompt=self.model.asks if isinstance(self.model, FakeTeacher) else self.model.prompt,
            model=self.model.name,
            thinks=self.thinks,
            seed=self.seed,
            identity=fingerprint(self.inputs),
        )
        location, logs = self.weights.location if self.weights else "", folder.parent / "logs" / folder.name
        launch = Launch(path=location, logs=logs, end_with=end_with, judged=source.search == "binary", shared=engine)
        start = partial(ENGINES["fake" if fake else "vllm"], self.model, launch)
        with workers(self.judged.rules.judging) as pool:  # without rules: only the verifier is asked
            return label_share(folder, job, start, pool.judge, progress, slot)

    def chosen(self) -> tuple[dict[int, bool], dict[str, int]]:
        """Return the traces that are labelled, and how many were left out by reason."""
        from filters.selection.verified import choose_verified

        source = self.source
        chosen, left_out = choose_verified(self.judged.path, source.limit, source.max_per_problem, self.seed)
        return chosen, dict(left_out)

    def missing(self, folder: Path) -> int:
        from teacher.sampling.rollouts import missing

        return missing(folder, self.judged.path)

    def gather(self, folder: Path, parts: list[RolloutPart]) -> RolloutCounts:
        from teacher.sampling.rollouts import gather

        return gather(folder, self.chosen()[1])
