"""The stage in which stored draws of a model answer again under thinking budgets."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from configs.budgets import Budgets
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.stages.evaluate import SampleModel
from records.counts import SamplingCounts, SamplingPart
from records.share import WorkerSlot
from records.thinking import VERSION as THINKING_VERSION
from teacher.engines.shared import SharedEngine
from teacher.sampling.passes import VERSION as REQUEST_VERSION
from teacher.sampling.thinking_budgets import VERSION as BUDGETS_VERSION


@dataclass(frozen=True, kw_only=True)
class SampleBudgets(Sharded):
    """Makes `traces-NNNNN.parquet`: all draws as they are stored, and again under every budget."""

    version = f"{BUDGETS_VERSION}.{REQUEST_VERSION}.{THINKING_VERSION}"
    stored: SampleModel
    budgets: Budgets

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.stored, *self.stored.needs)

    @property
    def follows(self) -> Stage:
        return self.stored

    def settings(self) -> dict[str, Any]:
        return {"budgets": self.budgets.model_dump(mode="json", exclude={"teacher_price"})}

    @property
    def libraries(self) -> tuple[str, ...]:
        return self.stored.libraries

    @property
    def workers(self) -> int:
        return self.stored.workers

    @property
    def gpus(self) -> int:
        return self.stored.gpus

    @property
    def engine(self) -> str:
        return self.stored.engine

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> SamplingPart:
        from teacher.engines.tokenizer import ModelTokens, load_tokenizer
        from teacher.sampling.stage import sample_share
        from teacher.sampling.thinking_budgets import ThinkingBudgets

        model, budgets = self.stored.model, self.budgets
        tokenizer = load_tokenizer(self.stored.weights.location, self.stored.weights.revision, model.template)
        asked = ThinkingBudgets(
            think=tuple(budgets.think),
            wait=budgets.wait,
            answer_tokens=budgets.answer_tokens,
            tokens=ModelTokens(tokenizer, model.prompt.reasoning_format),
        )
        job = replace(self.stored.job(folder.parent), budgets=asked)
        return sample_share(folder, job, partial(self.stored.start, folder, engine), progress, slot)

    def missing(self, folder: Path) -> int:
        return self.stored.missing(folder)

    def gather(self, folder: Path, parts: list[SamplingPart]) -> SamplingCounts:
        return self.stored.gather(folder, parts)
