"""One try of one request at one endpoint: a completion, or why there is none."""

import json
import os
import socket
import ssl
from typing import Any

from configs.servers import ServerTeacher
from records.errors import InputError
from records.requests import Request
from teacher.servers.backoff import retry_after_s
from teacher.servers.chat_completion import TOO_LONG, NoApi, Reply, Unreadable, read_reply, request_body, words_of
from teacher.servers.endpoints import Endpoint
from teacher.servers.event_stream import EventStream
from teacher.servers.http_client import HttpClient
from teacher.servers.http_connection import BrokenHttp, Response

BAD_REQUEST = (400, 413, 422)
SHOWN = 5
"""Model names that a message lists."""


class Again(Exception):
    """Worth another try: 429, 5xx, a timeout, a lost connection, an unreadable reply. The message is the reason."""

    def __init__(self, why: str, busy: bool = False, pause_s: float = 0.0) -> None:
        super().__init__(why)
        self.busy, self.pause_s = busy, pause_s
        """Whether the server is well and only asks for less load; the seconds its `Retry-After` asks for."""


class Refused(Exception):
    """The server will not serve this request, now or later; the message is its reason."""


class PromptTooLong(Exception):
    """The request does not fit the model's context."""


class Exchange:
    """How requests are sent, and what each answer means. Keeps the key out of every message."""

    def __init__(self, teacher: ServerTeacher, key: str | None) -> None:
        self.teacher, self.key = teacher, key
        self.clients: dict[str, HttpClient] = {}

    def client(self, endpoint: Endpoint) -> HttpClient:
        if endpoint.url not in self.clients:
            self.clients[endpoint.url] = HttpClient(endpoint.url, self.key, self.teacher.connect_timeout_s)
        return self.clients[endpoint.url]

    async def ask(self, endpoint: Endpoint, request: Request) -> Reply:
        """Errors: Again, Refused, PromptTooLong; InputError for what no further request would fare better with."""
        body, limit_s = request_body(request, self.teacher), self.teacher.request_timeout_s
        events = EventStream(request.settings.stop_loops) if self.teacher.stream else None
        on_data = events.feed if events else None
        try:
            response = await self.client(endpoint).request("POST", "/chat/completions", body, limit_s, on_data)
            if response.status != 200:
                raise self.failure(response, endpoint)
            if events and response.is_stream:
                return events.reply(self.teacher.thinks)
            return read_reply(response.body, self.teacher.thinks)
        except OSError as error:
            raise Again(describe(error, limit_s)) from None
        except NoApi as error:
            if not endpoint.served:
                raise InputError(f"{endpoint.url}: {error}; {WHERE}") from None
            raise Again(str(error)) from None
        except Unreadable as error:
            raise Again(self.hide(str(error))) from None

    async def list_models(self, endpoint: Endpoint) -> tuple[int, bytes]:
        """Status and body of `GET /models`; status 0 if there is no answer. In either case of trouble the endpoint says
        which."""
        limit_s = 2 * self.teacher.connect_timeout_s
        try:
            response = await self.client(endpoint).request("GET", "/models", b"", limit_s)
        except OSError as error:
            endpoint.trouble = describe(error, limit_s)
            return 0, b""
        if response.status >= 500:
            endpoint.trouble = f"status {response.status}"
        return response.status, response.body

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def failure(self, response: Response, endpoint: Endpoint) -> Exception:
        """What an answer other than 200 means. Before a server has served anything, a refusal is the config's fault."""
        status, tree = response.status, tree_of(response.body)
        words = self.hide(words_of(tree))
        why = f"{status} {words}".strip()
        if status in BAD_REQUEST:
            return PromptTooLong() if TOO_LONG.search(json.dumps(tree)) else Refused(why)
        if status in (401, 402) or (status == 403 and not endpoint.served) or "insufficient_quota" in str(tree):
            return InputError(self.about_key(endpoint.url, status))
        if status in (404, 405) and not endpoint.served:
            return InputError(self.about_model(endpoint, why))
        if 300 <= status < 400 and not endpoint.served:
            return InputError(f"{endpoint.url}: leads elsewhere ({status}); {WHERE}")
        if status == 403:
            return Refused(why)
        return Again(why, status == 429, retry_after_s(response.headers.get("retry-after")) or 0.0)

    def about_key(self, url: str, status: int) -> str:
        """The server's words are left out: they may repeat parts of the key."""
        if status in (402, 429):
            return f"{url}: the account's balance or quota is used up ({status}); raise it, then run the same again"
        name = self.teacher.api_key_env
        if name is None:
            return f"{url}: wants a key ({status}); set teacher.api_key_env to the environment variable that holds it"
        return f"{url}: refuses the key ({status}); correct what the environment variable {name} holds"

    def about_model(self, endpoint: Endpoint, why: str) -> str:
        if endpoint.models and self.teacher.model not in endpoint.models:
            has = ", ".join(endpoint.models[:SHOWN])
            return f"{endpoint.url}: does not serve {self.teacher.model} ({why}) but {has}; correct teacher.model"
        return f"{endpoint.url}: {why}; correct teacher.model ({self.teacher.model}), or {WHERE}"

    def hide(self, text: str) -> str:
        return text.replace(self.key, "…") if self.key else text


WHERE = "correct teacher.base_urls: where the API begins, as in http://host:8000/v1"


def tree_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return "a web page" if body.lstrip()[:1] == b"<" else body.decode("utf-8", "replace")


def describe(error: OSError, limit_s: float) -> str:
    """In few words, and without addresses or headers."""
    if isinstance(error, TimeoutError) and not error.errno:
        return f"no reply within {limit_s:g} s"
    if isinstance(error, BrokenHttp):
        return str(error)
    if isinstance(error, socket.gaierror):
        return "host not found"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or 'failed'}".replace("_", " ").lower()
    return os.strerror(error.errno).lower() if error.errno else "no connection"
