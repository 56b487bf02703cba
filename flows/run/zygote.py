"""A process that forks a stage's processes from one that has imported their libraries already.

Importing torch, transformers and TRL or vLLM takes 10-20 s of a core, for every stage anew if each starts an
interpreter of its own. The zygote imports what a stage names before it forks for it; the next stages find it there.
Each stage still has a process, so its memory is free when it ends.
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

ROOT = Path(__file__).resolve().parent.parent.parent
QUIET = {
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_NO_USAGE_STATS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore::SyntaxWarning",  # cellpylib's, a dependency of reasoning-gym, in every process
}
NO_STATUS = 255
"""Exit code of a process whose zygote died before it could tell."""
HAS_GPU = Path("/dev/nvidiactl").exists()
"""With a GPU nothing is imported before the fork: a library that touched CUDA there would break it in every stage."""


class Forked:
    """A process that the zygote forked. It leads a process group of its own."""

    def __init__(self, report: int) -> None:
        """`report` is the reading end of a pipe: its id on one line, its wait status on another once it has ended."""
        self.report = os.fdopen(report, "rb", buffering=0)
        self.pid = int(self.line() or 0)
        self.code: int | None = None
        self.lock = threading.Lock()

    def line(self) -> bytes:
        text = b""
        while (byte := self.report.read(1)) not in (b"", b"\n"):
            text += byte
        return text

    def wait(self, timeout_s: float | None = None) -> int:
        """Its exit code, negative for a signal. Errors: TimeoutError."""
        with self.lock:
            if self.code is None:
                if not select.select([self.report], [], [], timeout_s)[0]:
                    raise TimeoutError
                status = self.line()
                self.code = os.waitstatus_to_exitcode(int(status)) if status else NO_STATUS
                self.report.close()
            return self.code

    def end_group(self, grace_s: float) -> None:
        """End what is left of its group: politely, then not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                break
            try:
                self.wait(grace_s)
            except TimeoutError:
                continue
        self.wait()


class Zygote:
    """The forking process of this one, started when it is first needed and ending with it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.requests = socket.socket()
        self.next: tuple[str, ...] = ()
        """Modules that it is to import once it has forked for the stage at hand: the next stage's."""

    def preload(self, modules: tuple[str, ...]) -> None:
        """Begin to import, while this process does something else."""
        if modules and not HAS_GPU:
            with self.lock:
                self.send({"preload": modules}, [])

    def fork(self, modules: tuple[str, ...], variables: dict[str, str], connection: int, log: IO[bytes]) -> Forked:
        """A process with `modules` imported and `variables` added to this one's environment, that serves
        `flows.run.stage_process.serve` over the file descriptor `connection` and prints to `log`."""
        request: dict[str, object] = {
            "preload": () if HAS_GPU else modules,
            "environment": dict(os.environ) | QUIET | variables,
            "path": sys.path,
        }
        reading, writing = os.pipe()
        try:
            with self.lock:
                self.send(request, [connection, log.fileno(), writing])
            self.preload(self.next)
        finally:
            os.close(writing)
        return Forked(reading)

    def send(self, request: dict[str, object], descriptors: list[int]) -> None:
        if self.process is None or self.process.poll() is not None:
            self.start()
        socket.send_fds(self.requests, [pickle.dumps(request)], descriptors)

    def start(self) -> None:
        self.requests.close()
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "flows.run.stage_process", str(theirs.fileno()), str(os.getpid())]
        search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            command,
            env=os.environ | QUIET | {"PYTHONPATH": search},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()


ZYGOTE = Zygote()
"""One for each process that runs stages: the flow, or a worker of a cluster."""
