"""A deterministic OpenAI-compatible server: configurable latency, reply forms and faults by request number.

Inside a test:                 with FakeServer(faults={1: "429"}) as server: … server.url …
As a process of its own:       python tests/fake_server.py --latency-s 0.05 --fault 500:10   (prints its URL)

Raw asyncio, because the bench must measure the client and not this: some 40 µs of CPU per request.
"""

import argparse
import asyncio
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from fake_replies import FAULTS, JSON, MODEL, REASONS, Reply, chunks, completion


class FakeServer:
    """Serves from a thread between enter and exit. `faults` maps a request's number, from 1, or `"all"` to a fault, a
    reply form, `hang`, `reset` or `cut` (the connection ends mid-reply); `form` is the form of all other replies."""

    def __init__(
        self,
        faults: dict[Any, str] | None = None,
        form: str = "inline",
        latency_s: float = 0.0,
        key: str | None = None,
        model: str = MODEL,
        models: str = "list",
        max_model_len: int | None = None,
        every: dict[str, int] | None = None,
        capacity: int | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.faults, self.form, self.latency_s, self.key, self.model = faults or {}, form, latency_s, key, model
        self.models, self.max_model_len, self.every, self.port = models, max_model_len, every or {}, port
        self.tls, self.capacity = tls, capacity
        self.seen: list[dict[str, Any]] | None = []
        self.statuses: Counter[str] = Counter()
        self.requests = self.running = self.most_running = self.cancelled = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> "FakeServer":
        ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready.set)), daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(10)

    async def serve(self, ready: Callable[[], None]) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        self.open: set[Connection] = set()
        server = await self.loop.create_server(
            lambda: Connection(self), "127.0.0.1", self.port, backlog=2048, ssl=self.tls
        )
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await self.over.wait()
        server.close()
        for connection in list(self.open):
            connection.transport.abort()

    def fault(self) -> str:
        """What the completion request that has just come is answered with."""
        self.requests += 1
        for fault, every in self.every.items():
            if self.requests % every == 0:
                return fault
        return self.faults.get(self.requests) or self.faults.get("all") or self.form

    def list_models(self) -> Reply:
        if self.models != "list":
            return FAULTS[self.models]()
        card = {"id": self.model, "object": "model", "max_model_len": self.max_model_len}
        return 200, JSON, json.dumps({"object": "list", "data": [card]}).encode()


class Connection(asyncio.Protocol):
    """One client connection: requests one after the other."""

    def __init__(self, server: FakeServer) -> None:
        self.server, self.buffer, self.waits = server, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
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
        if server.key and headers.get("authorization") != f"Bearer {server.key}":
            self.send(FAULTS["401"]())
        elif path == "/v1/models":
            self.send(server.list_models())
        elif path == "/health":
            self.send((200, "", b""))
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
            fault = server.fault()
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

    def send(self, reply: Reply) -> None:
        status, headers, body = reply
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode("latin-1") + body)


def main() -> None:
    import uvloop  # comes with vLLM; a third less CPU

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--form", default="inline")
    parser.add_argument("--fault", action="append", default=[], help="NAME:EVERY, such as 500:10")
    parser.add_argument("--served-model-name", default=MODEL)
    given, _ = parser.parse_known_args()  # also what `vllm serve` is started with
    every = {name: int(count) for name, _, count in (fault.partition(":") for fault in given.fault)}
    server = FakeServer(
        form=given.form, latency_s=given.latency_s, model=given.served_model_name, every=every, port=given.port
    )
    server.seen = None
    uvloop.run(server.serve(lambda: print(server.url, flush=True)))


if __name__ == "__main__":
    main()
