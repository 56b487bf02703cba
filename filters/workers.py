"""Judges traces in killable processes: whatever a text does to a filter or to sympy, it ends at the time limit."""

import logging
import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as PoolTimeout
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from configs.judging import Judging
from filters.reasons import PASS, TIMEOUT, UNKNOWN, UNVERIFIABLE
from filters.verifiers.code_answer import limits_of, verify_code
from filters.verifiers.programs.sandbox.host import check_sandbox
from filters.verifiers.registry import VERIFIERS, Evidence, evidence_of
from records.rows import CODE, Trace, Verdict

VERSION = "2"
CHUNK_TRACES, CHUNK_CHARACTERS = 64, 500_000
"""Traces go to a worker in chunks: sending one costs about as much as judging it."""
CHUNKS_PER_WORKER = 500
"""A worker is replaced after so many tasks, so that sympy's caches cannot grow for ever."""
KEPT_VARIABLES = {"PATH", "HOME", "LANG", "PYTHONPATH", "OMP_NUM_THREADS"}
AHEAD_CHUNKS, AHEAD_CHARACTERS = 100, 50_000_000
"""Chunks under way at a time: enough that one slow answer leaves no worker idle, and a bound on memory."""
Item = TypeVar("Item")
Verdicts = list[Verdict]
Waiting = Callable[[], Verdicts]


class Filter(Protocol):
    """A rule that needs nothing but the trace."""

    @property
    def name(self) -> str: ...

    def judge(self, trace: Trace) -> Verdict: ...


RULES: list[Filter] = []
"""In a worker: the trace filters of this run."""


@dataclass
class Chunk(Generic[Item]):
    """Traces that went to a worker together, and later, one by one, those that only `decide` can judge."""

    items: list[Item]
    known: list[Verdicts]
    """Of each item; where there are none its trace is among those to judge."""
    traces: list[Trace]
    characters: int
    judged: ProcessFuture
    decided: list[Waiting] | None = None
    """What waits for the verdicts of each trace; None until the chunk came back."""


@dataclass
class Workers:
    """A pool of processes for everything but programs, which run in sandboxes of their own, a thread each."""

    pool: ProcessPool
    threads: ThreadPoolExecutor
    config: Judging
    waited_s: float = 0.0
    """Seconds this process had nothing to do but wait for verdicts."""

    def judge(self, traces: Iterable[Trace]) -> list[Verdicts]:
        """For each trace every filter's verdict, and where all of them pass the verifier's: nothing but a closed,
        formatted answer is evidence."""
        return [verdicts for _, verdicts in self.stream(traces, lambda trace: trace)]

    def stream(
        self,
        items: Iterable[Item],
        trace_of: Callable[[Item], Trace],
        known: Callable[[Trace], Verdicts] = lambda trace: [],
    ) -> Iterator[tuple[Item, Verdicts]]:
        """Each item with its trace's verdicts, in order; others are judged while one takes its time. A trace whose
        verdicts are `known` is not judged again."""
        window: deque[Chunk[Item]] = deque()
        under_way = 0
        for some, characters in chunked(items, trace_of):
            given = [known(trace_of(item)) for item in some]
            traces = [trace_of(item) for item, verdicts in zip(some, given, strict=True) if not verdicts]
            window.append(Chunk(some, given, traces, characters, self.schedule(judge_chunk, traces)))
            under_way += characters
            self.decide_what_came_back(window)
            while len(window) > AHEAD_CHUNKS or under_way > AHEAD_CHARACTERS:
                under_way -= window[0].characters
                yield from self.finished(window)
        while window:
            yield from self.finished(window)

    def same(self, one: str, other: str) -> bool:
        """Whether the math verifier takes two extracted answers for the same."""
        case = Evidence("math", one, "", f"\\boxed{{{other}}}")
        return waited(self.schedule(decide, case), case.verifier).outcome == PASS

    def schedule(self, work: Callable[[Any], Any], given: Any) -> ProcessFuture:
        return self.pool.schedule(work, (given,), timeout=self.config.timeout_s)

    def decide_what_came_back(self, window: Iterable[Chunk[Item]]) -> None:
        for chunk in window:
            if chunk.decided is None and chunk.judged.done():
                chunk.decided = self.decisions(chunk)

    def finished(self, window: deque[Chunk[Item]]) -> Iterator[tuple[Item, Verdicts]]:
        started = time.monotonic()
        chunk = window.popleft()
        wait_for([chunk.judged])
        self.decide_what_came_back([chunk, *window])
        assert chunk.decided is not None
        judged = iter([wait() for wait in chunk.decided])
        self.waited_s += time.monotonic() - started
        return zip(chunk.items, (known or next(judged) for known in chunk.known), strict=True)

    def decisions(self, chunk: Chunk[Item]) -> list[Waiting]:
        """Begin what is left to do for a chunk: nothing for most traces."""
        try:
            judged = chunk.judged.result()
        except (PoolTimeout, ProcessExpired):  # one trace stopped the others: each of them alone
            alone = [self.schedule(judge_filters, trace) for trace in chunk.traces]
            judged = [judged_alone(trace, one) for trace, one in zip(chunk.traces, alone, strict=True)]
        return [
            partial(with_last, verdicts, self.decision(trace)) if is_open else partial(list, verdicts)
            for trace, (verdicts, is_open) in zip(chunk.traces, judged, strict=True)
        ]

    def decision(self, trace: Trace) -> Callable[[], Verdict]:
        """Begin the verifier's whole work on one trace."""
        case = evidence_of(trace)
        if case.verifier == CODE:
            check_sandbox()
            return self.threads.submit(verify_code, case.extra, case.answer, limits_of(self.config.code)).result
        return partial(waited, self.schedule(decide, case), case.verifier)


