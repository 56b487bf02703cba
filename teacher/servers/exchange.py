"""One try of one request at one endpoint: it ends in a completion, or in an exception that says why there is none."""

import json
import math
import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from configs.servers import ServerTeacher
from records.clean import clean_text
from records.errors import InputError
from records.requests import Request
from teacher.servers.chat_completion import (
    TOO_LONG,
    NotAnApi,
    Reply,
    Unreadable,
    error_message,
    read_reply,
    request_body,
)
from teacher.servers.chat_logprobs import NoTokenIds, read_logprobs
from teacher.servers.endpoint import Endpoint
from teacher.servers.event_stream import EventStream
from teacher.servers.http_client import HttpClient, NoReply, Response, Stream

BAD_REQUEST = (400, 413, 422)
MODELS_SHOWN = 5
"""Most model names that a message lists."""
SERVER_CHARACTERS = 200
"""Most characters of a server's own words, such as an error or a model's name, that are repeated."""
LONGEST_RETRY_AFTER_S = 3600.0
"""Longest pause in seconds; a server that asks for more is tried again after this one."""
NEEDS_TOKEN_IDS = (
    "sampling.logprobs needs their ids, which `vllm serve` gives to requests with return_tokens_as_token_ids; use such "
    "a server, or set sampling.logprobs=null"
)
CORRECT_URL = "correct teacher.base_urls: where the API begins, as in http://host:8000/v1"


class RetryableError(Exception):
    """Another try may succeed: 429, 5xx, a timeout, a lost connection, an unreadable reply. The message is the reason.

    `busy`: the server works and only asks for less load. `pause_s`: how long its `Retry-After` asks to wait.
    """

    def __init__(self, why: str, busy: bool = False, pause_s: float = 0.0) -> None:
        super().__init__(why)
        self.busy, self.pause_s = busy, pause_s


class RequestRejected(Exception):
    """The server will not serve this request, now or later. The message is its reason."""


class PromptTooLong(Exception):
    """The request does not fit into the model's context."""


