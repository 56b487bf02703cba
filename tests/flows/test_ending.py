"""A run ends soon and says why when Prefect's temporary server dies, also while somebody presses Ctrl-C; the same
command continues."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from command import begin_like, marked
from command_server import CommandServer
from conftest import ROOT

from flows.run import ending
from flows.run.ending import NOT_STARTED, STARTS
from flows.run.server_password import VARIABLES

FAKE = "configs/demo/fake.yaml"
SLOW = (FAKE, "teacher.latency_s=3", "teacher.in_flight=1")
"""Sampling takes minutes."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, commands: CommandServer) -> Path:
    """A run that has its problems, but no dataset: nothing that the teacher says is right."""
    run_dir = tmp_path_factory.mktemp("begun") / "run"
    assert commands.run("distill", FAKE, f"run_dir={run_dir}", "teacher.accuracy=0").returncode == 2
    return run_dir


@contextmanager
def sampling(begun: Path, run_dir: Path) -> Iterator[tuple[subprocess.Popen[str], psutil.Process, str]]:
    """A run in the middle of its sampling, its Prefect server, and the mark of all its processes."""
    begin_like(begun, run_dir)
    marker = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.distill", *SLOW, f"run_dir={run_dir}"],
        cwd=ROOT,
        env=os.environ | {"RETORT_TEST": marker},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + 200
        while not list(run_dir.glob("sample-*/traces-*.jsonl")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        (server,) = [
            child for child in psutil.Process(process.pid).children() if "uvicorn" in " ".join(child.cmdline())
        ]
        yield process, server, marker
    finally:
        process.kill()
        process.communicate()


def assert_all_gone(marker: str) -> None:
    deadline = time.monotonic() + 20
    while left := marked(marker):
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def status_of(server: psutil.Process, password: str | None) -> int:
    """Return the HTTP status of a request for the flow runs."""
    command = server.cmdline()
    url = f"http://127.0.0.1:{command[command.index('--port') + 1]}/api/flow_runs/filter"
    basic = {} if password is None else {"Authorization": f"Basic {b64encode(password.encode()).decode()}"}
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json", **basic})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def environment_of_stage(process: psutil.Process) -> dict[str, str]:
    """Return a stage's environment; nothing for another process, or one that has just ended."""
    with suppress(psutil.Error):
        return process.environ() if "stage_process" in " ".join(process.cmdline()) else {}
    return {}


def assert_password(run_dir: Path, server: psutil.Process, marker: str) -> None:
    """Nobody without the password is answered, and it stands in no command line, no file, no stage's environment."""
    password = server.environ()[VARIABLES[0]]
    assert [status_of(server, given) for given in (None, "", "admin:pass", password)] == [401, 401, 401, 200]
    assert not [line for line in marked(marker) if password in line]
    assert not [file for file in run_dir.rglob("*") if file.is_file() and password.encode() in file.read_bytes()]
    ours = [given for given in map(environment_of_stage, psutil.process_iter()) if given.get("RETORT_TEST") == marker]
    assert len(ours) >= 2, "the zygote and a stage"
    assert not [one for one in ours if password in one.values()]


@pytest.mark.slow
def test_the_death_of_the_server_ends_the_run_with_one_line(begun: Path, tmp_path: Path) -> None:
    with sampling(begun, tmp_path) as (process, server, marker):
        assert_password(tmp_path, server, marker)
        server.kill()
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "Prefect's temporary server has died, which stops the run; the same command continues" in output
        assert "Traceback" not in output
        assert_all_gone(marker)


def test_a_server_that_still_starts_ends_with_the_command(tmp_path: Path) -> None:
    marker = uuid.uuid4().hex
    command = [sys.executable, "-m", "flows.distill", *SLOW, f"run_dir={tmp_path}"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"RETORT_TEST": marker}, stdout=quiet, stderr=quiet)
    try:
        deadline = time.monotonic() + 100
        while not any("uvicorn" in line for line in marked(marker)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        process.kill()
        process.wait()
    assert_all_gone(marker)


def test_a_server_of_the_user_s_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows", "distill", FAKE, f"run_dir={tmp_path}"]
    away = os.environ | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    done = subprocess.run(command, cwd=ROOT, env=away, capture_output=True, text=True, check=False)
    told = "error: Failed to reach API at http://127.0.0.1:9/api/: start that Prefect server, or do without"
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith(told)


class Restarting:
    """Starts a server anew that could not start, as Prefect does."""

    def __init__(self, *statuses: int) -> None:
        self.left, self.started, self.current = list(statuses), 0, None

    @property
    def server_process(self) -> "subprocess.Popen[bytes]":
        if self.current is None or (self.current.poll() == NOT_STARTED and self.left):
            end = f"import os; os.kill(os.getpid(), {-self.left[0]})" if self.left[0] < 0 else f"exit({self.left[0]})"
            self.current = subprocess.Popen([sys.executable, "-c", end])
            self.left.pop(0)
            self.started += 1
        return self.current


@pytest.mark.parametrize(
    ("statuses", "said", "started"),
    [([NOT_STARTED] * 9, "cannot start", STARTS), ([NOT_STARTED, 1, 0], "has died", 2), ([-9], "has died", 1)],
)
def test_a_server_that_cannot_start_is_not_waited_for(
    statuses: list[int], said: str, started: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    over, tied = threading.Event(), []
    server = Restarting(*statuses)
    monkeypatch.setattr(ending, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(ending, "embedded_servers", lambda: [server])
    monkeypatch.setattr(ending, "end_with", lambda flow, watched: tied.append(watched))
    monkeypatch.setattr(os, "_exit", lambda status: over.set())
    ending.watch_servers(threading.Event(), over)
    assert said in capsys.readouterr().err
    assert started <= server.started == len(tied) <= started + 1


@pytest.mark.slow
def test_ctrl_c_ends_a_run_whose_stage_and_server_are_stopped(begun: Path, tmp_path: Path) -> None:
    with sampling(begun, tmp_path) as (process, server, marker):
        server.suspend()
        for stage in psutil.Process(process.pid).children(recursive=True):
            if stage.ppid() != process.pid and "stage_process" in " ".join(stage.cmdline()):
                stage.suspend()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "interrupted; the same command continues" in output
        assert_all_gone(marker)


@pytest.mark.slow
def test_ctrl_c_on_a_terminal_reaches_the_server_too(begun: Path, tmp_path: Path) -> None:
    """Which dies of it, and is not the reason why the run ends."""
    with sampling(begun, tmp_path) as (process, server, marker):
        process.send_signal(signal.SIGINT)
        server.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "interrupted; the same command continues" in output
        assert "has died" not in output
        assert_all_gone(marker)
