"""Draws one worker's part of a stage whose traces are found by search."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from records.counts import SamplingPart
from records.requests import Sampler
from records.share import WorkerSlot
from teacher.sampling.stage import SamplingJob, sample_share
from teacher.search.sampler import SearchJob, SearchSampler, begin_searches


def search_share(
    folder: Path,
    job: SamplingJob,
    searches: SearchJob,
    make_sampler: Callable[[], Sampler],
    progress: Callable[..., None],
    slot: WorkerSlot,
) -> SamplingPart:
    """Do as `teacher.sampling.stage.sample_share` does, by search. Errors: as there."""
    begun: list[SearchSampler] = []
    part = sample_share(folder, job, partial(begin_searches, searches, make_sampler, begun), progress, slot)
    return replace(part, abandoned_tokens=sum(one.abandoned_tokens for one in begun))
