"""What a worker replies, as text: written in the worker, read by the process that judges.

A reply is JSON, whose types are checked where it is read. A worker that a model's text has taken over can give false
verdicts on the rows that it was asked about; it cannot make the process that judges run anything, as a pickle could.
"""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any, TypeGuard

from configs.judging import CodeLimits
from filters.reasons import FAIL, PASS, UNKNOWN
from filters.verifiers.code_answer import limits_of
from filters.verifiers.evidence import Evidence
from filters.verifiers.programs.jobs import Job
from filters.verifiers.programs.unit_tests import MOST_CPU_S, MOST_MEMORY_MIB, CodeTests
from records.clean import clean_text, number_within
from records.rows import Trace, Verdict

MOST_TIMES, MOST_BYTES = 16, 1 << 20
"""Bounds of a reply: so many times what was asked, and so many bytes more. The tests of a program come back twice, and
JSON writes one character in up to 12 bytes."""
OUTCOMES = (PASS, FAIL, UNKNOWN)
TEXTS = len(fields(Verdict)) - 1
"""A verdict's fields but for its score, which comes last in a reply."""


class NoReply(ValueError):
    """What came is no reply to what was asked."""


Reader = Callable[[Any, Any], Any]
"""Makes a result out of a reply, given what was asked. Errors: NoReply."""


def written(reply: Any) -> bytes:
    """Write what a worker made."""
    return json.dumps(reply, default=plain).encode()


def plain(value: Any) -> Any:
    if isinstance(value, Verdict):
        return [value.filter, value.version, value.outcome, value.reason, value.detail, value.extracted, value.score]
    if isinstance(value, Job):
        return {"tests": asdict(value.tests), "program": value.program, "questions": value.questions}
    raise TypeError(f"a worker replies no {type(value).__name__}")


def read(data: bytes) -> tuple[bool, Any]:
    """Return whether the work failed, and how it failed or its result. Errors: NoReply."""
    try:
        failed, result = json.loads(data)
    except (ValueError, TypeError, RecursionError) as error:
        raise NoReply("not JSON of two values") from error
    return failed is True, result


def verdict(reply: Any, asked: object = None) -> Verdict:
    if type(reply) is not list or len(reply) != TEXTS + 1:
        raise NoReply("not a verdict")
    *texts, score = reply
    if set(map(type, texts)) != {str} or reply[2] not in OUTCOMES or type(score) not in (float, int, type(None)):
        raise NoReply("not a verdict")
    if score is not None and not math.isfinite(score):
        raise NoReply("not a score")
    whole = "".join(texts)
    clean = texts if whole.isascii() and "\0" not in whole else map(clean_text, texts)
    name, version, outcome, reason, detail, extracted = clean
    return Verdict(name, version, outcome, reason, detail, score, extracted)


def verdict_if_any(reply: Any, asked: object) -> Verdict | None:
    return None if reply is None else verdict(reply)


def judged(reply: Any, asked: object) -> tuple[list[Verdict], bool]:
    """Read what `in_worker.with_quick_verdict` returns."""
    if type(reply) is not list or len(reply) != 2 or type(reply[0]) is not list or type(reply[1]) is not bool:
        raise NoReply("not a judged trace")
    return list(map(verdict, reply[0])), reply[1]


def judged_chunk(reply: Any, traces: list[Trace]) -> list[tuple[list[Verdict], bool]]:
    """Read what `in_worker.judge_chunk` returns."""
    if type(reply) is not list or len(reply) != len(traces):
        raise NoReply("not as many traces as were sent")
    return [judged(one, trace) for one, trace in zip(reply, traces, strict=True)]


def job(reply: Any, asked: tuple[Evidence, CodeLimits]) -> Job | Verdict:
    """Read what `in_worker.prepared` returns. The limits of the sandbox are those that were asked for."""
    if type(reply) is not dict:
        return verdict(reply)
    tests, program, questions = (reply.get(name) for name in ("tests", "program", "questions"))
    if type(tests) is not dict or type(program) is not dict or type(questions) is not dict:
        raise NoReply("not a job")
    inputs, outputs = tests.get("inputs"), tests.get("outputs")
    if not is_texts(inputs) or not is_texts(outputs) or len(inputs) != len(outputs):
        raise NoReply("not a job's tests")
    stated = CodeTests(
        inputs=inputs, outputs=outputs, tolerance=stated_number(tests, "tolerance", 0, 1e9),
        cpu_s=stated_number(tests, "cpu_s", 1, MOST_CPU_S),
        memory_mib=stated_number(tests, "memory_mib", 64, MOST_MEMORY_MIB),
    )  # fmt: skip
    limits = limits_of(asked[1])
    limits = replace(limits, cpu_s=stated.cpu_s or limits.cpu_s, memory_mib=stated.memory_mib or limits.memory_mib)
    return Job(stated, limits, program, questions)


def is_texts(value: Any) -> TypeGuard[list[str]]:
    return type(value) is list and all(type(text) is str for text in value)


def stated_number(tests: dict[str, Any], name: str, least: float, most: float) -> Any:
    stated = tests.get(name)
    value = number_within(stated, least, most)
    if value is None and stated is not None:
        raise NoReply(f"no number as {name}")
    return value if value is None or name == "tolerance" else int(value)


def classes(reply: Any, problems: list[list[str]]) -> list[list[list[int]]]:
    """Read what `answer_classes.group_all` returns: every position of every problem's answers, once."""
    if type(reply) is not list or len(reply) != len(problems):
        raise NoReply("not as many problems as were sent")
    for groups, answers in zip(reply, problems, strict=True):
        if type(groups) is not list or any(type(group) is not list for group in groups):
            raise NoReply("not classes of answers")
        positions = [at for group in groups for at in group]
        if any(type(at) is not int for at in positions) or sorted(positions) != [*range(len(answers))]:
            raise NoReply("not every answer in one class")
    found: list[list[list[int]]] = reply
    return found
