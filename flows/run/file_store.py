"""Lets the ranks of one machine meet in a file, which only this user may read, instead of over the network: torch's own
store listens on all interfaces and asks for no password."""

import os
import socket
from collections.abc import Iterator
from importlib import import_module
from typing import Any

LOOPBACK = "lo"
"""The interface that reaches this machine alone, as Linux names it."""


def meet_in(folder: str) -> None:
    """Have this rank, as soon as it connects, meet the others in a folder. Call it before any part of torch connects.

    accelerate and DeepSpeed connect by `env://`, and take no other way from a caller; so that way is replaced.
    """
    from torch.distributed import FileStore, Store

    def meet(url: str, **_: Any) -> Iterator[tuple[Store, int, int]]:
        rank, ranks = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        yield FileStore(os.path.join(folder, "ranks")), rank, ranks

    # The package has a function of the module's name.
    import_module("torch.distributed.rendezvous")._rendezvous_handlers["env"] = meet
    if any(name == LOOPBACK for _, name in socket.if_nameindex()):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK)
