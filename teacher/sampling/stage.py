"""Draws the traces of one stage: every finished one is kept at once, and none is drawn that is there already.

`teacher/sampling/__init__.py` says which file does what."""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from configs.models import Prompt
from configs.sampling import Budget, Sampling
from records.counts import EngineCounts, SamplingCounts, SamplingPart
from records.requests import Sampler
from records.share import WorkerSlot, first_of
from teacher.sampling.accounts import Account
from teacher.sampling.budget import BudgetMeter
from teacher.sampling.judging import Judge
from teacher.sampling.loop import Loop
from teacher.sampling.passes import plan_passes
from teacher.sampling.plan import SamplingPlan, plan_sampling
from teacher.sampling.progress_line import ProgressLine
from teacher.sampling.reuse import folders_in, take_over
from teacher.sampling.shard_files import all_accounts, drop_old_journals
from teacher.sampling.shards import Shards
from teacher.sampling.stopwatch import Stopwatch, seconds_in, stopwatch_file


@dataclass(frozen=True)
class SamplingJob:
    """What is to be sampled, besides by whom. Made by the flow."""

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
    reuse_from: tuple[Path, ...] = ()
    """Run directories, or parents of them, to look for earlier traces in."""
    shard_size: int | None = None
    """In traces; `sampling.shard_size` if None."""
    whole_shards: bool = False
    """For samplers that are not batch_invariant."""


def sample_traces(
    folder: Path, job: SamplingJob, make_sampler: Callable[[], Sampler], progress: Callable[..., None]
) -> SamplingCounts:
    """Draw what is missing into `folder`, and return the accounts: all of a stage in this process.

    Errors: InputError for a folder or journal of another run, and for repeated problem ids; OSError of a full disk;
    whatever sampler and judge raise. In every case the same call goes on from there.
    """
    return gather(folder, job.sampling, [sample_share(folder, job, make_sampler, progress, WorkerSlot())])


def sample_share(
    folder: Path,
    job: SamplingJob,
    make_sampler: Callable[[], Sampler],
    progress: Callable[..., None],
    slot: WorkerSlot,
) -> SamplingPart:
    """One worker's part of it: shard after shard that no other has taken. The sampler is made only if a draw is
    missing, and closed at the end. Returns what only this worker knows. Errors: those of `sample_traces`."""
    plan = plan_sampling(job.sampling)
    if plan.needs_judge and not job.judge:
        raise ValueError("accept and second_chances need a judge")
    passes = plan_passes(plan, job.prompt, job.model, job.thinks)
    shards = Shards(folder, job.problems, passes, job.judged_by, job.shard_size or plan.shard_size)
    start = first_of(folder, "start", slot, partial(prepare, shards, job, plan, progress))
    stopwatch = Stopwatch(stopwatch_file(folder, slot.index), start["seconds"])
    loop = Loop(
        shards=shards,
        make_sampler=make_sampler,
        meter=BudgetMeter(plan.budget, plan.price, stopwatch, plan.max_tokens, Account(**start["spent"]), slot.workers),
        judge=job.judge,
        teacher=job.teacher,
        thinks=job.thinks,
        whole_shards=job.whole_shards,
        speculate=plan.speculate,
        report=ProgressLine(progress, shards.total, None if job.judge else plan.rule.n, plan.price, stopwatch, slot),
        live=Account(**start["finished"]),
    )
    try:
        with closing_on_sigterm():
            loop.run()
    finally:
        stopwatch.keep()
    engine = loop.sampler.timings() if loop.sampler else None
    return SamplingPart(stopped_at=loop.stopped_at or None, engine=engine)


def prepare(shards: Shards, job: SamplingJob, plan: SamplingPlan, progress: Callable[..., None]) -> dict[str, Any]:
    """What happens once before any worker draws. Returns what was spent, and what is finished."""
    shards.begin()
    if not job.whole_shards:
        taken = take_over(shards, folders_in(job.reuse_from))
        progress(0, None, note=f"took over {taken:,} traces of earlier runs") if taken else None
    finished = all_accounts(shards.folder).total()
    spent = replace(finished)
    if plan.budget != Budget():
        for entries in shards.journaled():
            for entry in entries:
                spent.add(entry)
    return {"seconds": seconds_in(shards.folder), "finished": asdict(finished), "spent": asdict(spent)}


def gather(folder: Path, sampling: Sampling, parts: list[SamplingPart]) -> SamplingCounts:
    """The accounts of a stage once its workers are done; `parts` is what they returned."""
    drop_old_journals(folder)
    price = plan_sampling(sampling).price
    stopped_at = next((part.stopped_at for part in parts if part.stopped_at), None)
    engine = added([part.engine for part in parts if part.engine])
    return all_accounts(folder).counts(price, seconds_in(folder), stopped_at, engine)


def added(engines: list[EngineCounts]) -> EngineCounts | None:
    """The workers' values added up; None if none of them started an engine."""
    sums = Counter[str]()
    for engine in engines:
        sums.update(asdict(engine))
    return EngineCounts(**sums) if engines else None


@contextmanager
def closing_on_sigterm() -> Iterator[None]:
    """SIGTERM ends the sampler as an error would: servers it started stop, connections close. Traces are safe without
    it."""

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
