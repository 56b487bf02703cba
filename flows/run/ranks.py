"""Runs a function in several processes that torch's elastic launcher connects, one for each GPU: ranks.

They end with the process that starts them, however it ends: they are in its process group, which the flow ends, and
each has a watcher. A rank that fails ends all. None is started again: the same command continues the training.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from tempfile import TemporaryDirectory
from typing import Any

from configs.launch import Launch
from flows.run.child import describe_exit
from flows.run.file_store import meet_in
from flows.run.os_errors import outcome_of
from flows.run.watcher import end_with
from records.errors import InputError

LIBRARIES = ("torch", "transformers", "datasets", "peft", "trl", "student.methods.sft")
"""What the ranks import, once for all of them where there is no GPU."""
STOP_S = 10
"""Seconds from SIGTERM to SIGKILL for the ranks that are left when one has failed."""
MEETING_S = 3600
"""Seconds that a machine waits for the others."""
LOST = "launch.nodes: the training ended on another machine, whose own line tells why; the same commands continue it"
"""What a machine says whose ranks only miss those of another one."""


class RankFailed(Exception):
    """A rank failed for a reason other than the user's input."""


def run_in_ranks(
    function: Callable[..., Any],
    launch: Launch,
    processes: int,
    run_id: str,
    progress: Callable[..., None],
    *,
    hosts: bool = True,
    libraries: Sequence[str] = LIBRARIES,
) -> Any:
    """Call `function(progress=…)` in `processes` processes on this machine, and return what the first one returns.

    `libraries` are imported before. Each process finds its rank and the number of all in the environment (torchrun's
    RANK, WORLD_SIZE, LOCAL_RANK). With several machines, each calls this with the same `run_id`, and they meet at
    `launch.rendezvous`, an address of the one that `hosts`. The progress is that of the first process here. Errors:
    InputError as a rank raises it, and if the machines do not meet; RankFailed.
    """
    import torch
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.elastic.rendezvous.api import RendezvousError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # Forks share what is imported. A process that has touched CUDA cannot be forked, so with GPUs each imports anew.
    method = "spawn" if torch.cuda.is_available() else "forkserver"
    context = multiprocessing.get_context(method)
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(libraries))
    pipes = [context.Pipe(duplex=False) for _ in range(processes)]
    messages = Messages([reading for reading, _ in pipes], progress, launch.nodes > 1)
    try:
        with meeting_place(launch, hosts) as (settings, folder):
            config = LaunchConfig(
                min_nodes=launch.nodes,
                max_nodes=launch.nodes,
                nproc_per_node=processes,
                run_id=run_id,
                max_restarts=0,
                start_method=method,
                shutdown_timeout=STOP_S,
                **settings,
            )
            elastic_launch(config, be_rank)(function, [writing for _, writing in pipes], os.getpid(), folder)
    except SignalException:
        if len(messages.returned) < processes:
            raise
    except RendezvousError as error:
        messages.end()
        where = f"{launch.nodes} machines at {launch.rendezvous}"
        if messages.begun:
            raise InputError(LOST) from None
        raise InputError(f"launch.rendezvous: no meeting of {where} ({error})") from None
    except ChildFailedError as error:
        messages.end()
        raise messages.error({rank: failure.exitcode for rank, failure in error.failures.items()}) from None
    messages.end()
    return messages.returned[0]


@contextmanager
def meeting_place(launch: Launch, hosts: bool) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield how torch's launcher finds its ranks, and the folder where those of one machine meet."""
    if launch.nodes > 1:
        meeting = {"join_timeout": MEETING_S, "is_host": hosts}
        yield {"rdzv_backend": "c10d", "rdzv_endpoint": str(launch.rendezvous), "rdzv_configs": meeting}, None
        return
    from flows.run.one_machine import BACKEND

    with TemporaryDirectory(prefix="retort-", ignore_cleanup_errors=True) as folder:
        yield {"rdzv_backend": BACKEND, "local_addr": "localhost"}, folder


