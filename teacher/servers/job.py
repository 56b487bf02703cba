"""A request under way in a fleet."""

import asyncio
from dataclasses import dataclass

from records.requests import Request
from teacher.servers.endpoints import Endpoint


@dataclass(slots=True, eq=False)
class Job:
    """Made and changed by `Fleet`."""

    request: Request
    failures: int = 0
    endpoint: Endpoint | None = None
    """Where it is being tried."""
    task: asyncio.Task[None] | None = None
    """Its try."""
    timer: asyncio.TimerHandle | None = None
    """Its wait for the next one."""
    dropped: bool = False
