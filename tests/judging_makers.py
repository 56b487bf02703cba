"""What the tests of judging share."""

from pathlib import Path

from configs.judging import Judging
from filters.judge import gather, judge_share
from records.counts import JudgingCounts
from records.share import Share


def judge_all(
    folder: Path, traces: Path, config: Judging, share: Share | None = None, judged_before: bool = False
) -> JudgingCounts:
    """A directory judged by one worker."""
    part = judge_share(folder, traces, config, {}, (), judged_before, lambda *_, **__: None, share or Share())
    return gather(folder, [], [part])
