"""Judges traces in processes that can be killed: whatever a text does to a filter or to sympy, it ends at the time
limit."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from typing import Any

from configs.judging import Judging
from filters import replies
from filters.chunks import Chunk, Item, chunked
from filters.in_worker import (
    Verdicts,
    full_verdict,
    judge_chunk,
    no_verdict,
    prepared,
    quick_verdict,
    with_quick_verdict,
)
from filters.pool import Pool
from filters.reasons import PASS, TIMEOUT, UNVERIFIABLE
from filters.rules.rule import Filter
from filters.verifiers.evidence import Evidence, evidence_of
from filters.verifiers.programs.jobs import Job
from filters.verifiers.programs.sandbox.host import check_sandbox
from filters.verifiers.programs.sandbox.running import RUNNING
from filters.verifiers.registry import VERIFIERS
from filters.worker_process import WorkerDied
from records.rows import Trace, Verdict

AHEAD_CHUNKS, AHEAD_CHARACTERS = 100, 50_000_000
"""Bounds on the chunks in flight and their characters: enough that one slow answer leaves no worker idle, few enough
for the memory."""


@dataclass
class Workers:
    """Judges in a pool of processes, except programs, which run in their own sandboxes, each watched by a thread."""

    pool: Pool
    threads: ThreadPoolExecutor
    config: Judging
    waited_s: float = 0.0
    """Seconds in which this process only waited for verdicts."""
    slow: set[str] = field(default_factory=set)
    """Answers that could not be compared within the time limit."""

    def judge(self, traces: Iterable[Trace]) -> list[Verdicts]:
        """Return the verdicts of each trace: those of every rule, and the verifier's if all rules pass. Only a
        closed, formatted answer is evidence."""
        return [verdicts for _, verdicts in self.stream(traces, lambda trace: trace)]

    def stream(
        self,
        items: Iterable[Item],
        trace_of: Callable[[Item], Trace],
        standing: Callable[[Trace], Verdicts] = lambda trace: [],
    ) -> Iterator[tuple[Item, Verdicts]]:
        """Yield each item with its trace's verdicts, in order. Later traces are judged while a slow one takes its time.

        A trace with `standing` verdicts keeps them and is not judged.
        """
        window: deque[Chunk[Item]] = deque()
        characters_ahead = 0
        for part, characters in chunked(items, trace_of):
            stands = [standing(trace_of(item)) for item in part]
            traces = [trace_of(item) for item, verdicts in zip(part, stands, strict=True) if not verdicts]
            window.append(
                Chunk(part, stands, traces, characters, self.pool.schedule(judge_chunk, traces, replies.judged_chunk))
            )
            characters_ahead += characters
            self.ask_for_full_verdicts(window)
            while len(window) > AHEAD_CHUNKS or characters_ahead > AHEAD_CHARACTERS:
                characters_ahead -= window[0].characters
                yield from self.finished(window)
        while window:
            yield from self.finished(window)

    def same(self, one: str, other: str) -> bool:
        """Return True if the math verifier's own bounded arithmetic takes two extracted answers for the same.

        What only math-verify could tell, such as two integrals, is compared as text: the answers to one problem are
        compared pair by pair, and each pair could take the whole time limit. For the same reason an answer whose
        comparison reached the limit once is compared no more.
        """
        if not self.slow.isdisjoint((one, other)):
            return False
        try:
            evidence = Evidence("math", one, "", f"\\boxed{{{other}}}")
            verdict = self.pool.schedule(quick_verdict, evidence, replies.verdict_if_any).result()
        except (TimeoutError, WorkerDied):
            self.slow |= {one, other}
            return False
        return verdict is not None and verdict.outcome == PASS

    def ask_for_full_verdicts(self, window: Iterable[Chunk[Item]]) -> None:
        """Start the full verdicts of every chunk that has come back."""
        for chunk in window:
            if chunk.verdicts is None and chunk.judged.done():
                chunk.verdicts = self.verdicts_of(chunk)

    def finished(self, window: deque[Chunk[Item]]) -> Iterator[tuple[Item, Verdicts]]:
        """Take the first chunk and wait for its verdicts. Other chunks that came back meanwhile go on to their full
        verdicts."""
        started = time.monotonic()
        chunk = window.popleft()
        wait_for([chunk.judged])
        self.ask_for_full_verdicts([chunk, *window])
        assert chunk.verdicts is not None
        judged = iter([wait() for wait in chunk.verdicts])
        self.waited_s += time.monotonic() - started
        return zip(chunk.items, (stands or next(judged) for stands in chunk.standing), strict=True)

    def verdicts_of(self, chunk: Chunk[Item]) -> list[Callable[[], Verdicts]]:
        """Start what is left to do for a chunk, which for most traces is nothing. Return a function for each trace
        that waits for its verdicts."""
        try:
            judged = chunk.judged.result()
        except (TimeoutError, WorkerDied):  # one trace stopped the others, so each is judged alone
            alone = [self.pool.schedule(with_quick_verdict, trace, replies.judged) for trace in chunk.traces]
            judged = [judged_alone(trace, one) for trace, one in zip(chunk.traces, alone, strict=True)]
        return [
            partial(with_last, verdicts, self.full_verdict(evidence_of(trace))) if is_open else partial(list, verdicts)
            for trace, (verdicts, is_open) in zip(chunk.traces, judged, strict=True)
        ]

    def full_verdict(self, evidence: Evidence) -> Callable[[], Verdict]:
        """Start the full verdict on one trace; the function returned waits for it."""
        verifier = VERIFIERS[evidence.verifier]
        if verifier.sandboxed:
            self.threads.submit(check_sandbox).result()  # Ctrl-C must not stop it between a start and an end
            job = self.pool.schedule(prepared, (evidence, self.config.code), replies.job)
            return self.threads.submit(run_prepared, job, verifier.sandboxed, evidence.verifier).result
        future = self.pool.schedule(full_verdict, evidence, replies.verdict, verifier.module)
        return partial(verdict_of, future, evidence.verifier)


@contextmanager
def workers(config: Judging, rules: Sequence[Filter] = ()) -> Iterator[Workers]:
    """Start processes that judge by `rules` before any verifier is asked. They begin with the first trace, and end with
    the context, or with this process, even if that is killed."""
    pool, threads = Pool(config, rules), ThreadPoolExecutor(config.workers)
    try:
        yield Workers(pool, threads, config)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        pool.stop()
        end_sandboxes(threads)


def end_sandboxes(threads: ThreadPoolExecutor) -> None:
    """Wait for the threads, each of which may watch a sandbox that runs for minutes yet or has just begun."""
    waiting = Thread(target=threads.shutdown)
    waiting.start()
    waiting.join(0.05)
    while waiting.is_alive():
        RUNNING.end_all()
        waiting.join(0.05)


def with_last(verdicts: Verdicts, last: Callable[[], Verdict]) -> Verdicts:
    return [*verdicts, last()]


def judged_alone(trace: Trace, future: Future[Any]) -> tuple[Verdicts, bool]:
    """Return what `in_worker.with_quick_verdict` returns, for a trace whose chunk did not come back."""
    try:
        verdicts, is_open = future.result()
        return verdicts, is_open
    except TimeoutError:
        return [no_verdict(trace.verifier, TIMEOUT)], False
    except WorkerDied as error:
        return [no_verdict(trace.verifier, UNVERIFIABLE, f"worker {error}")], False


def run_prepared(job: "Future[Job | Verdict]", run: Callable[[Job], Verdict], verifier: str) -> Verdict:
    """Wait for a job that a worker prepares, and run it in a sandbox."""
    try:
        prepared_job = job.result()
    except TimeoutError:
        return no_verdict(verifier, TIMEOUT)
    except WorkerDied as error:
        return no_verdict(verifier, UNVERIFIABLE, f"worker {error}")
    return prepared_job if isinstance(prepared_job, Verdict) else run(prepared_job)


def verdict_of(future: Future[Any], verifier: str) -> Verdict:
    """Wait for a full verdict. It is `unknown` if the process died or was killed."""
    try:
        verdict: Verdict = future.result()
        return verdict
    except TimeoutError:
        return no_verdict(verifier, TIMEOUT)
    except WorkerDied as error:
        return no_verdict(verifier, UNVERIFIABLE, f"worker {error}")
