"""Forks the processes of stages from a zygote, a process that has already imported their libraries.

Importing torch, transformers and TRL or vLLM takes 10-20 s of a core, for every stage again if each starts its own
interpreter. The zygote imports the modules that a stage names before it forks the stage's process, and later stages
share them. Each stage still has its own process, so its memory is freed when it ends.
"""

import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from flows.run.compiler_cache import compiler_cache
from flows.run.launchers import without_launcher
from flows.run.server_password import without_password

ROOT = Path(__file__).resolve().parent.parent.parent
QUIET = {
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_NO_USAGE_STATS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore::SyntaxWarning",  # from cellpylib, a dependency of reasoning-gym, in every process
}
NO_STATUS = 255
"""The exit code reported for a process whose zygote died before it could report the real one."""
STAGES = "flows.distill"
"""Imports the code of all stages, and no torch. Every stage's process reads from it what it is to do, which would take
each of them 1.2 s of imports."""
HAS_GPU = Path("/dev/nvidiactl").exists()
"""True if the machine has a GPU. Then no library is imported before the fork: one that initialised CUDA in the zygote
would break it in every stage."""


class Forked:
    """A process that the zygote forked. It leads its own process group."""

    def __init__(self, report: int) -> None:
        """`report` is the reading end of a pipe. The zygote writes the process id to it as one line, and the wait
        status as another once the process has ended."""
        self.report = os.fdopen(report, "rb", buffering=0)
        told = self.line()
        self.pid = int(told) if told else None
        """None if the zygote died before it forked."""
        self.code: int | None = None
        self.lock = threading.Lock()

    def line(self) -> bytes:
        text = b""
        while (byte := self.report.read(1)) not in (b"", b"\n"):
            text += byte
        return text

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for the end of the process, and return its exit code, negative for a signal. Errors: TimeoutError."""
        with self.lock:
            if self.code is None:
                if not select.select([self.report], [], [], timeout_s)[0]:
                    raise TimeoutError
                status = self.line()
                self.code = os.waitstatus_to_exitcode(int(status)) if status else NO_STATUS
                self.report.close()
            return self.code

    def end_group(self, grace_s: float) -> None:
        """End what is left of its group, with SIGTERM and then SIGKILL, waiting `grace_s` seconds after each."""
        if self.pid is None:  # 0 would stand for the caller's own group
            self.wait()
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, number)
                os.killpg(self.pid, signal.SIGCONT)  # a stopped process would not notice the first one
            except ProcessLookupError:
                break
            try:
                self.wait(grace_s)
            except TimeoutError:
                continue
        self.wait()


class Zygote:
    """The zygote of this process. It starts when it is first needed, and ends with this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.requests = socket.socket()
        self.next: tuple[str, ...] = ()
        """Modules that it is to import once it has forked for the stage at hand: the next stage's."""

    def preload(self, modules: tuple[str, ...]) -> None:
        """Let the zygote import modules while this process does something else."""
        with self.lock:
            self.send({"preload": importable(modules)}, [])

    def fork(self, modules: tuple[str, ...], variables: dict[str, str], connection: int, log: IO[bytes]) -> Forked:
        """Fork a process with `modules` imported and `variables` added to this process's environment. It runs
        `flows.run.stage_process.serve` on the file descriptor `connection` and prints to `log`."""
        request: dict[str, object] = {
            "preload": importable(modules),
            "environment": environment() | variables,
            "path": sys.path,
        }
        reading, writing = os.pipe()
        try:
            with self.lock:
                self.send(request, [connection, log.fileno(), writing])
            if self.next:
                self.preload(self.next)
        finally:
            os.close(writing)
        return Forked(reading)

    def send(self, request: dict[str, object], descriptors: list[int]) -> None:
        if self.process is None or self.process.poll() is not None:
            self.start()
        # Through a file in memory: an environment may be larger than a message can be (208 KiB on Linux).
        with os.fdopen(os.memfd_create("request"), "wb", buffering=0) as file:
            file.write(pickle.dumps(request))
            socket.send_fds(self.requests, [b"\n"], [file.fileno(), *descriptors])

    def start(self) -> None:
        self.requests.close()
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "flows.run.stage_process", str(theirs.fileno()), str(os.getpid())]
        search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))  # "" is the working directory
        self.process = subprocess.Popen(
            command,
            env=environment() | {"PYTHONPATH": search},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()


def environment() -> dict[str, str]:
    """Return this process's environment as the zygote and stages get it."""
    return without_launcher(without_password(os.environ)) | compiler_cache(os.environ) | QUIET


def importable(modules: tuple[str, ...]) -> tuple[str, ...]:
    """Return what may be imported before the fork."""
    return (STAGES,) if HAS_GPU else (STAGES, *modules)


ZYGOTE = Zygote()
"""The zygote of the current process, which is the flow or a worker of a cluster."""
