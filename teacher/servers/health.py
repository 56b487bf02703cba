"""Tracks which servers of a fleet can serve: checks all at the start, and probes those that failed repeatedly."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from records.errors import InputError
from teacher.servers.endpoint import Endpoint, Endpoints
from teacher.servers.exchange import CORRECT_URL, MODELS_SHOWN, Exchange, RetryableError, parse_or_text
from teacher.servers.http_client import Response

TRIAL_S = 10.0
"""A trial that is still running after this long counts as a success."""


class Health:
    """Tracks the health of one fleet's endpoints.

    `restart(url)` is called before each probe. `is_back()` is called when an endpoint takes requests again.
    `start_task` runs a probe in the background and ends the run if it fails.
    """

    def __init__(
        self,
        exchange: Exchange,
        endpoints: Endpoints,
        restart: Callable[[str], None],
        is_back: Callable[[], None],
        start_task: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self.exchange, self.endpoints = exchange, endpoints
        self.restart, self.is_back, self.start_task = restart, is_back, start_task
        self.none_since: float | None = None
        """Time at which the last healthy endpoint failed."""
        self.listed_by: str | None = None
        """URL of an endpoint that has listed the model."""

    async def check_all(self) -> None:
        """Ask every endpoint for its models, and probe those that do not answer until they do.

        Errors: InputError if none answers, and for faults that every request would hit: a rejected key, a web page, a
        smaller context than configured, another model than the rest of the fleet serves. A model that none lists is no
        error yet: hosted APIs leave some out.
        """
        answers = await asyncio.gather(*map(self.check, self.endpoints.all))
        silent = [endpoint for endpoint, answer in zip(self.endpoints.all, answers, strict=True) if not answer]
        if len(silent) == len(self.endpoints.all):
            tried = ", ".join(f"{endpoint.url} ({endpoint.trouble})" for endpoint in silent)
            raise InputError(f"no server answers: {tried}; start it, or correct teacher.base_urls")
        for endpoint in self.endpoints.all:
            self.check_same(endpoint)
        for endpoint in silent:
            endpoint.unhealthy = True
            self.start_task(self.probe(endpoint))

    async def check(self, endpoint: Endpoint) -> bool:
        """Return True if it answers. Errors: InputError as for `check_all`."""
        response = await self.exchange.list_models(endpoint)
        if response is None or response.status >= 500:
            return False
        if response.status == 401:
            raise InputError(self.exchange.about_key(endpoint.url, response.status))
        if 300 <= response.status < 400:
            raise InputError(self.exchange.about_redirect(endpoint.url, response))
        if response.status != 200:  # some hosted APIs list no models, or not to every key; the first request will show
            return True
        tree = parse_or_text(response.body)
        if not isinstance(tree, dict):
            kind = tree if tree == "a web page" else "no JSON object"
            raise InputError(f"{endpoint.url}/models: answers with {kind} instead of a list of models; {CORRECT_URL}")
        self.check_models(endpoint, tree)
        return True

    def check_models(self, endpoint: Endpoint, tree: dict[str, Any]) -> None:
        """Keep the names it lists. Errors: InputError for a context smaller than configured."""
        listed, teacher = tree.get("data"), self.exchange.teacher
        cards = [card for card in listed if isinstance(card, dict)] if isinstance(listed, list) else []
        endpoint.models = tuple(self.exchange.shown(str(card.get("id"))) for card in cards)
        if teacher.model in endpoint.models:
            self.listed_by = self.listed_by or endpoint.url
        for card in cards:
            limit = card.get("max_model_len")  # vLLM and SGLang give it
            if card.get("id") == teacher.model and isinstance(limit, int) and limit < teacher.max_model_len:
                raise InputError(
                    f"{endpoint.url}: serves {teacher.model} with a context of {limit} tokens; set "
                    f"teacher.max_model_len to that, or start it with --max-model-len {teacher.max_model_len}"
                )

    def check_same(self, endpoint: Endpoint) -> None:
        """Check that an endpoint lists the model if one has done so: SGLang and llama.cpp answer with the model that
        they have, whatever the request names. Errors: InputError."""
        model = self.exchange.teacher.model
        if self.listed_by and endpoint.models and model not in endpoint.models:
            as_before = "it did before" if self.listed_by == endpoint.url else f"{self.listed_by} does"
            raise InputError(
                f"{endpoint.url}: lists {', '.join(endpoint.models[:MODELS_SHOWN])}, and not {model}, as {as_before}; "
                f"correct teacher.base_urls, or start it with --served-model-name {model}"
            )

    def is_the_same(self, endpoint: Endpoint, response: Response) -> bool:
        """Return False if an endpoint that answers a probe has come back with another model or a smaller context."""
        tree = parse_or_text(response.body) if response.status == 200 else None
        try:
            if isinstance(tree, dict):
                self.check_models(endpoint, tree)
                self.check_same(endpoint)
        except InputError as error:
            endpoint.trouble = str(error)
            return False
        return True

    def succeeded(self, endpoint: Endpoint) -> None:
        """Record that an endpoint served a request."""
        self.none_since = None
        self.endpoints.succeeded(endpoint)

    def failed(self, endpoint: Endpoint, error: RetryableError, sent_at: float) -> None:
        """Record a failed request. A 429 counts as a failure only if the endpoint does not take even one request."""
        if error.busy or error.pause_s:
            self.endpoints.slow_down(endpoint, sent_at, asyncio.get_running_loop().time(), error.pause_s)
        counts = endpoint.limit <= 1 or not error.busy
        if counts and self.endpoints.failed(endpoint, str(error)):
            self.start_task(self.probe(endpoint))

    def start_trial(self, endpoint: Endpoint, trial: object) -> None:
        """Record that a request was sent to an endpoint on probation."""
        endpoint.trial = trial
        asyncio.get_running_loop().call_later(TRIAL_S, self.end_trial, endpoint, trial)

    def end_trial(self, endpoint: Endpoint, trial: object) -> None:
        if self.endpoints.pass_trial(endpoint, trial):
            self.none_since = None
            self.is_back()

    async def probe(self, endpoint: Endpoint) -> None:
        """Probe an unhealthy endpoint until it gives any answer but another model's; the trial then shows whether it
        serves. Errors: InputError when no endpoint has been healthy for too long."""
        while endpoint.unhealthy:
            self.check_any_healthy(endpoint)
            await asyncio.sleep(self.endpoints.next_probe_s(endpoint))
            self.restart(endpoint.url)
            response = await self.exchange.list_models(endpoint)
            if response is not None and response.status < 500 and self.is_the_same(endpoint, response):
                self.endpoints.put_on_probation(endpoint)
                self.is_back()

    def check_any_healthy(self, endpoint: Endpoint) -> None:
        if not self.endpoints.none_healthy():
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


def full_jitter(failures: int, first_s: float, longest_s: float) -> float:
    """Return a random wait in seconds. Its bound is `first_s` after one failure and doubles with each further one.

    "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter: of the variants compared
    there it needs the fewest calls until all are served.
    """
    return random.uniform(0, min(longest_s, first_s * 2 ** min(failures - 1, 62)))
