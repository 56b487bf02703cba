"""What a worker of sharded stages does in its process. Apart from `flows.run.building`, which imports Prefect: every
worker's process would import it too, for 2 s."""

import time

from flows.plan import Sharded
from flows.run.progress import Report
from records.counts import Counts
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine

Parts = dict[str, tuple[Counts, float]]
"""A worker's counts and the seconds it took, by stage."""


def build_parts(stages: list[Sharded], slot: WorkerSlot, *, progress: Report) -> Parts:
    """Build one worker's part of each stage, with one engine for all of them."""
    parts: Parts = {}
    with SharedEngine() as engine:
        for stage in stages:
            started = time.monotonic()
            counts = stage.build_part(stage.path, slot=slot, engine=engine, progress=progress)
            parts[stage.name] = counts, time.monotonic() - started
    return parts
