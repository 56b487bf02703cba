"""Sets up Prefect: a longer startup timeout, no telemetry, no proxy before its temporary server, no orphaned server, no
tracebacks for a user's mistakes.

This module must be imported before `prefect`, which reads its settings on import.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import getproxies_environment

# The embedded server needs up to 35 s on a busy machine, more than the default limit.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

from configs.load import ConfigError
from flows.run.groups import RunFailed
from records.errors import InputError

# A proxy that the environment names would be asked for what is started on this machine, Prefect's server and
# `vllm serve`: it refuses, or answers from its own machine. Libraries read either spelling, the small one first.
HERE = "127.0.0.1"
direct = getproxies_environment().get("no", "")
if direct != "*" and HERE not in direct.split(","):
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(filter(None, [direct, HERE]))


def embedded_servers() -> list[Any]:
    """Return the servers that Prefect started in separate processes, as it does if PREFECT_API_URL is not set."""
    module = sys.modules.get("prefect.server.api.server")  # takes 3 s to import; loaded if a server was started
    servers = vars(module).get("SubprocessASGIServer") if module else None  # None while another thread imports it
    listed = list(servers._instances.values()) if servers else []
    return [server for server in listed if getattr(server, "server_process", None)]  # listed before it has one


@contextmanager
def server_for_workers() -> Iterator[None]:
    """Tell a cluster's workers on this machine the embedded server's address; otherwise each would start its own."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    addresses = [server.api_url for server in embedded_servers()]
    with temporary_settings({PREFECT_API_URL: addresses[0]} if addresses else {}):
        yield


class HideTracebacks(logging.Filter):
    """Reduces a user's mistake, and a run that fails in the end, to its message in Prefect's logs, without a
    traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], InputError | ConfigError | RunFailed):
            record.exc_info = record.exc_text = None
        return True


HIDE_TRACEBACKS = HideTracebacks()


def hide_tracebacks() -> None:
    """Hide the tracebacks of users' mistakes in this process from now on."""
    for name in ("prefect.flow_runs", "prefect.task_runs", "prefect.engine"):
        logging.getLogger(name).addFilter(HIDE_TRACEBACKS)