class Exchange:
    """Sends requests and says what each reply means. Keeps the key out of every message."""

    def __init__(self, teacher: ServerTeacher, key: str | None, client: HttpClient) -> None:
        self.teacher, self.key, self.client = teacher, key, client

    async def ask(self, endpoint: Endpoint, request: Request) -> Reply:
        """Send one request and read its reply. Errors: RetryableError, RequestRejected, PromptTooLong; InputError for a
        fault that every request would hit (key, model, URL)."""
        body, limit_s = request_body(request, self.teacher), self.teacher.request_timeout_s
        events = EventStream(request.settings.stop_loops) if self.teacher.stream else None
        stream = Stream(events.feed, self.teacher.stream_timeout_s) if events else None
        try:
            response = await self.client.request("POST", f"{endpoint.url}/chat/completions", body, limit_s, stream)
            if response.status != 200:
                raise self.failure(response, endpoint)
            thinks = self.teacher.thinks
            reply = events.reply(thinks) if events and response.is_stream else read_reply(response.body, thinks)
            return self.with_logprobs(reply, request.settings.logprobs)
        except NoReply as error:
            self.check_certificate(error, endpoint)
            raise RetryableError(str(error)) from None
        except NoTokenIds as error:
            raise InputError(f"{endpoint.url}: {error}; {NEEDS_TOKEN_IDS}") from None
        except NotAnApi as error:
            if not endpoint.served:
                raise InputError(f"{endpoint.url}: {error}; {CORRECT_URL}") from None
            raise RetryableError(str(error)) from None
        except Unreadable as error:
            raise RetryableError(self.shown(str(error))) from None

    def with_logprobs(self, reply: Reply, k: int | None) -> Reply:
        """Read the logprobs of a reply if k of them were asked for. Errors: NoTokenIds."""
        if k is None:
            return reply
        if reply.completion_tokens and not reply.content:
            raise NoTokenIds("gives no logprobs")
        return replace(reply, content=[], logprobs=read_logprobs(reply.content, k))

    async def list_models(self, endpoint: Endpoint) -> Response | None:
        """Return the response to `GET /models`, or None without one; then, and for a status of 500 and above,
        `endpoint.trouble` says why. Errors: InputError for a certificate that cannot be verified."""
        try:
            response = await self.client.request(
                "GET", f"{endpoint.url}/models", b"", 2 * self.teacher.connect_timeout_s
            )
        except NoReply as error:
            self.check_certificate(error, endpoint)
            endpoint.trouble = str(error)
            return None
        if response.status >= 500:
            endpoint.trouble = f"status {response.status}"
        return response

    def check_certificate(self, error: NoReply, endpoint: Endpoint) -> None:
        """Check an error. Errors: InputError for a wrong certificate of a server that has not served anything yet."""
        if error.wrong_certificate and not endpoint.served:
            raise InputError(
                f"{endpoint.url}: {error}; set SSL_CERT_FILE to a file with the certificate of the authority that "
                "signed it, or correct teacher.base_urls"
            ) from None

    def failure(self, response: Response, endpoint: Endpoint) -> Exception:
        """Return the error for a status other than 200. Before anything was served, a refusal is the config's fault."""
        status, tree = response.status, parse_or_text(response.body)
        why = f"{status} {self.shown(error_message(tree))}".strip()
        if status in BAD_REQUEST:
            return PromptTooLong() if TOO_LONG.search(json.dumps(tree)) else RequestRejected(why)
        if status in (401, 402) or (status == 403 and not endpoint.served) or "insufficient_quota" in str(tree):
            return InputError(self.about_key(endpoint.url, status))
        if status in (404, 405) and not endpoint.served:
            return InputError(self.about_model(endpoint, why))
        if 300 <= status < 400 and not endpoint.served:
            return InputError(self.about_redirect(endpoint.url, response))
        if status == 403:
            return RequestRejected(why)
        return RetryableError(why, status == 429, retry_after_s(response.retry_after) or 0.0)

    def about_key(self, url: str, status: int) -> str:
        """Describe a rejected key or quota without the server's own words, which may repeat parts of the key."""
        if status in (402, 429):
            return f"{url}: the account's balance or quota is used up ({status}); raise it, then run the same again"
        name = self.teacher.api_key_env
        if name is None:
            return (
                f"{url}: requires an API key ({status}); set its api_key_env to the name of the environment "
                "variable that holds it"
            )
        return f"{url}: rejects the API key ({status}); correct the value of the environment variable {name}"

    def about_redirect(self, url: str, response: Response) -> str:
        """Describe a redirect. Redirects are not followed, because the key would go to whatever host they name."""
        target = f" to {self.shown(response.location)}" if response.location else ""
        return f"{url}: redirects ({response.status}){target}; {CORRECT_URL}"

    def about_model(self, endpoint: Endpoint, why: str) -> str:
        if endpoint.models and self.teacher.model not in endpoint.models:
            served = ", ".join(endpoint.models[:MODELS_SHOWN])
            return f"{endpoint.url}: does not serve {self.teacher.model} ({why}) but {served}; correct teacher.model"
        return f"{endpoint.url}: {why}; correct teacher.model ({self.teacher.model}), or {CORRECT_URL}"

    def shown(self, text: str) -> str:
        """Return a server's words without the key. They are cut afterwards, as half of a key is none that is found."""
        return clean_text((text.replace(self.key, "…") if self.key else text)[:SERVER_CHARACTERS])


def parse_or_text(body: bytes) -> Any:
    """Return the JSON value in a body, or else its text, or `a web page`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return "a web page" if body.lstrip()[:1] == b"<" else body.decode("utf-8", "replace")


def retry_after_s(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header, which is a number or a date (RFC 9110, 10.2.3); else None."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)
