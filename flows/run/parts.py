"""What a worker of sharded stages does in its process. Apart from `flows.run.building`, which imports Prefect: every
worker's process would import it too, for 2 s."""

import time
from pathlib import Path

from flows.plan import Sharded
from flows.run.progress import Report
from records.counts import Counts
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine

Parts = dict[Path, tuple[Counts, float]]
"""A worker's counts and the seconds it took, by artifact: two stages may have one name, `eval-a-b-c-full` for a model
`c` on `a-b` and a model `b-c` on `a`."""


def build_parts(stages: list[Sharded], slot: WorkerSlot, *, progress: Report) -> Parts:
    """Build one worker's part of each stage, with one engine for all of them."""
    parts: Parts = {}
    with SharedEngine() as engine:
        for stage in stages:
            started = time.monotonic()
            counts = stage.build_part(stage.path, slot=slot, engine=engine, progress=progress)
            parts[stage.path] = counts, time.monotonic() - started
    return parts
