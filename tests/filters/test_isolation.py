"""Workers hold no secret and reach nothing; they are replaced when they die, and judging goes on."""

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_trace

from configs.judging import Judging
from filters.forking import SERVER
from filters.isolation import ENVIRONMENT, PACKAGES
from filters.pool import Pool
from filters.worker_process import WorkerDied, WorkerProcess
from filters.workers import workers

SECRET = "hf_never_seen"


def same(reply: Any, asked: object) -> Any:
    return reply


def ready(judging: Judging) -> WorkerProcess:
    process = WorkerProcess(judging, [], [])
    process.prepare()
    return process


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    started = ready(Judging(workers=1, timeout_s=5))
    yield started
    started.end()


def test_a_worker_has_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    for path in (os.environ["PATH"], str(ROOT)):  # with bubblewrap, and without
        monkeypatch.setenv("PATH", path)
        monkeypatch.setattr(SERVER, "is_isolated", False)
        monkeypatch.setattr(SERVER, "control", None)  # the next worker comes from a server that is started now
        worker = ready(Judging())
        assert SERVER.is_isolated == (path != str(ROOT))
        names = {name for name in (*os.environ, "HF_TOKEN") if worker.run(os.getenv, name, same) is not None}
        assert names <= {*ENVIRONMENT, "LC_CTYPE", "PWD"}
        if not SERVER.is_isolated:
            assert SECRET not in worker.run(Path.read_text, Path("/proc/self/environ"), same)
        worker.end()


def test_a_worker_sees_no_home_no_data_and_no_other_process(worker: WorkerProcess) -> None:
    assert SERVER.is_isolated
    for path in ("/proc", "/etc/passwd", "/var", ROOT / "README.md", ROOT / "tests", Path.home() / ".bashrc"):
        assert not worker.run(os.path.exists, str(path), same), path
    assert set(worker.run(os.listdir, str(ROOT), same)) <= {*PACKAGES, ".venv"}
    with pytest.raises(WorkerDied, match="ProcessLookupError"):
        worker.run(os.getpgid, os.getpid() + 10**6, same)
    with pytest.raises(WorkerDied, match="Read-only"):
        worker.run(Path.touch, ROOT / "filters" / "written", same)
    assert not (ROOT / "filters" / "written").exists()


def test_a_worker_has_no_rights_of_root(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied, match="PermissionError"):
        worker.run(os.chroot, "/tmp", same)


def test_a_worker_has_no_network(worker: WorkerProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(WorkerDied, match="Refused"):
        worker.run(socket.create_connection, server.getsockname(), same)


def test_a_worker_has_limits(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied, match="MemoryError"):
        worker.run(bytes, 8 << 30, same)
    with pytest.raises(TimeoutError):
        ready(Judging(timeout_s=0.3)).run(time.sleep, 5, same)


def test_what_rules_hold_is_not_missing_where_traces_are_judged() -> None:
    """The texts of large benchmarks took all of a small limit, and nearly every trace was `unknown`."""
    limits = []
    for rules in ([], ["x" * (64 << 20)]):
        worker = WorkerProcess(Judging(memory_mib=512), rules, [])  # type: ignore[arg-type]
        worker.prepare()
        limits.append(worker.run(resource.getrlimit, resource.RLIMIT_AS, same)[0])
        worker.end()
    assert limits[0] > 512 << 20
    assert limits[1] - limits[0] > 60 << 20


def test_a_worker_that_was_killed_while_it_waited_is_replaced() -> None:
    with workers(Judging(workers=1)) as judging:
        assert judging.judge([make_trace()])[0][0].outcome == "pass"
        (waiting,) = judging.pool.processes
        for _ in range(3):
            (waiting,) = judging.pool.processes
            waiting.kill()
            assert judging.judge([make_trace()])[0][0].outcome == "pass"


def test_random_kills_cost_no_verdict_of_another_trace() -> None:
    """Whatever a worker does when it is killed, judging goes on and every trace has its verdict."""
    done = threading.Event()
    with workers(Judging(workers=2)) as judging:

        def kill() -> None:
            for _ in range(8):
                done.wait(0.3)
                for process in list(judging.pool.processes)[:1]:
                    process.kill()

        killing = threading.Thread(target=kill)
        killing.start()
        try:
            verdicts = judging.judge([make_trace(answer=rf"\boxed{{{at}}}") for at in range(2000)])
        finally:
            done.set()
            killing.join()
    assert len(verdicts) == 2000
    for at, (verdict,) in enumerate(verdicts):
        assert verdict.outcome in ("pass" if at == 4 else "fail", "unknown")


def test_a_stopped_worker_is_killed_at_the_time_limit() -> None:
    worker = ready(Judging(timeout_s=0.5))
    signal.pidfd_send_signal(worker.forked.handle, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        worker.run(len, "x" * 10_000_000, same)
    assert not worker.is_usable
    worker.end()


def test_a_worker_that_dies_says_so(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied):
        worker.run(os._exit, 3, same)


def test_the_server_is_started_again() -> None:
    worker = ready(Judging())
    assert SERVER.control
    SERVER.control.close()  # as it is when the server was killed
    pool = Pool(Judging(workers=1), [])
    assert pool.schedule(len, "four", same).result() == 4
    pool.stop()
    worker.end()


def test_a_pool_that_is_stopped_cancels_what_waits() -> None:
    pool = Pool(Judging(workers=1, timeout_s=60), [])
    tasks = [pool.schedule(time.sleep, 50, same) for _ in range(3)]
    while not tasks[0].running():
        time.sleep(0.01)
    started = time.monotonic()
    pool.stop()
    assert time.monotonic() - started < 2
    assert all(task.done() for task in tasks)


def test_a_pool_whose_start_is_interrupted_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came in between is told, and not that a thread cannot be joined."""

    def interrupted(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    pool = Pool(Judging(workers=2), [])
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pool.schedule(len, "four", same)
    pool.stop()


def test_a_pool_that_is_stopped_takes_nothing_more() -> None:
    pool = Pool(Judging(workers=1), [])
    assert pool.schedule(len, "four", same).result() == 4
    pool.stop()
    late = pool.schedule(len, "four", same)  # by a thread that judges while the process ends
    with pytest.raises(CancelledError):
        late.result(timeout=2)
