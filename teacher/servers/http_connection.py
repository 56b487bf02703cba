"""One HTTP/1.1 connection over asyncio: a request, its response whole or in pieces, the next request."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import httptools

OnData = Callable[[bytes], bool]
"""Gets an event stream's body as it comes; True ends the reply there."""
# A reply may take an hour to begin. Of a machine that went away without a word the kernel tells after two minutes, and
# gateways forget no connection meanwhile.
PROBES = {socket.TCP_KEEPIDLE: 60, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 4}


class BrokenHttp(ConnectionError):
    """The connection was lost, or what came is not HTTP; the message says which."""


@dataclass(slots=True)
class Response:
    """The whole answer to one request. `body` is empty where `is_stream`: that was handed on in pieces."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    is_stream: bool = False


class Connection(asyncio.Protocol):
    """Its parser calls the `on_…` methods."""

    def __init__(self) -> None:
        self.begin_anew()
        self.waiter: asyncio.Future[Response] | None = None
        self.on_data: OnData | None = None
        self.idle_since = 0.0
        self.heard = self.reusable = False

    def begin_anew(self) -> None:
        """As a connection to somebody else: what `CONNECT` has reached."""
        self.parser = httptools.HttpResponseParser(self)
        self.is_tunnelling = False
        """The answer to `CONNECT` ends with its headers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in PROBES.items():
            connected.setsockopt(socket.IPPROTO_TCP, option, value)

    def send(self, request: bytes, on_data: OnData | None) -> "asyncio.Future[Response]":
        self.waiter = asyncio.get_running_loop().create_future()
        self.on_data, self.heard = on_data, False
        self.response, self.parts, self.ends_with_connection = Response(), list[bytes](), True
        self.transport.write(request)
        return self.waiter

    def data_received(self, data: bytes) -> None:
        self.heard = True
        if self.waiter is None:  # nobody asked
            self.transport.abort()
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:  # of on_data
            self.fail(error.__context__ or error)
        except httptools.HttpParserError:
            self.fail(BrokenHttp("the server does not speak HTTP"))

    def on_header(self, name: bytes, value: bytes) -> None:
        lower = name.decode("latin-1").lower()
        self.response.headers[lower] = value.decode("latin-1")
        if lower in ("content-length", "transfer-encoding"):
            self.ends_with_connection = False

    def on_headers_complete(self) -> None:
        self.response.status = self.parser.get_status_code()
        kind = self.response.headers.get("content-type", "").lower()
        asked_for = self.on_data is not None and self.response.status == 200
        self.response.is_stream = asked_for and kind.startswith("text/event-stream")
        if self.is_tunnelling:
            self.finish(reusable=False)

    def on_body(self, part: bytes) -> None:
        if self.on_data is None or not self.response.is_stream:
            self.parts.append(part)
        elif self.on_data(part):
            self.finish(reusable=False)

    def on_message_complete(self) -> None:
        if self.response.status >= 200:  # else an interim answer
            self.finish(self.parser.should_keep_alive())

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiter and exc is None and self.response.status >= 200 and self.ends_with_connection:
            self.finish(reusable=False)
        else:
            self.fail(BrokenHttp("connection lost"))

    def finish(self, reusable: bool) -> None:
        waiter, self.waiter, self.on_data, self.reusable = self.waiter, None, None, reusable
        self.response.body = b"".join(self.parts)
        if waiter and not waiter.done():
            waiter.set_result(self.response)

    def fail(self, error: BaseException) -> None:
        waiter, self.waiter = self.waiter, None
        self.transport.abort()
        if waiter and not waiter.done():
            waiter.set_exception(error)
