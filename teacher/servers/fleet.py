"""The asyncio side of sampling over HTTP: decides where and when each request is sent, and handles its result.

A request waits in a queue and is tried at the least loaded endpoint. After a failure it waits for its backoff and is
tried again, at any endpoint. While no endpoint is fit to take it, it waits and loses no try.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from configs.servers import ServerTeacher
from records.errors import InputError
from records.requests import Completion, Request
from records.rows import FAILED, PROMPT_TOO_LONG
from teacher.servers.chat_completion import Reply
from teacher.servers.endpoint import Endpoint, Endpoints
from teacher.servers.exchange import Exchange, PromptTooLong, RequestRejected, RetryableError
from teacher.servers.health import Health, full_jitter

REJECTED_AT_START = 8
"""If this many problems are rejected before anything was served, the fault is the config's, not the problems'."""
PROMPT_REFUSED, FAILURE = Reply("", PROMPT_TOO_LONG), Reply("", FAILED)
LOCAL_PROBE_S = 4.0
"""Longest wait between probes of a server started here: probing it disturbs nobody, and its GPUs would idle."""


@dataclass(slots=True, eq=False)
class PendingRequest:
    """A request that the fleet has taken and not yet answered. Made and changed by `Fleet`."""

    request: Request
    failures: int = 0
    endpoint: Endpoint | None = None
    """The endpoint at which it is being tried."""
    task: asyncio.Task[None] | None = None
    """The try that is in flight."""
    timer: asyncio.TimerHandle | None = None
    """The wait for the next try."""
    dropped: bool = False


class Fleet:
    """Lives in one event loop. It calls `hand_over` for each completion and `fail` for an error that ends the run;
    `restart(url)` is for `Health`."""

    def __init__(
        self,
        teacher: ServerTeacher,
        urls: list[str],
        exchange: Exchange,
        hand_over: Callable[[Completion], None],
        fail: Callable[[BaseException], None],
        restart: Callable[[str], None],
    ) -> None:
        self.teacher, self.exchange = teacher, exchange
        self.hand_over, self.fail = hand_over, fail
        longest_probe_s = LOCAL_PROBE_S if teacher.serve else teacher.max_backoff_s
        self.endpoints = Endpoints(urls, teacher.max_in_flight, longest_probe_s)
        self.health = Health(exchange, self.endpoints, restart, self.send_waiting, self.start_task)
        self.pending: dict[tuple[object, ...], PendingRequest] = {}
        self.waiting: deque[PendingRequest] = deque()
        self.opening: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        self.rejected_at_start: set[str] | None = set()
        """Ids of the problems rejected before anything was served; None from then on."""

    async def start(self) -> None:
        """Check all endpoints. Errors: InputError if none answers, or for a fault that every request would hit."""
        self.loop = asyncio.get_running_loop()
        await self.health.check_all()

    async def close(self) -> None:
        self.waiting.clear()  # otherwise the tasks that end below would send the waiting requests
        for pending in self.pending.values():
            if pending.timer:
                pending.timer.cancel()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def take(self, request: Request) -> None:
        pending = self.pending[request.key] = PendingRequest(request)
        self.waiting.append(pending)
        self.send_waiting()

    def drop(self, request: Request) -> None:
        pending = self.pending.pop(request.key, None)
        if pending is None:
            return
        pending.dropped = True
        if pending.task:
            pending.task.cancel()  # closes the connection, which tells the server
        if pending.timer:
            pending.timer.cancel()
        self.leave(pending)  # needed here too: a task that is cancelled before its first step runs no `finally`

    def send_waiting(self) -> None:
        """Send as many waiting requests as the endpoints have room for."""
        now = self.loop.time()
        while self.waiting:
            if self.waiting[0].dropped:
                self.waiting.popleft()
                continue
            endpoint = self.endpoints.choose(now)
            if endpoint is None:
                self.wake_at(self.endpoints.next_opening(now))
                return
            pending = self.waiting.popleft()
            pending.endpoint = endpoint
            endpoint.in_flight += 1
            endpoint.sent += 1
            if endpoint.probation:
                self.health.start_trial(endpoint, pending)
            pending.task = self.start_task(self.try_once(pending, endpoint, now))

    def leave(self, pending: PendingRequest) -> None:
        """Free its slot at its endpoint."""
        endpoint, pending.endpoint = pending.endpoint, None
        if endpoint:
            endpoint.in_flight -= 1
            if endpoint.trial is pending:
                endpoint.trial = None
            self.send_waiting()

    def wake_at(self, when: float | None) -> None:
        if self.opening:
            self.opening.cancel()
        self.opening = self.loop.call_at(when, self.send_waiting) if when is not None else None

    def start_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.end_task)
        return task

    def end_task(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)

    async def try_once(self, pending: PendingRequest, endpoint: Endpoint, sent_at: float) -> None:
        try:
            reply = await self.exchange.ask(endpoint, pending.request)
        except RetryableError as error:
            self.health.failed(endpoint, error, sent_at)
            self.try_again(pending, error)
        except PromptTooLong:
            self.finish(pending, PROMPT_REFUSED)
        except RequestRejected as error:
            self.count_rejected(pending, endpoint, error)
            self.finish(pending, FAILURE, str(error))
        else:
            self.rejected_at_start = None
            self.health.succeeded(endpoint)
            self.finish(pending, reply)
        finally:
            self.leave(pending)

    def finish(self, pending: PendingRequest, reply: Reply, detail: str = "") -> None:
        if not pending.dropped:
            del self.pending[pending.request.key]
            usage = (reply.prompt_tokens, reply.completion_tokens, reply.reasoning_tokens)
            completion = Completion(
                pending.request, reply.text, reply.finish_reason, *usage, detail, logprobs=reply.logprobs
            )
            self.hand_over(completion)

    def try_again(self, pending: PendingRequest, error: RetryableError) -> None:
        """Try again after a random wait, or give up after the last try. A busy server costs no try."""
        pending.failures += not error.busy
        pending.task = None
        if pending.failures > self.teacher.retries:
            self.finish(pending, FAILURE, str(error))
        elif not pending.dropped:
            self.counts["retries"] += 1
            wait = full_jitter(max(1, pending.failures), self.teacher.backoff_s, self.teacher.max_backoff_s)
            pending.timer = self.loop.call_later(wait, self.queue_first, pending)

    def queue_first(self, pending: PendingRequest) -> None:
        pending.timer = None
        self.waiting.appendleft(pending)
        self.send_waiting()

    def count_rejected(self, pending: PendingRequest, endpoint: Endpoint, error: RequestRejected) -> None:
        """Count a rejected request. Errors: InputError if the config seems to be why requests are rejected."""
        self.counts["refused"] += 1
        if self.rejected_at_start is None:
            return
        self.rejected_at_start.add(pending.request.problem.id)
        if len(self.rejected_at_start) == REJECTED_AT_START:
            raise InputError(
                f"{endpoint.url}: rejects every request ({error}); if it does not know a field, leave that out "
                "with null in teacher.extra_body"
            ) from None
