"""A stage that does nothing at all is noticed and started again; one that works or reports is left alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flows.run.child import RESTARTS, StageFailed, run_in_child
from flows.run.progress import Update
from flows.run.stall import LOOKS, StallWatch, cpu_seconds

Report = Callable[..., None]
LIMIT_S = 1.0


# What the children run: imported there by name.
def stop_the_first_time(marks: Path, progress: Report) -> str:
    marks.mkdir(exist_ok=True)
    (marks / str(os.getpid())).touch()
    if len(list(marks.iterdir())) == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    return "done"


def hang(marks: Path, progress: Report) -> None:
    marks.mkdir(exist_ok=True)
    (marks / str(os.getpid())).touch()
    time.sleep(100)


def compute(progress: Report) -> str:
    end = time.monotonic() + 3 * LIMIT_S
    while time.monotonic() < end:
        sum(range(1000))
    return "done"


def let_another_compute(progress: Report) -> str:
    code = f"import time\nend = time.monotonic() + {3 * LIMIT_S}\nwhile time.monotonic() < end: pass"
    subprocess.run([sys.executable, "-c", code], check=True, start_new_session=True)
    return "done"


def report_only(progress: Report) -> str:
    for done in range(6):
        progress(done, 6, note="waiting for a server")
        time.sleep(LIMIT_S / 2)
    return "done"


def run(function: Callable[..., Any], folder: Path, limit_s: float | None = LIMIT_S) -> tuple[Any, list[Update]]:
    told: list[Update] = []
    result = run_in_child(function, {}, log=folder / "log", update=told.append, stall_timeout_s=limit_s)
    return result, told


def test_a_stopped_stage_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    result, told = run(partial(stop_the_first_time, tmp_path / "marks"), tmp_path)
    assert result == "done"
    assert len(list((tmp_path / "marks").iterdir())) == 2
    assert [line for _, line in told] == [
        "no progress and no processor time for 1 s: it is ended and started again",
    ]


def test_a_stage_that_always_hangs_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match=f"no progress and no processor time for 1 s, {RESTARTS + 1} times"):
        run(partial(hang, tmp_path / "marks"), tmp_path)
    pids = [int(mark.name) for mark in (tmp_path / "marks").iterdir()]
    assert len(pids) == RESTARTS + 1
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("function", [compute, let_another_compute, report_only])
def test_a_stage_that_works_or_reports_is_left_alone(function: Callable[..., str], tmp_path: Path) -> None:
    result, told = run(function, tmp_path)
    assert result == "done"
    assert not [line for _, line in told if "started again" in line]


def test_the_limit_is_for_doing_nothing_all_the_time() -> None:
    idle = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        time.sleep(0.5)  # it starts
        watch = StallWatch(idle.pid, 0.4)
        assert watch.look_every_s == 0.4 / LOOKS
        assert not watch.stalled()
        time.sleep(0.2)
        watch.progressed()
        time.sleep(0.3)
        assert not watch.stalled()
        time.sleep(0.3)
        assert watch.stalled()
    finally:
        idle.kill()
        idle.wait()


def test_what_was_stopped_with_its_watch_has_not_stalled() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as idle:
        time.sleep(0.5)  # it starts
        watch = StallWatch(idle.pid, 0.2)
        watch.stalled()
        time.sleep(0.3)  # nobody looks
        assert not watch.stalled()
        time.sleep(0.15)
        assert not watch.stalled()
        time.sleep(0.15)
        assert watch.stalled()


def test_processor_time_includes_those_below_and_none_for_a_process_that_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        before = cpu_seconds(os.getpid())
        time.sleep(0.5)
        assert cpu_seconds(os.getpid()) > before
        assert cpu_seconds(child.pid) > 0
    finally:
        child.kill()
        child.wait()
    assert cpu_seconds(child.pid) == 0
