"""Makers and the tiny model that tests load. It is made once a session, and untrained unless a test trains it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_server import CommandServer
from filelock import FileLock

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "2")

from configs.scratch import Architecture
from flows.run.watcher import end_with
from records.hashing import problem_id
from records.rows import MATH, Problem, Trace, Verdict
from records.searched import Searched

# A test run started in the background inherits that Ctrl-C is ignored, and would pass that on to what it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
ARCHITECTURE = Architecture(
    hidden_size=64,  # bitsandbytes' 4-bit kernel on the CPU wants multiples of 64
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=1,
    head_dim=32,
    vocab_size=300,
)


LONGEST = (
    *("test_tiny.py", "test_distill.py", "test_scored_run.py", "test_ranks.py", "test_cluster.py", "test_join.py"),
    *("test_stage_faults.py", "test_evaluate.py", "test_vllm_engine.py", "test_vllm_pooling.py"),
)
"""A minute to four each, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: of two workers neither waits long for the other's last file."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def make_problem(
    prompt: str = "What is 2 + 2?", reference: str = "4", verifier: str = MATH, extra: str = ""
) -> Problem:
    return Problem(problem_id(prompt), prompt, reference, verifier, "made", extra)


def make_trace(
    answer: str = "\\boxed{4}",
    reference: str = "4",
    reasoning: str = "2 + 2 = 4",
    prompt: str = "What is 2 + 2?",
    sample_index: int = 0,
    attempt: int = 0,
    closed: bool = True,
    finish_reason: str = "stop",
    completion_tokens: int = 12,
    verifier: str = MATH,
    extra: str = "",
    source: str = "made",
    verdicts: list[Verdict] | None = None,
    searched: Searched | None = None,
) -> Trace:
    return Trace(
        problem_id=problem_id(prompt),
        attempt=attempt,
        sample_index=sample_index,
        prompt=prompt,
        reference=reference,
        verifier=verifier,
        source=source,
        extra=extra,
        reasoning=reasoning,
        answer=answer,
        closed=closed,
        finish_reason=finish_reason,
        prompt_tokens=5,
        completion_tokens=completion_tokens,
        seed=1,
        teacher="teacher",
        request_fingerprint="0" * 12,
        verdicts=verdicts or [],
        searched=searched,
    )


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model directory with tokenizer and chat template."""
    from student.scratch.model import make_model

    folder = tmp_path_factory.mktemp("tiny-model")
    make_model(folder, ARCHITECTURE, ["What is 12 + 34?", "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}"] * 4, seed=0)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], timeout_s: float = 300) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{url} never answered"
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a real Prefect server for the tests that run many flows: an embedded one takes 10 s each time.

    The workers of xdist share it. It ends with the process that controls the tests.
    """
    folder, controller = tmp_path_factory.getbasetemp(), os.getpid()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder, controller = folder.parent, os.getppid()
    address = folder / "prefect.txt"
    with FileLock(folder / "prefect.lock"):
        if not address.exists():
            address.write_text(start_prefect(folder / "prefect", controller))
    return address.read_text()


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[CommandServer]:
    """Runs commands in a process that has imported their libraries."""
    server = CommandServer(tmp_path_factory.mktemp("commands"), PREFECT_API_URL=prefect_api)
    yield server
    server.close()


def start_prefect(home: Path, controller: int) -> str:
    """Start a Prefect server, and return its address once it answers."""
    home.mkdir()
    port = free_port()
    environment = os.environ | {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    end_with(controller, process.pid)
    wait_until_healthy(f"http://127.0.0.1:{port}/api/health", process)
    return f"http://127.0.0.1:{port}/api"


def exists(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # before it is opened, or while it is read
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while exists(pid):
        assert time.monotonic() < deadline, f"{pid} lives on"
        time.sleep(0.02)