def be_rank(function: Callable[..., Any], writers: list[Connection], launcher: int, folder: str | None) -> None:
    """Call the function in a rank, and tell the launcher how it goes, and what it returns. The ranks of one machine
    meet in `folder`."""
    end_with(launcher, os.getpid())
    if folder:
        meet_in(folder)
    own = writers[int(os.environ["LOCAL_RANK"])]
    rank, first_here = os.environ["RANK"], os.environ["LOCAL_RANK"] == "0"

    def progress(*arguments: Any, **named: Any) -> None:
        if first_here:
            own.send(("progress", (arguments, named)))

    own.send(("begun", None))
    try:
        own.send(("returned", function(progress=progress)))
    except Exception as error:
        kind, text = outcome_of(error)
        if kind == "error":
            kind, text = "lost" if lost_another(error) else kind, f"rank {rank}: {text}"
        own.send((kind, text))
        raise SystemExit(1) from None


def lost_another(error: Exception) -> bool:
    """Return True if a rank fails because another one is gone. gloo raises a plain RuntimeError, with the source file
    `…/gloo/transport/tcp/pair.cc:547] Connection closed by peer` in it."""
    from torch.distributed import DistError

    return isinstance(error, DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))


def stop_launcher() -> None:
    """Interrupt the launcher, which would wait for ever. Ranks that have returned sleep until it wakes them, and then
    it waits until all are awake: a rank that was killed in its sleep never is (multiprocessing's Event)."""
    os.kill(os.getpid(), signal.SIGTERM)


class Messages(threading.Thread):
    """Receives what the ranks tell, in a thread beside the launcher: progress, and why they failed."""

    def __init__(self, connections: list[Connection], progress: Callable[..., None], several_machines: bool) -> None:
        super().__init__(daemon=True)  # a rank killed while it writes leaves half a message, which never ends
        self.connections, self.progress, self.several_machines = connections, progress, several_machines
        self.begun = False
        """A rank here is at work: the machines have met."""
        self.returned: dict[int, Any] = {}
        self.timer = threading.Timer(STOP_S, stop_launcher)
        self.timer.daemon = True
        self.failures: list[tuple[str, str]] = []
        self.ended, self.ending = multiprocessing.Pipe(duplex=False)
        self.start()

    def run(self) -> None:
        while True:
            ready = wait([*self.connections, self.ended])
            for connection in ready:
                if connection is self.ended:
                    if len(ready) == 1:  # all that was told before has been received
                        return
                    continue
                assert isinstance(connection, Connection)
                kind, value = connection.recv()
                if kind == "progress":
                    self.progress(*value[0], **value[1])
                elif kind == "begun":
                    self.begun = True
                elif kind == "returned":
                    self.returned[self.connections.index(connection)] = value
                    if len(self.returned) == len(self.connections):
                        self.timer.start()
                else:
                    self.failures.append((kind, value))

    def end(self) -> None:
        self.timer.cancel()
        self.ending.send(None)
        self.join(STOP_S)

    def error(self, exit_codes: dict[int, int]) -> Exception:
        """Return the error to raise when ranks here, of these numbers, have failed. A mistake of the user's comes
        first, then a rank that was killed, which tells nothing: the others only miss the one that it ended. If all
        here do, it ended on another machine."""
        told = dict(reversed(self.failures))  # of each kind the first
        if "input" in told:
            return InputError(told["input"])
        for rank, code in exit_codes.items():
            if code < 0 and -code != signal.SIGTERM:
                return RankFailed(f"rank {rank} ended with {describe_exit(code)}")
        if "error" in told:
            return RankFailed(told["error"])
        if "lost" in told:
            return InputError(LOST) if self.several_machines else RankFailed(told["lost"])
        rank, code = next(iter(exit_codes.items()))
        return RankFailed(f"rank {rank} ended with exit code {code}")
