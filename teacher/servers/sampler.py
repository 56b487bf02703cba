"""Sampling from OpenAI-compatible servers: a fleet of `vllm serve`, SGLang, a hosted API, or servers started here."""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from configs.servers import ServerTeacher
from records.counts import EngineCounts
from records.errors import InputError
from records.requests import Completion, Request
from teacher.servers.exchange import Exchange
from teacher.servers.fleet import Fleet
from teacher.servers.job import Key, key_of
from teacher.servers.own_server import VLLM_SERVE, OwnServers

WAITING_FACTOR = 2
"""Requests taken per request in flight: no endpoint waits for the sampling loop, and memory stays constant."""


class ServerSampler:
    """All of asyncio lives in one thread behind it; completions come from there in batches."""

    batch_invariant = True
    """As far as a server honours seeds; without them no draw can be repeated at all, and what is drawn stays."""

    def __init__(
        self,
        teacher: ServerTeacher,
        logs: Path,
        end_with: Callable[[int, int], None],
        command: tuple[str, ...] = VLLM_SERVE,
    ) -> None:
        """`end_with(ours, theirs)` sees to it that a process started here does not outlive this one; what that prints
        goes to `<logs>.server-<number>.log`. Errors: InputError for a missing key, no answer, or a wrong one."""
        started = time.monotonic()
        self.teacher = teacher
        exchange = Exchange(teacher, read_key(teacher))
        self.own = OwnServers(teacher, logs, end_with, command) if teacher.serve else None
        self.under_way: dict[Key, Request] = {}
        self.inbox: deque[tuple[Callable[[Request], None], Request]] = deque()
        self.inbox_is_announced = False
        self.done: deque[Completion] = deque()
        self.is_announced = False
        self.news = threading.Event()
        self.failure: BaseException | None = None
        self.busy_s, self.busy_since = 0.0, 0.0
        urls = self.own.start() if self.own else teacher.base_urls
        revive = self.own.revive if self.own else leave_alone
        self.room_for = WAITING_FACTOR * teacher.max_in_flight * len(urls)
        self.fleet = Fleet(teacher, urls, exchange, self.hand_over, self.fail, revive)
        self.started = threading.Event()
        # uvloop brings 3 % of the rate at 256 in flight (bench/server.py).
        self.thread = threading.Thread(target=uvloop.run, args=(self.serve(),), name="servers", daemon=True)
        self.thread.start()
        self.started.wait()
        if self.failure:
            self.thread.join()
            self.stop_own()
            raise self.failure
        self.start_s = time.monotonic() - started

    # Of the sampling loop's thread.

    def room(self) -> int:
        return max(0, self.room_for - len(self.under_way))

    def submit(self, request: Request) -> None:
        if not self.under_way:
            self.busy_since = time.monotonic()
        self.under_way[key_of(request)] = request
        self.tell(self.fleet.take, request)

    def cancel(self, request: Request) -> None:
        if self.under_way.pop(key_of(request), None):
            self.tell(self.fleet.drop, request)

    def tell(self, what: Callable[[Request], None], request: Request) -> None:
        self.inbox.append((what, request))
        if not self.inbox_is_announced:
            self.inbox_is_announced = True
            self.loop.call_soon_threadsafe(self.take_inbox)

    def finished(self) -> list[Completion]:
        """Errors: InputError and whatever else ended the fleet, after all completions that came before."""
        while self.under_way:
            if batch := self.take_done():
                return batch
            if self.failure:
                raise self.failure
            self.news.wait()
            self.news.clear()
        return []

    def take_done(self) -> list[Completion]:
        batch = []
        while self.done:
            completion = self.done.popleft()
            key = key_of(completion.request)
            if self.under_way.get(key) is completion.request:  # else cancelled meanwhile
                del self.under_way[key]
                batch.append(completion)
        if batch and not self.under_way:
            self.busy_s += time.monotonic() - self.busy_since
        return batch

    def timings(self) -> EngineCounts:
        return EngineCounts(
            engine_start_s=round(self.start_s, 3),
            engine_s=round(self.start_s + self.busy_s, 3),
            retries=self.fleet.counts["retries"],
            refused=self.fleet.counts["refused"],
            times_set_aside=self.fleet.endpoints.times_aside,
        )

    def close(self) -> None:
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.over.set)
            self.thread.join()
        self.stop_own()

    def stop_own(self) -> None:
        if self.own:
            self.own.stop()

    # Of the servers' thread.

    async def serve(self) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        self.loop.set_exception_handler(self.report)
        try:
            await self.fleet.start()
            self.started.set()
            await self.over.wait()
        except BaseException as error:
            self.fail(error)
        finally:
            await self.fleet.close()
            self.started.set()

    def report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error in a callback of ours would otherwise be printed, and the run hang."""
        if "handle" in context and "exception" in context:
            self.fail(context["exception"])
        else:
            loop.default_exception_handler(context)

    def take_inbox(self) -> None:
        self.inbox_is_announced = False
        while self.inbox:
            what, request = self.inbox.popleft()
            what(request)

    def hand_over(self, completion: Completion) -> None:
        """Announced once for all that a turn of the loop brings: to wake the other thread for each would cost more."""
        self.done.append(completion)
        if not self.is_announced:
            self.is_announced = True
            self.loop.call_soon(self.announce)

    def announce(self) -> None:
        self.is_announced = False
        self.news.set()

    def fail(self, error: BaseException) -> None:
        self.failure = self.failure or error
        self.news.set()


def read_key(teacher: ServerTeacher) -> str | None:
    """The key from the environment. Errors: InputError, which does not repeat it."""
    name = teacher.api_key_env
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise InputError(f"the environment variable {name} is not set; export it, or correct teacher.api_key_env")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(f"the environment variable {name} holds something else than a key; correct it")
    return key


def leave_alone(url: str) -> None:
    """Servers of others are not ours to start again."""
