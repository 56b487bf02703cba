"""The server that Prefect starts in a process of its own where PREFECT_API_URL is not set."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.run.child import end_with


def running() -> list[Any]:
    module = sys.modules.get("prefect.server.api.server")  # 3 s to import, and only there if one was started
    if module is None:
        return []
    return [server for server in module.SubprocessASGIServer._instances.values() if server.server_process]


def watch() -> None:
    """Prefect ends it at exit; a `kill -9` of the flow would leave it running."""
    for server in running():
        end_with(os.getpid(), server.server_process.pid)


@contextmanager
def shown() -> Iterator[None]:
    """To workers of a cluster on this machine, each of which would start one of its own."""
    addresses = [server.api_url for server in running()]
    with temporary_settings({PREFECT_API_URL: addresses[0]} if addresses else {}):
        yield
