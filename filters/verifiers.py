"""Runs verifiers in killable worker processes: whatever an answer does to sympy, it ends at the time limit."""

import logging
import multiprocessing
import os
import resource
from collections.abc import Iterator
from concurrent.futures import TimeoutError as PoolTimeout
from contextlib import contextmanager

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from filters.math_answer import settle_math, verify_math
from filters.reasoning_gym_answer import settle_reasoning_gym, verify_reasoning_gym
from filters.reasons import TIMEOUT, UNKNOWN, UNVERIFIABLE
from records.rows import MATH, REASONING_GYM, Trace, Verdict

TASKS_PER_WORKER = 5000
"""A worker is replaced after this many, so that sympy's caches cannot grow for ever."""
WORKER_VERSION = "1"


class Verifiers:
    """A pool of verifier processes; each verification has its own wall limit and each process a memory limit."""

    def __init__(self, pool: ProcessPool, timeout_s: float) -> None:
        self.pool, self.timeout_s = pool, timeout_s

    def verify(self, traces: list[Trace]) -> list[Verdict]:
        """One verdict per trace, in order."""
        settled = [settle(trace) for trace in traces]
        futures = {
            index: self.pool.schedule(verify, evidence(trace), timeout=self.timeout_s)
            for index, trace in enumerate(traces)
            if settled[index] is None
        }
        verdicts = []
        for index, trace in enumerate(traces):
            ready = settled[index]
            verdicts.append(ready if ready else outcome_of(futures[index], trace))
        return verdicts


@contextmanager
def verifiers(workers: int, timeout_s: float, memory_mib: int) -> Iterator[Verifiers]:
    """Start the worker processes, and end them whatever happens."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(workers, TASKS_PER_WORKER, limit_worker, (memory_mib,), context)
    try:
        yield Verifiers(pool, timeout_s)
    finally:
        pool.stop()
        pool.join()


def limit_worker(memory_mib: int) -> None:
    """In the worker: bound its memory, empty its environment of anything worth stealing, import what it needs."""
    kept = {"PATH", "HOME", "LANG", "PYTHONPATH", "OMP_NUM_THREADS"}
    for name in set(os.environ) - kept:
        del os.environ[name]
    import math_verify  # noqa: F401
    import reasoning_gym  # noqa: F401

    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its own time limits are off
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))


def evidence(trace: Trace) -> tuple[str, str, str, str]:
    return trace.verifier, trace.reference, trace.extra, trace.answer


def settle(trace: Trace) -> Verdict | None:
    settlers = {MATH: settle_math, REASONING_GYM: settle_reasoning_gym}
    return settlers[trace.verifier](trace.reference, trace.answer)


def verify(verifier: str, reference: str, extra: str, answer: str) -> Verdict:
    """In the worker."""
    try:
        return verify_math(reference, answer) if verifier == MATH else verify_reasoning_gym(extra, answer)
    except (Exception, RecursionError) as error:  # anything a parser does on a model's text is data
        return Verdict(verifier, WORKER_VERSION, UNKNOWN, UNVERIFIABLE, type(error).__name__)


def outcome_of(future: ProcessFuture, trace: Trace) -> Verdict:
    try:
        return future.result()
    except PoolTimeout:
        return Verdict(trace.verifier, WORKER_VERSION, UNKNOWN, TIMEOUT)
    except ProcessExpired as error:
        return Verdict(trace.verifier, WORKER_VERSION, UNKNOWN, UNVERIFIABLE, f"worker ended with {error.exitcode}")
