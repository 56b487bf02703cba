"""Runs verifiers in killable worker processes: whatever an answer does to sympy, it ends at the time limit."""

import logging
import multiprocessing
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as PoolTimeout
from contextlib import contextmanager
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from filters.choice_answer import verify_choice
from filters.math_answer import settle_math, verify_math
from filters.reasoning_gym_answer import settle_reasoning_gym, verify_reasoning_gym
from filters.reasons import TIMEOUT, UNKNOWN, UNVERIFIABLE
from records.rows import Trace, Verdict

TASKS_PER_WORKER = 5000
"""A worker is replaced after this many, so that sympy's caches cannot grow for ever."""
WORKER_VERSION = "1"
KEPT_VARIABLES = {"PATH", "HOME", "LANG", "PYTHONPATH", "OMP_NUM_THREADS"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verifier may see of a trace: never its reasoning."""

    verifier: str
    reference: str
    extra: str
    """JSON of the problem: options, unit tests, task entry."""
    answer: str
    """What followed the closed reasoning."""


def evidence_of(trace: Trace) -> Evidence:
    return Evidence(trace.verifier, trace.reference, trace.extra, trace.answer)


def nothing_settled(evidence: Evidence) -> None:
    return None


# Each verifier as (what settles easy cases in this process, what decides the others in a worker).
VERIFIERS: dict[str, tuple[Callable[[Evidence], Verdict | None], Callable[[Evidence], Verdict]]] = {
    "math": (lambda e: settle_math(e.reference, e.answer), lambda e: verify_math(e.reference, e.answer)),
    "choice": (lambda e: verify_choice(e.reference, e.extra, e.answer), lambda e: verify_choice(e.reference, e.extra, e.answer)),
    "reasoning_gym": (
        lambda e: settle_reasoning_gym(e.reference, e.answer),
        lambda e: verify_reasoning_gym(e.extra, e.answer),
    ),
}


class Verifiers:
    """A pool of verifier processes; each verification has its own wall limit and each process a memory limit."""

    def __init__(self, pool: ProcessPool, timeout_s: float) -> None:
        self.pool, self.timeout_s = pool, timeout_s

    def verify(self, cases: Sequence[Evidence]) -> list[Verdict]:
        """One verdict per case, in order."""
        settled = [VERIFIERS[case.verifier][0](case) for case in cases]
        futures = {
            at: self.pool.schedule(verify, (case,), timeout=self.timeout_s)
            for at, case in enumerate(cases)
            if settled[at] is None
        }
        return [settled[at] or outcome_of(futures[at], case) for at, case in enumerate(cases)]


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
    """In the worker: bound its memory, empty its environment of anything worth stealing."""
    for name in set(os.environ) - KEPT_VARIABLES:
        del os.environ[name]
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its own time limits are off
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))


def verify(case: Evidence) -> Verdict:
    """In the worker."""
    try:
        return VERIFIERS[case.verifier][1](case)
    except (Exception, RecursionError) as error:  # anything a parser does on a model's text is data
        return Verdict(case.verifier, WORKER_VERSION, UNKNOWN, UNVERIFIABLE, type(error).__name__)


def outcome_of(future: ProcessFuture, case: Evidence) -> Verdict:
    try:
        return future.result()
    except PoolTimeout:
        return Verdict(case.verifier, WORKER_VERSION, UNKNOWN, TIMEOUT)
    except ProcessExpired as error:
        return Verdict(case.verifier, WORKER_VERSION, UNKNOWN, UNVERIFIABLE, f"worker ended with {error.exitcode}")
