"""A worker that a model's text has taken over cannot make the process that judges run or hold anything."""

import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import make_trace

from configs.judging import CodeLimits, Judging
from filters import replies
from filters.replies import NoReply, written
from filters.verifiers.code_answer import prepared_job
from filters.verifiers.evidence import Evidence
from filters.verifiers.programs.jobs import Job
from filters.verifiers.programs.sandbox.limits import Limits
from filters.worker_process import WorkerDied, WorkerProcess
from records.rows import Verdict

SENDS = """
import gc, time
from multiprocessing.connection import Connection
[connection] = [one for one in gc.get_objects() if isinstance(one, Connection)]
connection.send_bytes(bytes.fromhex({hexadecimal!r}) * {times})
time.sleep(30)
"""
"""What a text could do in a worker that runs it: find the pipe and send what it likes."""
PASSED = Verdict("math", "1", "pass", "", "of a clock", 0.5, "7")


class Opens:
    """A pickle that makes a folder where it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    started = WorkerProcess(Judging(timeout_s=20), [], [])
    started.prepare()
    yield started
    started.end()


def test_a_pickle_from_a_worker_is_not_loaded(worker: WorkerProcess, tmp_path: Path) -> None:
    payload = pickle.dumps((False, Opens(tmp_path / "ran")))
    with pytest.raises(WorkerDied, match="no reply"):
        worker.run(exec, SENDS.format(hexadecimal=payload.hex(), times=1), replies.verdict)
    assert not (tmp_path / "ran").exists()
    assert not worker.is_usable


def test_a_worker_cannot_fill_memory(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied, match="ended"):
        worker.run(exec, SENDS.format(hexadecimal=b"[false, 1]      ".hex(), times=1 << 20), replies.verdict)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"1",
        b"[]",
        b"[false]",
        b"[1, 2, 3]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b"nan",
        b"[false, " + b"9" * 5000 + b"]",
    ],
)
def test_what_is_not_two_values_is_no_reply(reply: bytes) -> None:
    with pytest.raises(NoReply):
        replies.read(reply)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 1),
        (1, None),
        (2, "passed"),
        (2, ["pass"]),
        (4, {"a": 1}),
        (5, 1),
        (6, "1"),
        (6, True),
        (6, float("inf")),
        (7, "more"),
    ],
)
def test_only_a_verdict_is_one(at: int, value: Any) -> None:
    reply = replies.plain(PASSED)
    reply[at : at + 1] = [value]
    with pytest.raises(NoReply):
        replies.verdict(reply)
    with pytest.raises(NoReply):
        replies.judged_chunk([[[reply], False]], [make_trace()])


def test_a_verdict_arrives_as_it_was_made() -> None:
    for verdict in (PASSED, Verdict("code", "3", "fail", "tests_failed", "é 💡"), Verdict("a", "1", "unknown")):
        failed, reply = replies.read(written((False, verdict)))
        assert (failed, replies.verdict(reply)) == (False, verdict)
    forged = json.loads('["\\ud83d", "1\\u0000", "pass", "", "", "\\ud83d", null]')
    assert replies.verdict(forged) == Verdict("\ufffd", "1\ufffd", "pass", extracted="\ufffd")


@pytest.mark.parametrize(
    "reply", [None, [], [[[], True]], [[[], True], [[], True], [[], True]], [[[], 1], [[], True]], [[{}, True]] * 2]
)
def test_a_chunk_has_as_many_verdicts_as_traces(reply: Any) -> None:
    with pytest.raises(NoReply):
        replies.judged_chunk(reply, [make_trace(), make_trace()])


@pytest.mark.parametrize(
    "reply", [[], [[[0]]], [[[0], [0]]], [[[0, 1], [2]]], [[[0], [True]]], [[[0], 1]], [[[1, -1]]]]
)
def test_every_answer_is_in_one_class(reply: Any) -> None:
    assert replies.classes([[[1], [0]]], [["a", "b"]]) == [[[1], [0]]]
    with pytest.raises(NoReply):
        replies.classes(reply, [["a", "b"]])


EXTRA = json.dumps({"inputs": ["1"], "outputs": ["2"], "tests": {"inputs": ["1"], "outputs": ["2"]}, "cpu_s": 3})
ASKED = (Evidence("code", "", EXTRA, "```python\nprint(2)\n```"), CodeLimits())


def test_a_job_arrives_as_it_was_made_but_for_its_limits() -> None:
    job = prepared_job(ASKED[0].extra, ASKED[0].answer, Limits(cpu_s=9, total_memory_mib=99999, processes=10_000))
    assert isinstance(job, Job)
    _, reply = replies.read(written((False, job)))
    found = replies.job(reply, ASKED)
    assert isinstance(found, Job)
    assert (found.program, found.questions) == (job.program, job.questions)
    assert (found.tests.inputs, found.tests.outputs) == (["1"], ["2"])
    config = CodeLimits()
    assert found.limits == Limits(3, config.memory_mib, config.total_memory_mib, whole_s=config.whole_s)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": []},
        {"inputs": [1]},
        {"outputs": "2"},
        {"cpu_s": "3"},
        {"cpu_s": 1e9},
        {"memory_mib": -1},
        {"tolerance": []},
    ],
)
def test_a_job_that_is_none(change: dict[str, Any]) -> None:
    job = prepared_job(*(ASKED[0].extra, ASKED[0].answer), Limits())
    reply = json.loads(written(job))
    with pytest.raises(NoReply):
        replies.job({**reply, "tests": reply["tests"] | change}, ASKED)
    for name in ("tests", "program", "questions"):
        with pytest.raises(NoReply):
            replies.job({**reply, name: None}, ASKED)
