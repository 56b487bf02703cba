"""Runs inside a worker process: rules and quick verdicts for a chunk of traces, and full verdicts one by one."""

import importlib
import logging
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from configs.judging import CodeLimits
from filters.reasons import FAIL, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.replies import written
from filters.rules.rule import Filter
from filters.verifiers.evidence import Evidence, evidence_of
from filters.verifiers.programs.jobs import Job
from filters.verifiers.registry import VERIFIERS
from records.clean import clean_text
from records.rows import Trace, Verdict

Verdicts = list[Verdict]


@dataclass(frozen=True)
class Preparation:
    """The first message to a worker. Made by `filters.worker_process`; read by `serve`."""

    memory_mib: int
    """MiB of address space, beside what rules and modules take."""
    cpu_s: int
    """CPU seconds, for all of its tasks together."""
    rules: list[Filter]
    modules: list[str]
    """What its tasks need and is slow to import."""


LONGEST_EXTRACTED = 4000
"""Characters of an extracted answer that is kept, and may vote; a longer one has no vote. It is the length to which
mathematics is read, and a board of 30 by 30 cells, the largest of ARC, takes 1,800."""
RULES: list[Filter] = []
"""The rules of this process; `prepare_worker` fills it."""


def serve(connection: Connection) -> None:
    """Prepare the process, say that it is ready, then do one task after the other until the parent hangs up. Ctrl-C is
    the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        prepare_worker(connection.recv())
        connection.send_bytes(written((False, True)))
        while True:
            work, argument = connection.recv()
            connection.send_bytes(reply_of(work, argument))
    except (EOFError, ConnectionError):
        return


def reply_of(work: Callable[[Any], Any], argument: Any) -> bytes:
    """Write whether the work raised an error, and the error or its result."""
    try:
        return written((False, work(argument)))
    except Exception as error:  # the parent says so
        return written((True, clean_text(f"{type(error).__name__}: {error}")[:300]))


def prepare_worker(preparation: Preparation) -> None:
    """Import slow modules and set the limits, before the first task, so that no verdict's time limit pays for it."""
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # otherwise it warns that its own time limits are off
    for module in preparation.modules:
        importlib.import_module(module)
    # Rules hold the texts of all benchmarks: what they take must not be missing where traces are judged.
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    for kind, most in (
        (resource.RLIMIT_AS, taken + (preparation.memory_mib << 20)),
        (resource.RLIMIT_CPU, preparation.cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    RULES[:] = preparation.rules


def judge_chunk(traces: list[Trace]) -> list[tuple[Verdicts, bool]]:
    """Return each trace's verdicts, and whether its verifier's full verdict is still needed."""
    return [with_quick_verdict(trace) for trace in traces]


def with_quick_verdict(trace: Trace) -> tuple[Verdicts, bool]:
    verdicts, is_open = judge_rules(trace)
    verdict = quick_verdict(evidence_of(trace)) if is_open else None
    return ([*verdicts, verdict], False) if verdict else (verdicts, is_open)


def judge_rules(trace: Trace) -> tuple[Verdicts, bool]:
    """Return the rules' verdicts, and whether all of them pass."""
    verdicts = [clean(rule.judge(trace)) for rule in RULES]
    return verdicts, all(verdict.outcome == PASS for verdict in verdicts)


def quick_verdict(evidence: Evidence) -> Verdict | None:
    quick = VERIFIERS[evidence.verifier].quick
    try:
        verdict = quick(evidence) if quick else None
        return clean(verdict) if verdict else None
    except (Exception, RecursionError):  # the full verdict will name the error
        return None


def full_verdict(evidence: Evidence) -> Verdict:
    """Return the full verdict of the verifier on one trace."""
    full = VERIFIERS[evidence.verifier].full
    assert full, "a sandboxed verifier has no full verdict"
    try:
        return clean(full(evidence))
    except (Exception, RecursionError) as error:  # anything a parser does on a model's text is data
        if passes_itself(full, evidence):  # unknown would cost a policy nothing
            return Verdict(
                evidence.verifier, VERIFIERS[evidence.verifier].version, FAIL, WRONG_ANSWER, type(error).__name__
            )
        return no_verdict(evidence.verifier, UNVERIFIABLE, type(error).__name__)


def passes_itself(full: Callable[[Evidence], Verdict], evidence: Evidence) -> bool:
    """Return True if the reference passes as an answer: then it is the answer's fault that no verdict is found."""
    try:
        return full(replace(evidence, answer=f"\\boxed{{{evidence.reference}}}")).outcome == PASS
    except (Exception, RecursionError):
        return False


def prepared(work: tuple[Evidence, CodeLimits]) -> Job | Verdict:
    """Return what a sandboxed verifier is to run, or the verdict if it runs nothing."""
    evidence, limits = work
    prepare = VERIFIERS[evidence.verifier].prepare
    assert prepare, "only a sandboxed verifier prepares"
    try:
        return prepare(evidence, limits)
    except (Exception, RecursionError) as error:
        return no_verdict(evidence.verifier, UNVERIFIABLE, type(error).__name__)


def clean(verdict: Verdict) -> Verdict:
    detail, extracted = clean_text(verdict.detail), clean_text(verdict.extracted)
    if len(extracted) > LONGEST_EXTRACTED:
        extracted = ""
    same = (detail, extracted) == (verdict.detail, verdict.extracted)
    return verdict if same else replace(verdict, detail=detail, extracted=extracted)


def no_verdict(verifier: str, reason: str, detail: str = "") -> Verdict:
    """Return the verdict of a verifier that gave up: `unknown`, which another try may decide."""
    return Verdict(verifier, VERIFIERS[verifier].version, UNKNOWN, reason, detail)
