"""The HTTP client against real sockets: broken replies, kept and lost connections, time limits, TLS, proxies."""

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from server_makers import draw, make_teacher

from records.errors import InputError
from teacher.servers.fake import FakeServer
from teacher.servers.http_client import KEEPALIVE, MAX_REPLY_BYTES, HttpClient, NoReply, Response, make_socket

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
    max_reply_bytes: int = MAX_REPLY_BYTES,
) -> Response:
    async def run() -> Response:
        client = HttpClient(KEY, connect_timeout_s=2, max_reply_bytes=max_reply_bytes)
        try:
            for _ in range(times):
                response = await client.request("POST", f"{url}/x", b"{}", timeout_s, on_data)
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


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "connection lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection lost"),
        (OK[:-1], "connection lost"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "connection lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "connection lost"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the server does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the server does not speak HTTP"),
        (b"\x16\x03\x01\x02\x00", "the server does not speak HTTP"),
    ],
)
def test_a_broken_answer_is_an_error(answer: bytes, why: str) -> None:
    with serving(saying(answer)) as url:
        assert failure(url) == why


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    with serving(saying(b"HTTP/1.0 200 OK\r\n\r\n{", b"}")) as url:
        assert ask(url).body == b"{}"


def test_a_reply_without_end_is_given_up() -> None:
    mib = 1 << 20
    with serving(saying(b"HTTP/1.0 200 OK\r\n\r\n" + b" " * mib)) as url:
        assert len(ask(url, max_reply_bytes=mib).body) == mib
    with serving(saying(b"HTTP/1.0 200 OK\r\n\r\n" + b" " * (mib + 1))) as url:
        assert failure(url, max_reply_bytes=mib) == "the reply exceeds 1 MiB"


def test_a_redirect_is_not_followed() -> None:
    with FakeServer() as other, serving(saying(redirect_to(other.url))) as url:
        response = ask(url)
        assert (response.status, response.location) == (302, other.url)
        assert other.requests == 0


def redirect_to(url: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


def test_connections_are_kept() -> None:
    connections = []

    def handle(connection: socket.socket) -> None:
        connections.append(connection)
        while connection.recv(65536):
            connection.sendall(OK)

    with serving(handle) as url:
        assert ask(url, times=7).status == 200
    assert len(connections) == 1


def test_more_requests_at_a_time_than_the_default_limit_of_aiohttp() -> None:
    with FakeServer(latency_s=0.3) as server:
        draw(make_teacher(server.url, max_in_flight=300), 300)
        assert server.most_running == 300


def test_a_server_that_went_away_without_a_word_is_noticed() -> None:
    with make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0))) as made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert [made.getsockopt(socket.IPPROTO_TCP, option) for option in KEEPALIVE] == [60, 15, 4]


def test_a_connection_that_the_server_wants_closed_is_not_kept() -> None:
    answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with serving(saying(answer, close=False)) as url:
        assert ask(url, times=3).status == 200


def test_a_limit_holds_for_the_whole_reply_or_for_silence_within_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 5\r\n\r\n"
    with serving(saying(head, *[b"x"] * 5, wait_s=0.1)) as url:
        assert failure(url, timeout_s=0.3) == "no reply within 0.3 s"
        assert ask(url, timeout_s=0.3, on_data=lambda part: False).status == 200
    with serving(saying(head, b"x", b"x", wait_s=0.5)) as url:
        assert failure(url, timeout_s=0.3, on_data=lambda part: False) == "no reply within 0.3 s"


def test_a_reply_can_be_ended_and_an_error_in_reading_it_comes_out() -> None:
    seen: list[bytes] = []
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n"
    with serving(saying(head, b"a", b"b", b"c", wait_s=0.1, close=False)) as url:
        ask(url, on_data=lambda part: bool(seen.append(part)) or len(seen) == 2)  # type: ignore[func-returns-value]
        assert seen == [b"a", b"b"]
        with pytest.raises(ZeroDivisionError):
            ask(url, on_data=lambda part: bool(1 // 0))


def test_nobody_to_connect_to() -> None:
    assert failure("http://127.0.0.1:9/v1") == "connection refused"
    assert failure("http://no-such-host.invalid/v1") == "host not found"


def test_a_server_that_does_not_take_connections() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        with suppress(TimeoutError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            assert failure(f"http://127.0.0.1:{port}/v1") == "no connection within 2 s"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_tls_with_a_certificate_that_is_trusted(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with FakeServer(tls=tls) as server:
        with FakeServer() as plain:
            assert draw(make_teacher(server.url), 30) == draw(make_teacher(plain.url), 30)
        assert draw(make_teacher(server.url, stream=True), 5)


def test_tls_with_a_wrong_certificate_ends_the_run(tls: ssl.SSLContext) -> None:
    with FakeServer(tls=tls) as server, FakeServer() as other:
        with pytest.raises(InputError) as caught:
            draw(make_teacher(server.url, other.url), 1)
        assert str(caught.value) == (
            f"{server.url}: TLS certificate: self-signed certificate; set SSL_CERT_FILE to a file with the certificate "
            "of the authority that signed it, or correct teacher.base_urls"
        )
        assert not server.requests


def test_tls_with_a_certificate_of_another_host(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with FakeServer(tls=tls) as server:
        why = failure(server.url.replace("127.0.0.1", "localhost"))
    assert "TLS certificate: Hostname mismatch" in why


def test_a_server_that_does_not_speak_tls() -> None:
    with serving(saying(OK)) as url:
        assert failure(url.replace("http:", "https:")).startswith("TLS: ")


def test_a_proxy_is_asked_for_plain_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(OK)

    with serving(proxy) as url:
        monkeypatch.setenv("http_proxy", url.removesuffix("/v1").replace("http://", "http://me:s%40cret@"))
        ask("http://gpu7.invalid:8000/v1")
        monkeypatch.setenv("no_proxy", "gpu7.invalid")
        assert failure("http://gpu7.invalid:8000/v1") == "host not found"
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert failure("http://gpu7.invalid:8000/v1") == "proxy: connection refused"
    assert asked[0].startswith(b"POST http://gpu7.invalid:8000/v1/x HTTP/1.1\r\nHost: gpu7.invalid:8000\r\n")
    assert b"Proxy-Authorization: Basic bWU6c0BjcmV0\r\n" in asked[0]


def test_a_proxy_tunnels_tls(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def forward(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65536):
            target.sendall(data)

    def proxy(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        if len(asked) == 1:
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", server.port)) as target:
            threading.Thread(target=forward, args=(target, connection), daemon=True).start()
            forward(connection, target)

    with FakeServer(tls=tls) as server, serving(proxy) as url:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        monkeypatch.setenv("https_proxy", url.removesuffix("/v1"))
        assert failure(server.url) == "the proxy answers 403"
        assert ask(server.url.replace("/v1", "") + "/health").status == 404  # of the server itself
    assert asked[1].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
