"""The fake server's side of one connection: reads requests, writes replies, or breaks off in the middle.

It uses asyncio alone, not an HTTP server: half a reply and a reset connection need the transport, and the benchmark
must measure the client, not this server, which takes about 40 µs of CPU per request.
"""

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

from teacher.servers.fake_replies import FAULTS, JSON, REASONS, HttpReply, chunks, completion

if TYPE_CHECKING:
    from teacher.servers.fake import FakeServer

CONNECTION_FAULTS = ("hang", "reset", "cut")
"""Faults of a connection: no reply at all, a reset, and a close in the middle of the reply."""


class Connection(asyncio.Protocol):
    """One client connection, which brings requests one after the other."""

    def __init__(self, server: "FakeServer") -> None:
        self.server, self.buffer, self.waits = server, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.server.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.open.discard(self)
        if self.waits:
            self.server.running -= 1
            self.server.cancelled += 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        self.answer(lines[0].split()[1], headers, rest[:length])

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> None:
        server = self.server
        if path == "/health":  # without a key, as in vLLM
            self.send((200, "", b""))
        elif server.key and headers.get("authorization") != f"Bearer {server.key}":
            self.send(FAULTS["401"]())
        elif path == "/v1/models":
            self.send(server.list_models())
        elif path != "/v1/chat/completions":
            self.send((404, JSON, b'{"detail": "Not Found"}'))
        else:
            asked = json.loads(body)
            if server.seen is not None:
                server.seen.append(asked | {"headers": headers})
            if asked["model"] != server.model:
                self.send(FAULTS["404"]())
                return
            self.waits = True
            server.running += 1
            server.most_running = max(server.most_running, server.running)
            fault = server.next_fault()
            if server.capacity is not None and server.running > server.capacity:
                self.complete(asked, "429_bare")
            else:
                server.loop.call_later(server.latency_s, self.complete, asked, fault)

    def complete(self, asked: dict[str, Any], form: str) -> None:
        if form == "hang" or self.transport.is_closing():
            return
        self.waits = False
        self.server.running -= 1
        self.server.statuses[form] += 1
        if form == "reset":
            self.transport.abort()
        elif form in FAULTS:
            self.send(FAULTS[form]())
        elif asked.get("stream") and form != "unstreamed":
            self.stream(asked, self.server.form if form == "cut" else form, form == "cut")
        elif form == "cut":
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n" + JSON.encode() + b'\r\n{"choices"')
            self.transport.close()
        else:
            self.send((200, JSON, json.dumps(completion(asked, form)).encode()))

    def stream(self, asked: dict[str, Any], form: str, cut: bool) -> None:
        events = chunks(completion(asked, form))
        events = events[: len(events) // 2] if cut else [*events, b"data: [DONE]\n\n"]
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)
            + (b"" if cut else b"0\r\n\r\n")
        )
        if cut:
            self.transport.close()

    def send(self, reply: HttpReply) -> None:
        status, headers, body = reply
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode("latin-1") + body)