@contextmanager
def workers(config: Judging, rules: Sequence[Filter] = ()) -> Iterator[Workers]:
    """Start the processes, and end them whatever happens. They judge by `rules` before any verifier is asked."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(config.workers, CHUNKS_PER_WORKER, prepare_worker, (config.memory_mib, list(rules)), context)
    with ThreadPoolExecutor(config.workers) as threads:
        try:
            yield Workers(pool, threads, config)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.stop()
            pool.join()


def chunked(items: Iterable[Item], trace_of: Callable[[Item], Trace]) -> Iterator[tuple[list[Item], int]]:
    """Items that go to a worker together, and the characters of their traces."""
    chunk: list[Item] = []
    characters = 0
    for item in items:
        chunk.append(item)
        characters += length_of(trace_of(item))
        if len(chunk) == CHUNK_TRACES or characters > CHUNK_CHARACTERS:
            yield chunk, characters
            chunk, characters = [], 0
    if chunk:
        yield chunk, characters


def length_of(trace: Trace) -> int:
    return len(trace.prompt) + len(trace.reasoning) + len(trace.answer) + len(trace.extra)


def with_last(verdicts: Verdicts, last: Callable[[], Verdict]) -> Verdicts:
    return [*verdicts, last()]


def prepare_worker(memory_mib: int, rules: list[Filter]) -> None:
    """In the worker: bound its memory, empty its environment of anything worth stealing."""
    for name in set(os.environ) - KEPT_VARIABLES:
        del os.environ[name]
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its own time limits are off
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))
    RULES[:] = rules


def judge_chunk(chunk: list[Trace]) -> list[tuple[Verdicts, bool]]:
    """In the worker: each trace's verdicts, and whether its verifier has still to decide."""
    judged = []
    for trace in chunk:
        verdicts, is_open = judge_filters(trace)
        settled = settle(evidence_of(trace)) if is_open else None
        judged.append(([*verdicts, settled], False) if settled else (verdicts, is_open))
    return judged


def judge_filters(trace: Trace) -> tuple[Verdicts, bool]:
    """In the worker: the filters' verdicts, and whether all of them pass."""
    verdicts = [rule.judge(trace) for rule in RULES]
    return verdicts, all(verdict.outcome == PASS for verdict in verdicts)


def settle(case: Evidence) -> Verdict | None:
    try:
        return VERIFIERS[case.verifier].settle(case)
    except (Exception, RecursionError):  # left to `decide`, which says what it was
        return None


def decide(case: Evidence) -> Verdict:
    """In the worker."""
    try:
        return VERIFIERS[case.verifier].decide(case)
    except (Exception, RecursionError) as error:  # anything a parser does on a model's text is data
        return gave_up(case.verifier, UNVERIFIABLE, type(error).__name__)


def judged_alone(trace: Trace, future: ProcessFuture) -> tuple[Verdicts, bool]:
    try:
        return future.result()
    except PoolTimeout:
        return [gave_up(trace.verifier, TIMEOUT)], False
    except ProcessExpired as error:
        return [gave_up(trace.verifier, UNVERIFIABLE, f"worker ended with {error.exitcode}")], False


def waited(future: ProcessFuture, verifier: str) -> Verdict:
    try:
        return future.result()
    except PoolTimeout:
        return gave_up(verifier, TIMEOUT)
    except ProcessExpired as error:
        return gave_up(verifier, UNVERIFIABLE, f"worker ended with {error.exitcode}")


def gave_up(verifier: str, reason: str, detail: str = "") -> Verdict:
    return Verdict(verifier, VERIFIERS[verifier].version, UNKNOWN, reason, detail)
