"""Starts `vllm serve` processes, waits until they are ready, restarts one that died, stops them."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from configs.servers import ServerTeacher
from records.errors import InputError
from records.files import never_a_link
from teacher.servers.serve_command import arguments_of, environment_of

VLLM_SERVE = (sys.executable, "-P", "-m", "vllm.entrypoints.cli.main", "serve")
GRACE_S = 15
"""Seconds between SIGTERM and SIGKILL, in which vLLM ends its engine processes itself."""
RESTARTS = 3
"""How often each server is started again. A server that dies more often will not serve."""
LOG_LINES_SHOWN = 5
LISTENERS, LISTENS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6")), "0A"
"""The sockets of this machine, and the state of one that listens (TCP_LISTEN in linux/tcp_states.h)."""
WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(slots=True)
class LocalServer:
    """One server process, which leads its own process group, and where it runs. Made and changed by `LocalServers`."""

    number: int
    port: int
    gpus: list[int]
    process: subprocess.Popen[bytes]
    restarts: int = 0

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"


class LocalServers:
    """The servers that one stage starts. `end_with(ours, theirs)` makes the process `theirs` end with `ours`; `logs` is
    the path that each log's name begins with."""

    def __init__(
        self, teacher: ServerTeacher, logs: Path, end_with: Callable[[int, int], None], command: tuple[str, ...]
    ) -> None:
        assert teacher.serve is not None, "validated by ServerTeacher"
        self.teacher, self.config, self.logs, self.end_with = teacher, teacher.serve, logs, end_with
        self.command = command
        self.key = secrets.token_hex(32)
        """What the servers require of every request: other users of the machine reach 127.0.0.1 too."""
        self.servers: list[LocalServer] = []

    def start(self) -> list[str]:
        """Start the servers, and return their base URLs once all answer. Errors: InputError with the last log lines of
        a server that does not."""
        first = self.config.first_port
        try:
            for number, gpus in enumerate(self.config.gpus):
                port = free_port() if first is None else check_free(first + number)
                self.servers.append(LocalServer(number, port, gpus, self.launch(number, port, gpus)))
            deadline = time.monotonic() + self.config.ready_timeout_s
            for server in self.servers:
                self.wait_until_ready(server, deadline)
        except BaseException:
            self.stop()
            raise
        return [server.url for server in self.servers]

    def launch(self, number: int, port: int, gpus: list[int]) -> subprocess.Popen[bytes]:
        self.logs.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_of(number), "ab", opener=never_a_link) as log:
            process = subprocess.Popen(
                [*self.command, *arguments_of(self.teacher, self.config, port, gpus)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment_of(self.config, gpus, self.key),
                start_new_session=True,
            )
        self.end_with(os.getpid(), process.pid)
        return process

    def wait_until_ready(self, server: LocalServer, deadline: float) -> None:
        while True:
            code = server.process.poll()
            if code is not None:
                raise InputError(f"vllm serve ended with exit code {code}; {self.end_of_log(server)}")
            if time.monotonic() > deadline:
                raise InputError(
                    f"vllm serve was not ready after {self.config.ready_timeout_s:g} s: raise "
                    f"teacher.serve.ready_timeout_s; {self.end_of_log(server)}"
                )
            with suppress(urllib.error.URLError, OSError), WITHOUT_PROXY.open(f"{server.root}/health", timeout=5):
                check_listener(server.port)
                return
            time.sleep(0.2)

    def end_of_log(self, server: LocalServer) -> str:
        log = self.log_of(server.number)
        lines = log.read_text(errors="replace").split("\n")
        last = " | ".join([line.strip() for line in lines if line.strip()][-LOG_LINES_SHOWN:])
        return f"correct teacher.serve; {log} ends in: {last}"

    def log_of(self, number: int) -> Path:
        return self.logs.with_name(f"{self.logs.name}.server-{number}.log")

    def restart(self, url: str) -> None:
        """Start the server of this base URL again if its process has died. Errors: InputError if it dies too often, or
        if another user has taken its port."""
        for server in self.servers:
            if server.url == url:
                check_listener(server.port)
            if server.url == url and server.process.poll() is not None:
                if server.restarts == RESTARTS:
                    raise InputError(f"vllm serve died {RESTARTS + 1} times; {self.end_of_log(server)}")
                end_group(server.process, signal.SIGKILL)
                server.restarts += 1
                server.process = self.launch(server.number, server.port, server.gpus)

    def stop(self) -> None:
        """End the servers and all that they started, with SIGTERM and then with SIGKILL."""
        for server in self.servers:
            end_group(server.process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        for server in self.servers:
            with suppress(subprocess.TimeoutExpired):
                server.process.wait(max(0.0, deadline - time.monotonic()))
            end_group(server.process, signal.SIGKILL)
            server.process.wait()
        self.servers.clear()


def end_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to all processes that a server has started, and to itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_free(port: int) -> int:
    """Return the port. Errors: InputError if it is taken, because its listener would get the requests."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise InputError(f"port {port}: {reason}; set teacher.serve.first_port to null or to free ports") from None
    return port


def check_listener(port: int) -> None:
    """Check that nobody else answers at a port. Its number stands in the server's arguments, which other users see, and
    until the server listens there, seconds after its start, they could answer in its place. Errors: InputError."""
    for file in LISTENERS:
        for line in file.read_text().splitlines()[1:] if file.exists() else ():
            _, address, _, state, _, _, _, user, *_ = line.split()
            if state == LISTENS and int(address.rpartition(":")[2], 16) == port and int(user) != os.geteuid():
                raise InputError(f"port {port}: user {user} answers there, and not vllm serve; run the same again")
