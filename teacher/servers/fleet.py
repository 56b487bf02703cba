"""The asyncio side of sampling over HTTP: which request is sent where and when, and what becomes of it.

A request waits in a queue, is tried at the least loaded endpoint, and after a failure waits its backoff to be tried
again, anywhere. While no endpoint is fit to take it, it waits and no try is lost.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any

from configs.servers import ServerTeacher
from records.errors import InputError
from records.requests import Completion, Key, Request
from records.rows import FAILED, PROMPT_TOO_LONG
from teacher.servers.backoff import full_jitter
from teacher.servers.check import check_all
from teacher.servers.endpoints import Endpoint, Endpoints
from teacher.servers.exchange import Again, Exchange, PromptTooLong, Refused
from teacher.servers.job import Job
from teacher.servers.probing import Probing

REFUSED_AT_START = 8
"""So many problems refused before anything was served are the config's fault, not theirs."""
OWN_PROBE_S = 4.0
"""A server started here is asked so often while it starts again: it is ours to bother, and its GPUs would idle."""
TRIAL_S = 10.0
"""A request that an endpoint is tried with and that has not failed by then shows that it serves."""


class Fleet:
    """Lives in one event loop. From there it calls `hand_over` for each completion and `fail` for an error that ends
    the run; `revive` is for `Probing`."""

    def __init__(
        self,
        teacher: ServerTeacher,
        urls: list[str],
        exchange: Exchange,
        hand_over: Callable[[Completion], None],
        fail: Callable[[BaseException], None],
        revive: Callable[[str], None],
    ) -> None:
        self.teacher, self.exchange = teacher, exchange
        self.hand_over, self.fail = hand_over, fail
        longest_probe_s = OWN_PROBE_S if teacher.serve else teacher.max_backoff_s
        self.endpoints = Endpoints(urls, teacher.max_in_flight, longest_probe_s)
        self.probing = Probing(exchange, self.endpoints, revive, self.send_waiting)
        self.jobs: dict[Key, Job] = {}
        self.waiting: deque[Job] = deque()
        self.opening: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.may_refuse = False
        """Something was served: what is refused from now on is the request's fault."""

    async def start(self) -> None:
        """Errors: InputError if no endpoint answers, or one answers what no further request would fare better with."""
        self.loop = asyncio.get_running_loop()
        for endpoint in await check_all(self.exchange, self.endpoints):
            self.begin(self.probing.probe(endpoint))

    async def close(self) -> None:
        self.waiting.clear()  # or what ends below would send them
        for job in self.jobs.values():
            if job.timer:
                job.timer.cancel()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.exchange.close()

    def take(self, request: Request) -> None:
        job = self.jobs[request.key] = Job(request)
        self.waiting.append(job)
        self.send_waiting()

    def drop(self, request: Request) -> None:
        job = self.jobs.pop(request.key, None)
        if job is None:
            return
        job.dropped = True
        if job.task:
            job.task.cancel()  # closes the connection, by which a server knows
        if job.timer:
            job.timer.cancel()
        self.leave(job)  # also here: a task that is cancelled before its first step runs nothing, no `finally` either

    def send_waiting(self) -> None:
        now = self.loop.time()
        while self.waiting:
            if self.waiting[0].dropped:
                self.waiting.popleft()
                continue
            endpoint = self.endpoints.choose(now)
            if endpoint is None:
                self.wake_at(self.endpoints.next_opening(now))
                return
            job = self.waiting.popleft()
            job.endpoint = endpoint
            endpoint.in_flight += 1
            endpoint.sent += 1
            if endpoint.on_trial:
                endpoint.trial = job
                self.loop.call_later(TRIAL_S, self.trial_lasts, endpoint, job)
            job.task = self.begin(self.try_once(job, endpoint, now))

    def leave(self, job: Job) -> None:
        """Its place at an endpoint is free again."""
        endpoint, job.endpoint = job.endpoint, None
        if endpoint:
            endpoint.in_flight -= 1
            if endpoint.trial is job:
                endpoint.trial = None
            self.send_waiting()

    def trial_lasts(self, endpoint: Endpoint, job: Job) -> None:
        if self.endpoints.passed(endpoint, job):
            self.probing.is_well()
            self.send_waiting()

    def wake_at(self, when: float | None) -> None:
        if self.opening:
            self.opening.cancel()
        self.opening = self.loop.call_at(when, self.send_waiting) if when is not None else None

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.ended)
        return task

    def ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)

    async def try_once(self, job: Job, endpoint: Endpoint, sent_at: float) -> None:
        try:
            reply = await self.exchange.ask(endpoint, job.request)
        except Again as again:
            self.count_failure(endpoint, again, sent_at)
            self.try_again(job, str(again), counts=not again.busy)
        except PromptTooLong:
            self.finish(job, "", PROMPT_TOO_LONG)
        except Refused as refused:
            self.counts["refused"] += 1
            self.refused |= set() if self.may_refuse else {job.request.problem.id}
            if len(self.refused) == REFUSED_AT_START:
                raise InputError(
                    f"{endpoint.url}: refuses every request ({refused}); if it does not know a field, leave that out "
                    "with null in teacher.extra_body"
                ) from None
            self.finish(job, "", FAILED, detail=str(refused))
        else:
            self.may_refuse = True
            self.probing.is_well()
            self.endpoints.served(endpoint)
            usage = (reply.prompt_tokens, reply.completion_tokens, reply.reasoning_tokens)
            self.finish(job, reply.text, reply.finish_reason, *usage)
        finally:
            self.leave(job)

    def finish(self, job: Job, text: str, finish_reason: str, *tokens: int | None, detail: str = "") -> None:
        if not job.dropped:
            del self.jobs[job.request.key]
            prompt, completion, reasoning = tokens or (0, 0, None)
            self.hand_over(
                Completion(job.request, text, finish_reason, prompt or 0, completion or 0, reasoning, detail)
            )

    def try_again(self, job: Job, why: str, counts: bool) -> None:
        job.failures += counts
        job.task = None
        if job.failures > self.teacher.retries:
            self.finish(job, "", FAILED, detail=why)
        elif not job.dropped:
            self.counts["retries"] += 1
            wait = full_jitter(max(1, job.failures), self.teacher.backoff_s, self.teacher.max_backoff_s)
            job.timer = self.loop.call_later(wait, self.wait_no_more, job)

    def wait_no_more(self, job: Job) -> None:
        job.timer = None
        self.waiting.appendleft(job)
        self.send_waiting()

    def count_failure(self, endpoint: Endpoint, again: Again, sent_at: float) -> None:
        """A 429 is a failure of an endpoint that takes not even one request, and of a request never."""
        fails = endpoint.limit <= 1 or not again.busy
        if again.busy or again.pause_s:
            self.endpoints.slowed(endpoint, sent_at, self.loop.time(), again.pause_s)
        if fails and self.endpoints.failed(endpoint, str(again)):
            self.begin(self.probing.probe(endpoint))
