"""What the tests of judging share."""

from pathlib import Path
from typing import Any

from configs.judging import Judging
from filters.judge import gather, judge_share
from records.share import WorkerSlot


def judge_all(
    folder: Path, traces: Path, config: Judging, slot: WorkerSlot | None = None, judged_before: bool = False
) -> dict[str, Any]:
    """A directory judged by one worker."""
    part = judge_share(folder, traces, config, {}, (), judged_before, lambda *_, **__: None, slot or WorkerSlot())
    return gather(folder, [], [part])
