"""Runs a function in several processes that torch's elastic launcher connects, one for each GPU: ranks.

They end with the process that starts them, however it ends: they are in its process group, which the flow ends, and
each has a watcher. A rank that fails ends all. None is started again: the same command continues the training.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from configs.launch import Launch
from flows.run.os_errors import outcome_of
from flows.run.watcher import end_with
from records.errors import InputError

LIBRARIES = ("torch", "transformers", "datasets", "peft", "trl", "student.methods.sft")
"""What the ranks import, once for all of them where there is no GPU."""
STOP_S = 10
"""Seconds from SIGTERM to SIGKILL for the ranks that are left when one has failed."""
MEETING_S = 3600
"""Seconds that a machine waits for the others."""


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
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.elastic.rendezvous.api import RendezvousError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # Forks share what is imported. A process that has touched CUDA cannot be forked, so with GPUs each imports anew.
    method = "spawn" if torch.cuda.is_available() else "forkserver"
    context = multiprocessing.get_context(method)
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(libraries))
    pipes = [context.Pipe(duplex=False) for _ in range(processes)]
    messages = Messages([reading for reading, _ in pipes], progress)
    one_machine = launch.nodes == 1
    config = LaunchConfig(
        min_nodes=launch.nodes,
        max_nodes=launch.nodes,
        nproc_per_node=processes,
        run_id=run_id,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0" if one_machine else str(launch.rendezvous),
        rdzv_configs={"join_timeout": MEETING_S, "is_host": hosts},
        local_addr="localhost" if one_machine else None,
        max_restarts=0,
        start_method=method,
        shutdown_timeout=STOP_S,
    )
    try:
        returned = elastic_launch(config, be_rank)(function, [writing for _, writing in pipes], os.getpid())
    except RendezvousError as error:
        messages.end()
        where = f"{launch.nodes} machines at {launch.rendezvous}"
        raise InputError(f"launch.rendezvous: no meeting of {where} ({error})") from None
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        messages.end()
        raise messages.error(rank, failure.exitcode) from None
    messages.end()
    return returned[min(returned)]


def be_rank(function: Callable[..., Any], writers: list[Connection], launcher: int) -> Any:
    """Call the function in a rank, and tell the launcher how it goes."""
    end_with(launcher, os.getpid())
    own = writers[int(os.environ["LOCAL_RANK"])]
    rank, first_here = os.environ["RANK"], os.environ["LOCAL_RANK"] == "0"

    def progress(*arguments: Any, **named: Any) -> None:
        if first_here:
            own.send(("progress", (arguments, named)))

    try:
        return function(progress=progress)
    except Exception as error:
        kind, text = outcome_of(error)
        own.send((kind, text if kind == "input" else f"rank {rank}: {text}"))
        raise SystemExit(1) from None


class Messages(threading.Thread):
    """Receives what the ranks tell, in a thread beside the launcher: progress, and why they failed."""

    def __init__(self, connections: list[Connection], progress: Callable[..., None]) -> None:
        super().__init__(daemon=True)  # a rank killed while it writes leaves half a message, which never ends
        self.connections, self.progress = connections, progress
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
                else:
                    self.failures.append((kind, value))

    def end(self) -> None:
        self.ending.send(None)
        self.join(STOP_S)

    def error(self, rank: int, exit_code: int) -> Exception:
        """Return the error to raise when a rank has failed. A mistake of the user's comes first: the other ranks only
        miss the one that it ended. So does a rank that was killed, which tells nothing."""
        mistakes = [text for kind, text in self.failures if kind == "input"]
        if mistakes:
            return InputError(mistakes[0])
        if exit_code < 0 and -exit_code != signal.SIGTERM:
            hint = " (out of memory, or killed by hand)" if -exit_code == signal.SIGKILL else ""
            return RankFailed(f"rank {rank} ended with signal {signal.Signals(-exit_code).name}{hint}")
        told = [text for _, text in self.failures]
        return RankFailed(told[0] if told else f"rank {rank} ended with exit code {exit_code}")
