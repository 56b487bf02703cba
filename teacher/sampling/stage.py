"""Draws the traces of one stage. Every finished trace is stored at once, and no stored trace is drawn again.

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
from teacher.sampling.shard_files import all_accounts, drop_old_journals, logprob_bytes
from teacher.sampling.shards import Shards
from teacher.sampling.stopwatch import Stopwatch, seconds_in, seconds_of, start_seconds_in, stopwatch_file
from teacher.sampling.thinking_budgets import ThinkingBudgets, budget_passes

WITHOUT = "the rows that came back were not as many as the tokens (docs/sampling.md, Logprobs)"


@dataclass(frozen=True)
class SamplingJob:
    """What is to be sampled, apart from the sampler. Made by the flow."""

    problems: Path
    """Directory of a problems artifact."""
    sampling: Sampling
    prompt: Prompt
    model: str
    """An identifier of the model's weights: traces of the same model, settings and prompt are reused."""
    teacher: str
    """The model's name, for the rows."""
    thinks: bool = True
    judge: Judge | None = None
    """Judges traces during sampling; needed for `accept` and second chances."""
    judged_by: str = ""
    """An identifier of the judge: verdicts of another judge are not reused."""
    reuse_from: tuple[Path, ...] = ()
    """Run directories, or their parents, in which to look for earlier traces."""
    shard_size: int | None = None
    """Size of a shard in traces; None means `sampling.shard_size`."""
    whole_shards: bool = False
    """True for samplers that are not batch_invariant: an interrupted shard is drawn anew."""
    budgets: ThinkingBudgets | None = None
    """Thinking budgets under which the first pass's traces answer again; None if there are none."""
    search: str = ""
    """An identifier of the search by which each trace is found, its scorer included; empty if it is drawn plainly."""


def sample_traces(
    folder: Path, job: SamplingJob, make_sampler: Callable[[], Sampler], progress: Callable[..., None]
) -> SamplingCounts:
    """Draw a whole stage's missing traces into `folder` as its only worker, and return the counts.

    Errors: InputError for a folder or journal of another run, and for repeated problem ids; OSError for a full disk;
    whatever sampler and judge raise. After any error, the same call continues where it stopped.
    """
    return gather(folder, job.sampling, [sample_share(folder, job, make_sampler, progress, WorkerSlot())])


def sample_share(
    folder: Path,
    job: SamplingJob,
    make_sampler: Callable[[], Sampler],
    progress: Callable[..., None],
    slot: WorkerSlot,
) -> SamplingPart:
    """Draw one worker's part of a stage: shard after shard that no other worker has taken. The sampler is made only if
    a draw is missing, and closed at the end. Return the counts only this worker knows. Errors: as for
    `sample_traces`."""
    plan = plan_sampling(job.sampling)
    if plan.needs_judge and not job.judge:
        raise ValueError("accept and second_chances need a judge")
    passes = plan_passes(plan, job.prompt, job.model, job.thinks, job.search)
    if job.budgets:
        passes += budget_passes(passes[0], job.budgets, job.thinks)
    tokens = job.budgets.tokens if job.budgets else None
    n = None if job.judge else plan.rule.n * len(passes)
    shards = Shards(folder, job.problems, passes, job.judged_by, job.shard_size or plan.shard_size, tokens)
    start = first_of(folder, "start", slot, partial(prepare, shards, job, plan, progress))
    clock = stopwatch_file(folder, slot.index)
    if clock.exists() and seconds_of(clock) > start["seconds"]:  # started again in its launch, as after a stall
        start = so_far(shards, plan)
    stopwatch = Stopwatch(clock, start["seconds"])
    most = plan.max_tokens * plan.completions

    def started() -> Sampler:
        sampler = make_sampler()
        stopwatch.add_start(sampler.timings().engine_start_s)
        return sampler

    loop = Loop(
        shards=shards,
        make_sampler=started,
        meter=BudgetMeter(plan.budget, plan.price, stopwatch, most, Account(**start["spent"]), slot.workers),
        judge=job.judge,
        teacher=job.teacher,
        thinks=job.thinks,
        whole_shards=job.whole_shards,
        speculate=plan.speculate,
        report=ProgressLine(progress, shards.total, n, plan.price, stopwatch, slot),
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
    """Prepare the folder once, before any worker draws. Return what was spent and what is finished so far."""
    shards.begin()
    if not job.whole_shards:
        taken = take_over(shards, folders_in(job.reuse_from))
        progress(0, None, note=f"took over {taken:,} traces of earlier runs") if taken else None
    return so_far(shards, plan)


def so_far(shards: Shards, plan: SamplingPlan) -> dict[str, Any]:
    """Return what was spent and what is finished so far. Other workers may be drawing."""
    begun = Account()
    if plan.budget != Budget():
        for entries in shards.journaled():
            for entry in entries:
                begun.add(entry)
    finished = all_accounts(shards.folder).total()
    begun.include(finished)
    return {"seconds": seconds_in(shards.folder), "finished": asdict(finished), "spent": asdict(begun)}


def gather(folder: Path, sampling: Sampling, parts: list[SamplingPart]) -> SamplingCounts:
    """Return the counts of a stage once its workers are done; `parts` holds what they returned."""
    drop_old_journals(folder)
    plan = plan_sampling(sampling)
    stopped_at = next((part.stopped_at for part in parts if part.stopped_at), None)
    engine = added([part.engine for part in parts if part.engine], start_seconds_in(folder))
    size = logprob_bytes(folder) if plan.settings.logprobs else None
    counts = all_accounts(folder).counts(plan.price, seconds_in(folder), stopped_at, engine, size)
    if counts.logprobs and counts.logprobs.traces_without:
        print(f"{counts.logprobs.traces_without:,} traces keep no logprobs: {WITHOUT}", flush=True)
    return counts


def added(engines: list[EngineCounts], start_s: float) -> EngineCounts | None:
    """Add up the workers' values; `start_s` is what all starts took. Return None if no worker started an engine."""
    sums = Counter[str]()
    for engine in engines:
        sums.update(asdict(engine))
    return replace(EngineCounts(**sums), engine_start_s=round(start_s, 3)) if engines or start_s else None


@contextmanager
def closing_on_sigterm() -> Iterator[None]:
    """Make SIGTERM end the sampler as an error would, so that servers it started stop and connections close. Traces are
    safe in any case."""

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
