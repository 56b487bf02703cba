"""Verifies programs: runs the answer's program against the problem's tests in a sandbox, by asserts or by stdin and
stdout."""

import signal
import time
from dataclasses import replace
from threading import Lock
from typing import Any

from configs.judging import CodeLimits
from filters.reasons import FAIL, NO_ANSWER, PASS, TESTS_FAILED, TIMEOUT, UNKNOWN, UNVERIFIABLE
from filters.verifiers.evidence import Evidence
from filters.verifiers.programs.jobs import Computed, Job, NoProgram, job_of
from filters.verifiers.programs.output_match import most_characters, same_output
from filters.verifiers.programs.sandbox.host import MemoryLimit, Sandbox, SandboxFailed, WallLimit, sandbox
from filters.verifiers.programs.sandbox.limits import Limits
from filters.verifiers.programs.unit_tests import NoTests
from records.clean import clean_text
from records.rows import CODE, Verdict

NAME, VERSION = CODE, "11"
DEFAULTS = Limits()
PARSING = Lock()
"""Python 3.11 may count the recursion of `ast.parse` wrongly if several threads call it (python/cpython#106905)."""
IDLE_SHARE = 0.25
"""Share of a wall limit that a program may be idle before the limit is its own fault. What computes is never idle. Its
processes and the harness, which computes with its values, have one CPU limit each and may use no more than both."""


def limits_of(config: CodeLimits) -> Limits:
    packages = tuple(config.packages)
    return Limits(config.cpu_s, config.memory_mib, config.total_memory_mib, whole_s=config.whole_s, packages=packages)


def verify_code(extra: str, answer: str, limits: Limits = DEFAULTS) -> Verdict:
    """Judge one answer here. Errors: InputError if bubblewrap is missing."""
    with PARSING:
        prepared = prepared_job(extra, answer, limits)
    return prepared if isinstance(prepared, Verdict) else run(prepared)


def prepare(evidence: Evidence, limits: CodeLimits) -> Job | Verdict:
    """Return what is to be run, or the verdict if nothing is. Call it where it can be stopped."""
    return prepared_job(evidence.extra, evidence.answer, limits_of(limits))


def prepared_job(extra: str, answer: str, limits: Limits) -> Job | Verdict:
    try:
        return job_of(extra, answer, limits)
    except NoTests as error:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, clean_text(str(error)[:300]))
    except NoProgram as error:
        return Verdict(NAME, VERSION, FAIL, NO_ANSWER, str(error))
    except Computed as error:
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, str(error))


def run(job: Job) -> Verdict:
    """Run a job in a sandbox. This is safe to call from several threads: what it does with a program's output takes
    linear time. Errors: InputError if bubblewrap is missing."""
    limits = job.limits
    try:
        return judge_asserts(job, limits) if job.questions else judge_stdio(job, limits)
    except MemoryLimit as error:  # its own doing, so no way to be left out
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, str(error))
    except SandboxFailed as error:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, clean_text(f"sandbox: {error}"))


def judge_stdio(job: Job, limits: Limits) -> Verdict:
    """Run one test after another, each in a new process, until one fails."""
    tests = job.tests
    deadline = time.monotonic() + limits.whole_s
    with sandbox(limits) as box:
        box.send(job.program)
        for at, (stdin, expected) in enumerate(zip(tests.inputs, tests.outputs, strict=True), start=1):
            most = most_characters(expected)
            box.send({"input": stdin})
            box.send({"most": most})
            left_s = deadline - time.monotonic()
            try:
                result = box.receive(min(limits.deadline_s, left_s), "stdout", "stderr")
            except WallLimit as limit:
                if left_s > limits.deadline_s:
                    return unfinished(limit, limits, f"test {at}")
                all_tests = WallLimit(box.activity.idle_s, limit.ran_s)
                return unfinished(all_tests, replace(limits, wall_s=limits.whole_s), f"all tests, in test {at}")
            ended = ending(result, box)
            if ended:
                return ended
            if result["status"]:
                last = (result["stderr"].strip().splitlines() or [f"exit status {result['status']}"])[-1]
                return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, clean_text(f"test {at}: {last[:300]}"))
            if len(result["stdout"]) > most or not same_output(expected, result["stdout"], tests.tolerance):
                return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, f"test {at}: wrong output")
    return Verdict(NAME, VERSION, PASS)


def judge_asserts(job: Job, limits: Limits) -> Verdict:
    """Run all tests at once. The program sees none of them, only the arguments of each call."""
    with sandbox(limits) as box:
        box.send(job.program)
        box.send(job.questions)
        try:
            result = box.receive(limits.deadline_s)
        except WallLimit as limit:
            return unfinished(limit, limits, "its tests")
    if "unsupported" in result:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, clean_text(result["unsupported"][:300]))
    # A program that ended because the examiner was done was killed by the harness, which says nothing about it.
    ended = ending(result if result.get("gone") else {**result, "killed": False, "status": 0}, box)
    if ended:
        return ended
    if "error" in result:
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, clean_text(result["error"]))
    if not result.get("asked"):
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, "the tests never use the program")
    return Verdict(NAME, VERSION, PASS)


def unfinished(limit: WallLimit, limits: Limits, what: str) -> Verdict:
    """Return the verdict on a program that reached a wall limit: unknown if the machine may have been too busy."""
    place = f"within {limits.deadline_s:g} s of wall time for {what}"
    if limit.idle_s >= IDLE_SHARE * limits.deadline_s:
        return Verdict(NAME, VERSION, FAIL, TIMEOUT, f"idle for {limit.idle_s:.1f} s {place}")
    if limit.ran_s > 2 * limits.cpu_s + 1:
        return Verdict(NAME, VERSION, FAIL, TIMEOUT, f"{limit.ran_s:.1f} s of {limits.cpu_s} s CPU {place}")
    return Verdict(NAME, VERSION, UNKNOWN, TIMEOUT, f"not finished {place}")


def ending(result: dict[str, Any], box: Sandbox) -> Verdict | None:
    """Return the verdict if the way in which the program ended decides it."""
    if result["timeout"]:
        return Verdict(NAME, VERSION, FAIL, TIMEOUT, f"{result['cpu_s']:.1f} s of {box.limits.cpu_s} s CPU")
    if result["killed"] and box.host_may_have_killed():  # or it killed itself: a kill does not say who sent it
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"killed after {result['cpu_s']:.2f} s CPU")
    if result["status"] < 0:
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, f"killed by {signal_name(-result['status'])}")
    return None


def signal_name(number: int) -> str:
    """Return a signal's name. Those between SIGRTMIN and SIGRTMAX, and the two that the C library keeps, have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
