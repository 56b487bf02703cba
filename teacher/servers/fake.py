"""A fake OpenAI-compatible server: deterministic completions after a chosen latency, in any reply form, with faults.

In a test:              with FakeServer(faults={1: "429"}) as server: … server.url …
From the command line:  python -m teacher.servers.fake --port 8000 --latency-s 0.05 --fault 500:10
"""

import argparse
import asyncio
import json
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from teacher.servers.fake_connection import CONNECTION_FAULTS, Connection
from teacher.servers.fake_replies import FAULTS, FORMS, JSON, MODEL, HttpReply

NAMES = {*FAULTS, *FORMS, *CONNECTION_FAULTS}
"""The names that `--fault` accepts."""
EPILOG = f"""
reply forms: {", ".join(FORMS)}
faults, besides every reply form: {", ".join((*FAULTS, *CONNECTION_FAULTS))}

Sums such as "What is 3 + 2?" are answered correctly in 70 % of cases; everything else is answered with a number. The
same messages with the same seed always get the same completion.
"""


class FakeServer:
    """Serves from a thread between enter and exit, or in the caller's loop with `serve`.

    `form` is the form of replies. `faults` maps the number of a request, counted from 1, or `"all"`, to a fault or to
    another form; `every` maps a fault to n, for every nth request. `models` is `"list"`, or the fault with which
    `GET /models` is answered. More than `capacity` requests at a time get a 429.
    """

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
        keep_requests: bool = True,
    ) -> None:
        self.faults, self.form, self.latency_s, self.key, self.model = faults or {}, form, latency_s, key, model
        self.models, self.max_model_len, self.every, self.port = models, max_model_len, every or {}, port
        self.tls, self.capacity = tls, capacity
        self.seen: list[dict[str, Any]] | None = [] if keep_requests else None
        """Body and headers of every completion request."""
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
        """Serve until `over` is set; `ready` is called once the port is open."""
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

    def next_fault(self) -> str:
        """Count a completion request, and return the fault or the form with which it is answered."""
        self.requests += 1
        for fault, every in self.every.items():
            if self.requests % every == 0:
                return fault
        return self.faults.get(self.requests) or self.faults.get("all") or self.form

    def list_models(self) -> HttpReply:
        if self.models != "list":
            return FAULTS[self.models]()
        card = {"id": self.model, "object": "model", "max_model_len": self.max_model_len}
        return 200, JSON, json.dumps({"object": "list", "data": [card]}).encode()


def parse_fault(text: str) -> tuple[str, int]:
    name, _, every = text.partition(":")
    if name not in NAMES:
        raise argparse.ArgumentTypeError(f"there is no fault {name!r}; see the list in --help")
    if not every.isdecimal() or int(every) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME:N, such as 500:10 for every tenth request")
    return name, int(every)


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted, and return the exit code. The base URL is printed once the port is open."""
    parser = argparse.ArgumentParser(
        description="Serve fake completions over the OpenAI chat API, to try a fleet without a GPU.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port on this machine; the default takes a free one")
    parser.add_argument("--latency-s", type=float, default=0.0, help="seconds until each reply (default: %(default)s)")
    parser.add_argument("--form", choices=FORMS, default="inline", metavar="FORM", help="form of replies, from below")
    parser.add_argument(
        "--fault", action="append", type=parse_fault, default=[], metavar="NAME:N", help="a fault every N requests"
    )
    parser.add_argument("--served-model-name", default=MODEL, help="the model's name (default: %(default)s)")
    parser.add_argument("--api-key", help="what requests must have as their key (default: none is required)")
    arguments = parser.parse_args(argv)
    server = FakeServer(
        form=arguments.form,
        latency_s=arguments.latency_s,
        key=arguments.api_key,
        model=arguments.served_model_name,
        every=dict(arguments.fault),
        port=arguments.port,
        keep_requests=False,
    )
    try:
        asyncio.run(server.serve(lambda: print(server.url, flush=True)))
    except KeyboardInterrupt:
        return 0
    except (OSError, OverflowError) as error:  # OverflowError: a number that no port has
        reason = error.strerror if isinstance(error, OSError) else error
        print(f"error: port {arguments.port}: {reason}; choose another --port", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
