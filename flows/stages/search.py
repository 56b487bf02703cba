"""The stage in which a model under evaluation finds traces by search."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.search import Search
from flows.plan import Stage
from flows.run.progress import Report
from flows.searching import SearchScorer
from flows.stages.evaluate import SampleModel
from records.counts import SamplingCounts, SamplingPart
from records.hashing import fingerprint
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine

if TYPE_CHECKING:
    from teacher.sampling.stage import SamplingJob


@dataclass(frozen=True, kw_only=True)
class SearchModel(SampleModel):
    """Finds one trace of each problem by search over steps, as decoding."""

    version = f"1.{SampleModel.version}"
    waits = True
    search: Search
    leader: SearchScorer

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*super().needs, *(self.leader.weights.needs if self.leader.weights else ()))

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"search": self.search_settings()}

    def search_settings(self) -> dict[str, Any]:
        """Return what shapes the searches. The scorer's name says nothing."""
        leader = {"scorer": self.leader.identity(), "aggregate": self.leader.aggregate}
        return self.search.model_dump(mode="json") | leader

    @property
    def libraries(self) -> tuple[str, ...]:
        return (*super().libraries, *self.leader.libraries)

    def job(self, run_dir: Path) -> "SamplingJob":
        weights = self.leader.weights  # of a scorer that this run trains, nothing else tells the weights
        led_by = weights.fingerprint() if weights else ""
        return replace(super().job(run_dir), search=fingerprint([self.search_settings(), led_by]))

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> SamplingPart:
        from teacher.search.sampler import SearchJob
        from teacher.search.share import search_share

        job, model = self.job(folder.parent), self.model
        shaping = fingerprint([job.model, job.search, model.prompt.model_dump(mode="json")])
        with self.leader.start() as scorer:
            searches = SearchJob(self.search, scorer, shaping, model.thinks, folder, slot.index)
            return search_share(folder, job, searches, partial(self.start, folder, engine), progress, slot)

    def gather(self, folder: Path, parts: list[SamplingPart]) -> SamplingCounts:
        from teacher.search.counting import with_search
        from teacher.search.journal import drop_journals

        drop_journals(folder)
        return with_search(super().gather(folder, parts), folder, parts)
