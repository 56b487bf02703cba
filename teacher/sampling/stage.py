"""Draws the traces of one stage: every finished one is kept at once, and none is drawn that is there already.

The folder gets `traces-NNNNN.parquet` (shards.py), from journals that survive `kill -9` at any instant (journal.py) and
from the traces of other runs that the same requests made (reuse.py). How many are drawn of a problem is decided as they
come (adaptive.py, course.py), within a budget (accounting.py)."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from configs.models import Prompt
from configs.sampling import Budget, Price, Sampling, TeacherSampling
from teacher.sampler import Sampler
from teacher.sampling.accounting import Clock, Purse
from teacher.sampling.loop import Loop
from teacher.sampling.passes import plan_passes
from teacher.sampling.reuse import folders_in, take_over
from teacher.sampling.shards import Shards
from teacher.sampling.verifying import Judge


@dataclass(frozen=True)
class Work:
    """What is to be sampled, besides by whom."""

    problems: Path
    """An artifact of problems."""
    sampling: Sampling
    prompt: Prompt
    model: str
    """What identifies the model's weights: traces of the same model, settings and prompt are taken over."""
    teacher: str
    """Its name, for the rows."""
    thinks: bool = True
    judge: Judge | None = None
    """Judges traces as they come; needed for `accept` and second chances."""
    judged_by: str = ""
    """What identifies the judge: verdicts of another are not taken over."""
    places: tuple[Path, ...] = ()
    """Run directories, or parents of them, to look for earlier traces in."""
    shard_size: int | None = None
    """In traces; `sampling.shard_size` if None."""
    whole_shards: bool = False
    """For samplers that are not batch_invariant."""


def sample_traces(
    folder: Path, work: Work, make_sampler: Callable[[], Sampler], progress: Callable[..., None]
) -> dict[str, Any]:
    """Draw what is missing into `folder`, and return the accounts. The sampler is made only if something is.

    Errors: InputError for a folder or journal of another run, and for repeated problem ids; OSError of a full disk;
    whatever sampler and judge raise. In every case the same call goes on from there.
    """
    sampling = work.sampling
    teaching = sampling if isinstance(sampling, TeacherSampling) else None
    if teaching and (teaching.accept or teaching.second_chances) and not work.judge:
        raise ValueError("accept and second_chances need a judge")
    passes = plan_passes(sampling, work.prompt, work.model, work.thinks)
    shards = Shards(folder, work.problems, passes, work.judged_by, work.shard_size or sampling.shard_size)
    if not work.whole_shards:
        taken = take_over(shards, folders_in(work.places))
        progress(0, None, note=f"took over {taken:,} traces of earlier runs") if taken else None
    price, budget = (teaching.price, teaching.budget) if teaching else (Price(), Budget())
    clock = Clock(folder / ".clock")
    purse = Purse(budget, price, clock, longest=teaching.longest if teaching else sampling.max_tokens)
    tell = Telling(progress, shards.total, None if teaching and teaching.accept else shards.total * sampling.n, purse)
    loop = Loop(
        shards=shards,
        make_sampler=make_sampler,
        purse=purse,
        judge=work.judge,
        teacher=work.teacher,
        thinks=work.thinks,
        whole_shards=work.whole_shards,
        speculate=bool(teaching and teaching.speculate and (teaching.accept or teaching.second_chances)),
        report=tell,
    )
    try:
        with terminated_politely():
            accounts = loop.run()
    finally:
        clock.keep()
    stopped = {"stopped_at": loop.limit} if loop.cut or loop.turns.left_out else {}
    timings = loop.sampler.timings() if loop.sampler else {}
    return stopped | accounts.report(price, clock.seconds()) | timings


class Telling:
    """Progress as the flow shows it: traces where their number is known, else problems."""

    def __init__(self, progress: Callable[..., None], problems: int, traces: int | None, purse: Purse) -> None:
        self.progress, self.problems, self.traces, self.purse = progress, problems, traces, purse
        self.began: tuple[float, int] | None = None

    def __call__(self, loop: Loop) -> None:
        now = time.monotonic()
        self.began = self.began or (now, self.purse.completion_tokens)
        drawn = self.purse.completion_tokens - self.began[1]
        counts: dict[str, float] = {"truncated": loop.live.truncated}
        if now > self.began[0]:
            counts["tokens/s"] = drawn / (now - self.began[0])
        if loop.judge:
            counts |= {"accepted": loop.live.accepted}
        if self.purse.price != Price():
            counts |= {"cost": self.purse.money()}
            counts |= {"per accepted": self.purse.money() / loop.live.accepted} if loop.live.accepted else {}
        if self.traces is None:
            self.progress(loop.live.problems, self.problems, traces=loop.live.traces, **counts)
        else:
            self.progress(loop.live.traces, self.traces, **counts)


@contextmanager
def terminated_politely() -> Iterator[None]:
    """SIGTERM ends the sampler as an error would: servers it started stop, connections close. Nothing is lost
    without."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
