"""Judges traces in killable worker processes: whatever a text does to a filter or to sympy, it ends at the time limit."""

import logging
import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as PoolTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from configs.schema import Judging
from filters.code_answer import limits_of, verify_code
from filters.reasons import PASS, TIMEOUT, UNKNOWN, UNVERIFIABLE
from filters.verifiers import VERIFIERS, Evidence, evidence_of
from filters.sandbox import check_sandbox
from records.parquet import batched
from records.rows import CODE, Trace, Verdict

VERSION = "2"
CHUNK_TRACES, CHUNK_CHARACTERS = 64, 500_000
"""Traces go to a worker in chunks: sending one costs about as much as judging it."""
CHUNKS_PER_WORKER = 500
"""A worker is replaced after so many tasks, so that sympy's caches cannot grow for ever."""
KEPT_VARIABLES = {"PATH", "HOME", "LANG", "PYTHONPATH", "OMP_NUM_THREADS"}
BATCH_TRACES, BATCHES_AHEAD = 256, 2
"""Held in memory at a time: three batches. A 32k-token trace is ~120 kB, so ~100 MB."""
Item = TypeVar("Item")
Verdicts = list[Verdict]
Waiting = Callable[[], list[Verdicts]]


class Filter(Protocol):
    """A rule that needs nothing but the trace."""

    def judge(self, trace: Trace) -> Verdict: ...


RULES: list[Filter] = []
"""In a worker: the trace filters of this run."""


@dataclass
class Workers:
    """A pool of processes for everything but programs, which run in sandboxes of their own, a thread each."""

    pool: ProcessPool
    threads: ThreadPoolExecutor
    config: Judging
    waited_s: float = 0.0
    """Seconds this process had nothing to do but wait for verdicts."""

    def stream(self, items: Iterable[Item], trace_of: Callable[[Item], Trace]) -> Iterator[tuple[Item, Verdicts]]:
        """Each item with its trace's verdicts, in order. The workers have the next batches before one is handed on."""
        begun: deque[tuple[list[Item], Waiting]] = deque()
        for batch in batched(items, BATCH_TRACES):
            begun.append((batch, self.start(map(trace_of, batch))))
            if len(begun) > BATCHES_AHEAD:
                yield from self.ended(*begun.popleft())
        while begun:
            yield from self.ended(*begun.popleft())

    def ended(self, batch: list[Item], waiting: Waiting) -> Iterator[tuple[Item, Verdicts]]:
        started = time.monotonic()
        verdicts = waiting()
        self.waited_s += time.monotonic() - started
        return zip(batch, verdicts, strict=True)

    def start(self, traces: Iterable[Trace]) -> Waiting:
        """Begin judging; what is returned waits for the verdicts of each trace, in order."""
        chunks = [(chunk, self.schedule(judge_chunk, chunk)) for chunk in chunked(traces)]
        return lambda: [verdicts for chunk, future in chunks for verdicts in self.finish(chunk, future)]

    def judge(self, traces: Iterable[Trace]) -> list[Verdicts]:
        """For each trace every filter's verdict, and where all of them pass the verifier's: nothing but a closed,
        formatted answer is evidence."""
        return self.start(traces)()

    def same(self, one: str, other: str) -> bool:
        """Whether the math verifier takes two extracted answers for the same."""
        case = Evidence("math", one, "", f"\\boxed{{{other}}}")
        return waited(self.schedule(decide, case), case.verifier).outcome == PASS

    def schedule(self, work: Callable[[Any], Any], given: Any) -> ProcessFuture:
        return self.pool.schedule(work, (given,), timeout=self.config.timeout_s)

    def finish(self, chunk: list[Trace], future: ProcessFuture) -> list[Verdicts]:
        try:
            judged = future.result()
        except (PoolTimeout, ProcessExpired):  # one trace stopped the others: each of them alone
            alone = [self.schedule(judge_filters, trace) for trace in chunk]
            judged = [judged_alone(trace, one) for trace, one in zip(chunk, alone, strict=True)]
        later = [self.decide(trace) if is_open else None for trace, (_, is_open) in zip(chunk, judged, strict=True)]
        return [
            verdicts if wait is None else [*verdicts, wait()]
            for (verdicts, _), wait in zip(judged, later, strict=True)
        ]

    def decide(self, trace: Trace) -> Callable[[], Verdict]:
        """Begin the verifier's whole work on one trace."""
        case = evidence_of(trace)
        if case.verifier == CODE:
            check_sandbox()
            return self.threads.submit(verify_code, case.extra, case.answer, limits_of(self.config.code)).result
        future = self.schedule(decide, case)
        return lambda: waited(future, case.verifier)


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


def chunked(traces: Iterable[Trace]) -> Iterator[list[Trace]]:
    chunk: list[Trace] = []
    characters = 0
    for trace in traces:
        chunk.append(trace)
        characters += len(trace.reasoning) + len(trace.answer)
        if len(chunk) == CHUNK_TRACES or characters > CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


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
