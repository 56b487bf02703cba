"""Runs inside a worker process: rules and quick verdicts for a chunk of traces, and full verdicts one by one."""

import importlib
import logging
import os
import resource
from collections.abc import Callable, Iterable

from filters.reasons import PASS, UNKNOWN, UNVERIFIABLE
from filters.rules.rule import Filter
from filters.verifiers.evidence import Evidence, evidence_of
from filters.verifiers.registry import VERIFIERS
from records.rows import Trace, Verdict

Verdicts = list[Verdict]
EndWithUs = Callable[[int], None]
"""Makes sure that the process with this id does not outlive the one that judges, even if that is killed. A stage needs
none: its flow ends its whole process group."""
KEPT_VARIABLES = {"PATH", "HOME", "LANG", "PYTHONPATH", "OMP_NUM_THREADS"}
RULES: list[Filter] = []
"""The rules of this process; `prepare_worker` fills it."""


def prepare_worker(
    memory_mib: int, rules: Iterable[Filter], modules: Iterable[str], end_with_us: EndWithUs | None
) -> None:
    """Bound the process's memory (MiB of address space), remove secrets from its environment, import slow modules, and
    tie its life to the process that judges.

    This runs before the first task, so that no verdict's time limit pays for it.
    """
    for name in set(os.environ) - KEPT_VARIABLES:
        del os.environ[name]
    if end_with_us:
        end_with_us(os.getpid())
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # otherwise it warns that its own time limits are off
    for module in modules:
        importlib.import_module(module)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))
    RULES[:] = rules


def judge_chunk(traces: list[Trace]) -> list[tuple[Verdicts, bool]]:
    """Return each trace's verdicts, and whether its verifier's full verdict is still needed."""
    return [with_quick_verdict(trace) for trace in traces]


def with_quick_verdict(trace: Trace) -> tuple[Verdicts, bool]:
    verdicts, is_open = judge_rules(trace)
    verdict = quick_verdict(evidence_of(trace)) if is_open else None
    return ([*verdicts, verdict], False) if verdict else (verdicts, is_open)


def judge_rules(trace: Trace) -> tuple[Verdicts, bool]:
    """Return the rules' verdicts, and whether all of them pass."""
    verdicts = [rule.judge(trace) for rule in RULES]
    return verdicts, all(verdict.outcome == PASS for verdict in verdicts)


def quick_verdict(evidence: Evidence) -> Verdict | None:
    quick = VERIFIERS[evidence.verifier].quick
    try:
        return quick(evidence) if quick else None
    except (Exception, RecursionError):  # the full verdict will name the error
        return None


def full_verdict(evidence: Evidence) -> Verdict:
    """Return the full verdict of the verifier on one trace."""
    full = VERIFIERS[evidence.verifier].full
    assert full, "a sandboxed verifier does not come to a worker"
    try:
        return full(evidence)
    except (Exception, RecursionError) as error:  # anything a parser does on a model's text is data
        return no_verdict(evidence.verifier, UNVERIFIABLE, type(error).__name__)


def no_verdict(verifier: str, reason: str, detail: str = "") -> Verdict:
    """Return the verdict of a verifier that gave up: `unknown`, which another try may decide."""
    return Verdict(verifier, VERIFIERS[verifier].version, UNKNOWN, reason, detail)
