"""Asks endpoints that were set aside whether they are back, and ends the run when none has been for long."""

import asyncio
from collections.abc import Callable

from records.errors import InputError
from teacher.servers.endpoints import Endpoint, Endpoints
from teacher.servers.exchange import Exchange


class Probing:
    """Of one fleet. `revive(url)` is called before each probe; `is_back()` after one that was answered."""

    def __init__(
        self,
        exchange: Exchange,
        endpoints: Endpoints,
        revive: Callable[[str], None],
        is_back: Callable[[], None],
    ) -> None:
        self.exchange, self.endpoints = exchange, endpoints
        self.revive, self.is_back = revive, is_back
        self.none_since: float | None = None
        """When the last fit endpoint was set aside."""

    async def probe(self, endpoint: Endpoint) -> None:
        """Until it answers, whatever it says: one request will then tell. Errors: InputError when none is left."""
        while endpoint.aside:
            self.check_any_left(endpoint)
            await asyncio.sleep(self.endpoints.next_probe_s(endpoint))
            self.revive(endpoint.url)
            status, _ = await self.exchange.list_models(endpoint)
            if 0 < status < 500:
                self.endpoints.answered(endpoint)
                self.is_back()

    def check_any_left(self, endpoint: Endpoint) -> None:
        if not self.endpoints.none_left():
            return
        now = asyncio.get_running_loop().time()
        self.none_since = now if self.none_since is None else self.none_since
        silent_s = now - self.none_since
        teacher = self.exchange.teacher
        starting_s = teacher.serve.ready_timeout_s if teacher.serve else 0.0
        if silent_s > max(teacher.unreachable_timeout_s, starting_s):
            raise InputError(
                f"no endpoint has served a request for {silent_s:.0f} s, {endpoint.url} says: {endpoint.trouble}; "
                "start the servers again, then run the same command: it continues"
            )

    def is_well(self) -> None:
        """An endpoint serves."""
        self.none_since = None
