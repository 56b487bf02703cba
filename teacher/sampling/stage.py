"""Draws the traces of one stage: every finished one is kept at once, and none is drawn that is there already.

The folder gets `traces-NNNNN.parquet` (shards.py), from journals that survive `kill -9` at any instant (journal.py) and
from the traces of other runs that the same requests made (reuse.py). How many are drawn of a problem is decided as they
come (adaptive.py, course.py), within a budget (accounting.py)."""

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
from configs.sampling import Budget, Price, Sampling, TeacherSampling
from records.counts import EngineCounts, SamplingCounts, SamplingPart
from records.requests import Sampler
from records.share import Share, first_of
from teacher.sampling.accounts import Account
from teacher.sampling.budget import Clock, Purse, seconds_in
from teacher.sampling.judging import Judge
from teacher.sampling.loop import Loop
from teacher.sampling.passes import plan_passes
from teacher.sampling.progress_line import Telling
from teacher.sampling.reuse import folders_in, take_over
from teacher.sampling.shards import Shards, all_accounts, drop_old_journals


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
) -> SamplingCounts:
    """Draw what is missing into `folder`, and return the accounts: all of a stage in this process.

    Errors: InputError for a folder or journal of another run, and for repeated problem ids; OSError of a full disk;
    whatever sampler and judge raise. In every case the same call goes on from there.
    """
    return gather(folder, work.sampling, [sample_share(folder, work, make_sampler, progress, Share())])


def sample_share(
    folder: Path, work: Work, make_sampler: Callable[[], Sampler], progress: Callable[..., None], share: Share
) -> SamplingPart:
    """One worker's part of it: shard after shard that no other has taken. The sampler is made only if one is left.
    Returns what only this worker knows. Errors: as of `sample_traces`."""
    sampling = work.sampling
    teaching = sampling if isinstance(sampling, TeacherSampling) else None
    if teaching and (teaching.accept or teaching.second_chances) and not work.judge:
        raise ValueError("accept and second_chances need a judge")
    passes = plan_passes(sampling, work.prompt, work.model, work.thinks)
    shards = Shards(folder, work.problems, passes, work.judged_by, work.shard_size or sampling.shard_size)
    begun = first_of(folder, "begun", share, partial(begin, shards, work, progress))
    budget, price = (teaching.budget, teaching.price) if teaching else (Budget(), Price())
    clock = Clock(folder / f".clock-{share.index}", begun["seconds"])
    longest = teaching.longest if teaching else sampling.max_tokens
    purse = Purse(budget, price, clock, longest, Account(**begun["spent"]), share.of)
    loop = Loop(
        shards=shards,
        make_sampler=make_sampler,
        purse=purse,
        judge=work.judge,
        teacher=work.teacher,
        thinks=work.thinks,
        whole_shards=work.whole_shards,
        speculate=bool(teaching and teaching.speculate and (teaching.accept or teaching.second_chances)),
        report=Telling(progress, shards.total, None if work.judge else sampling.n, price, clock, share),
        live=Account(**begun["finished"]),
    )
    try:
        with terminated_politely():
            loop.run()
    finally:
        clock.keep()
    stopped_at = loop.limit if loop.cut or loop.turns.left_out else None
    engine = loop.sampler.timings() if loop.sampler else None
    return SamplingPart(stopped_at=stopped_at, engine=engine)


def begin(shards: Shards, work: Work, progress: Callable[..., None]) -> dict[str, Any]:
    """What happens once before any worker draws. Returns what was spent, and what is finished."""
    shards.begin()
    if not work.whole_shards:
        taken = take_over(shards, folders_in(work.places))
        progress(0, None, note=f"took over {taken:,} traces of earlier runs") if taken else None
    finished = all_accounts(shards.folder).total()
    spent = replace(finished)
    if isinstance(work.sampling, TeacherSampling) and work.sampling.budget != Budget():
        for entries in shards.journaled():
            for entry in entries:
                spent.add(entry)
    return {"seconds": seconds_in(shards.folder), "finished": asdict(finished), "spent": asdict(spent)}


def gather(folder: Path, sampling: Sampling, parts: list[SamplingPart]) -> SamplingCounts:
    """The accounts of a stage once its workers are done; `parts` is what they returned."""
    drop_old_journals(folder)
    price = sampling.price if isinstance(sampling, TeacherSampling) else Price()
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
