"""Makers of servers from bare sockets, and of the HTTP client that talks to them."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from teacher.servers.http_client import HttpClient, NoReply, Response, Stream

KEY = "sk-very-secret-0123456789"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def serving(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats each connection in a thread of its own; its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def saying(*pieces: bytes, wait_s: float = 0.0, close: bool = True) -> Callable[[socket.socket], None]:
    """Answers the first request of a connection with these bytes."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        for piece in pieces:
            with suppress(OSError):  # hung up on
                connection.sendall(piece)
            time.sleep(wait_s)
        if close:
            connection.close()
        else:
            connection.recv(1)

    return handle


def ask(
    url: str,
    timeout_s: float = 5,
    on_data: Callable[[bytes], bool] | None = None,
    times: int = 1,
    max_reply_bytes: int = 1 << 20,
    stream_timeout_s: float = 60,
) -> Response:
    stream = Stream(on_data, stream_timeout_s) if on_data else None

    async def run() -> Response:
        client = HttpClient(KEY, connect_timeout_s=2, max_reply_bytes=max_reply_bytes)
        try:
            for _ in range(times):
                response = await client.request("POST", f"{url}/x", b"{}", timeout_s, stream)
        finally:
            await client.close()
        return response

    return asyncio.run(run())


def failure(url: str, **arguments: Any) -> str:
    """Why there is no reply. It has no context, which might hold the key."""
    with pytest.raises(NoReply) as caught:
        ask(url, **arguments)
    assert caught.value.__context__ is None
    return str(caught.value)
