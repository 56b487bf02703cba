"""Sampling from OpenAI-compatible servers: a fleet of `vllm serve`, SGLang, a hosted API, or servers started here."""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from configs.servers import ServerTeacher
from records.counts import EngineCounts
from records.errors import InputError
from records.requests import Completion, Request
from records.vocabulary import vocabulary_hash
from teacher.engines.tokenizer import load_tokenizer
from teacher.servers.exchange import Exchange
from teacher.servers.fleet import Fleet
from teacher.servers.http_client import HttpClient
from teacher.servers.local_servers import VLLM_SERVE, LocalServers

TAKEN_PER_SLOT = 2
"""Requests accepted per request in flight, so no endpoint waits for the sampling loop, and memory stays constant."""


class ServerSampler:
    """A `Sampler` over HTTP. All of asyncio lives in one thread behind it; completions come from there in batches."""

    batch_invariant = True
    """True as far as a server honours seeds. If it does not, no completion can be repeated at all, so those that have
    arrived are kept."""

    def __init__(
        self,
        teacher: ServerTeacher,
        logs: Path,
        end_with: Callable[[int, int], None],
        command: tuple[str, ...] = VLLM_SERVE,
    ) -> None:
        """`end_with(ours, theirs)` makes sure that a process started here does not outlive this one. What such a
        process prints goes to `<logs>.server-<number>.log`.

        Errors: InputError for a missing key, and if no server answers or one gives a wrong answer.
        """
        began = time.monotonic()
        self.teacher = teacher
        self.local_servers = LocalServers(teacher, logs, end_with, command) if teacher.serve else None
        key = self.local_servers.key if self.local_servers else read_key(teacher)
        self.in_flight: dict[tuple[object, ...], Request] = {}
        """Requests that were submitted and whose completions have not been returned."""
        self.calls: deque[tuple[Callable[[Request], None], Request]] = deque()
        self.calls_announced = False
        self.completions: deque[Completion] = deque()
        self.completions_announced = False
        self.wakeup = threading.Event()
        self.failure: BaseException | None = None
        self.vocabulary: str | None = None
        """The hash of the model's vocabulary; None until logprobs are asked for."""
        self.busy_s, self.busy_since = 0.0, 0.0
        urls = self.local_servers.start() if self.local_servers else teacher.base_urls
        self.capacity = TAKEN_PER_SLOT * teacher.max_in_flight * len(urls)
        self.started = threading.Event()
        self.thread = threading.Thread(target=asyncio.run, args=(self.serve(urls, key),), name="servers", daemon=True)
        self.thread.start()
        self.started.wait()
        if self.failure:
            self.thread.join()
            self.stop_local_servers()
            raise self.failure
        self.start_s = time.monotonic() - began

    # The sampling loop's thread calls these.

    def room(self) -> int:
        return max(0, self.capacity - len(self.in_flight))

    def submit(self, request: Request) -> None:
        if request.settings.logprobs and self.vocabulary is None:
            self.vocabulary = self.read_vocabulary()  # a wrong name ends the run before anything is drawn
        if not self.in_flight:
            self.busy_since = time.monotonic()
        self.in_flight[request.key] = request
        self.call_later(self.fleet.take, request)

    def cancel(self, request: Request) -> None:
        if self.in_flight.pop(request.key, None):
            self.call_later(self.fleet.drop, request)

    def call_later(self, call: Callable[[Request], None], request: Request) -> None:
        """Let the servers' thread make a call. It is woken once for all calls that it has not made yet."""
        self.calls.append((call, request))
        if not self.calls_announced:
            self.calls_announced = True
            self.loop.call_soon_threadsafe(self.make_calls)

    def finished(self) -> list[Completion]:
        """Return completions. Errors: whatever ended the fleet, after all completions that came before it."""
        while self.in_flight:
            if batch := self.collect():
                return batch
            if self.failure:
                raise self.failure
            self.wakeup.wait()
            self.wakeup.clear()
        return []

    def collect(self) -> list[Completion]:
        batch = []
        while self.completions:
            completion = self.completions.popleft()
            key = completion.request.key
            if self.in_flight.get(key) is completion.request:  # otherwise it was cancelled meanwhile
                del self.in_flight[key]
                batch.append(self.with_vocabulary(completion))
        if batch and not self.in_flight:
            self.busy_s += time.monotonic() - self.busy_since
        return batch

    def with_vocabulary(self, completion: Completion) -> Completion:
        if completion.logprobs is None:
            return completion
        return replace(completion, logprobs=replace(completion.logprobs, vocabulary=self.vocabulary or ""))

    def read_vocabulary(self) -> str:
        """Return the hash of the model's vocabulary. Errors: InputError for a tokenizer that does not load."""
        place, serve = self.teacher.tokenizer_place, self.teacher.serve
        revision = serve.revision if serve and not self.teacher.tokenizer else None
        return vocabulary_hash(load_tokenizer(place, revision)) if place else ""

    def timings(self) -> EngineCounts:
        return EngineCounts(
            engine_start_s=round(self.start_s, 3),
            engine_s=round(self.start_s + self.busy_s, 3),
            retries=self.fleet.counts["retries"],
            refused=self.fleet.counts["refused"],
            times_unhealthy=self.fleet.endpoints.times_unhealthy,
        )

    def close(self) -> None:
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.over.set)
            self.thread.join()
        self.stop_local_servers()

    def stop_local_servers(self) -> None:
        if self.local_servers:
            self.local_servers.stop()

    # The servers' thread runs these.

    async def serve(self, urls: list[str], key: str | None) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        self.loop.set_exception_handler(self.report)
        client = HttpClient(key, self.teacher.connect_timeout_s, self.teacher.max_reply_mib << 20)
        restart = self.local_servers.restart if self.local_servers else leave_alone
        exchange = Exchange(self.teacher, key, client)
        self.fleet = Fleet(self.teacher, urls, exchange, self.hand_over, self.fail, restart)
        try:
            await self.fleet.start()
            self.started.set()
            await self.over.wait()
        except BaseException as error:
            self.fail(error)
        finally:
            await self.fleet.close()
            await client.close()
            self.started.set()

    def report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End the run on an error in one of our callbacks; asyncio would only print it, and the run would hang."""
        if "handle" in context and "exception" in context:
            self.fail(context["exception"])
        else:
            loop.default_exception_handler(context)

    def make_calls(self) -> None:
        self.calls_announced = False
        while self.calls:
            call, request = self.calls.popleft()
            call(request)

    def hand_over(self, completion: Completion) -> None:
        """Wake the other thread once for all completions of one turn of the loop: once for each would cost more."""
        self.completions.append(completion)
        if not self.completions_announced:
            self.completions_announced = True
            self.loop.call_soon(self.announce)

    def announce(self) -> None:
        self.completions_announced = False
        self.wakeup.set()

    def fail(self, error: BaseException) -> None:
        self.failure = self.failure or error
        self.wakeup.set()


def read_key(teacher: ServerTeacher) -> str | None:
    """Read the API key from the environment. Errors: InputError, which does not repeat it."""
    name = teacher.api_key_env
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise InputError(f"the environment variable {name} is not set; export it, or correct api_key_env")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(f"the environment variable {name} does not look like an API key; correct it")
    return key


def leave_alone(url: str) -> None:
    """Do not restart a server that was not started here."""
