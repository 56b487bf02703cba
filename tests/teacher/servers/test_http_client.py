"""The HTTP client against real sockets: framing, kept and lost connections, limits, TLS, proxies."""

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fake_server import FakeServer
from server_makers import draw, make_teacher

from teacher.servers.exchange import describe
from teacher.servers.http_client import HttpClient
from teacher.servers.http_connection import PROBES, BrokenHttp, Response

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


def ask(url: str, timeout_s: float = 5, on_data: Callable[[bytes], bool] | None = None, times: int = 1) -> Response:
    async def run() -> Response:
        client = HttpClient(url, None, connect_timeout_s=2)
        for _ in range(times):
            response = await client.request("POST", "/x", b"{}", timeout_s, on_data)
        client.close()
        return response

    return asyncio.run(run())


@pytest.mark.parametrize(
    "pieces",
    [
        (OK,),
        tuple(OK[at : at + 1] for at in range(len(OK))),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK,),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nTrailer: a\r\n\r\n",),
        (b"HTTP/1.0 200 OK\r\n\r\n{", b"}"),  # ends with the connection
        (b"HTTP/1.1 200\r\ncontent-LENGTH:2\r\n\r\n{}",),
    ],
)
def test_every_way_to_frame_a_body(pieces: tuple[bytes, ...]) -> None:
    with serving(saying(*pieces)) as url:
        response = ask(url)
    assert (response.status, response.body) == (200, b"{}")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "connection lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection lost"),
        (OK[:-1], "connection lost"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "connection lost"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the server does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the server does not speak HTTP"),
        (b"\x16\x03\x01\x02\x00", "the server does not speak HTTP"),
    ],
)
def test_a_broken_answer_is_an_error(answer: bytes, why: str) -> None:
    with serving(saying(answer)) as url, pytest.raises(BrokenHttp, match=why):
        ask(url)


def test_a_connection_is_kept_and_one_that_was_closed_is_replaced() -> None:
    connections = []

    def handle(connection: socket.socket) -> None:
        connections.append(connection)
        for _ in range(3):
            if connection.recv(65536):
                connection.sendall(OK)
        connection.close()

    with serving(handle) as url:
        assert ask(url, times=7).status == 200
    assert len(connections) == 3


def test_a_server_that_went_away_without_a_word_is_noticed() -> None:
    async def options() -> list[int]:
        connection = await HttpClient(server.url, None, connect_timeout_s=2).connect()
        opened = connection.transport.get_extra_info("socket")
        probed = opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        return [probed, *(opened.getsockopt(socket.IPPROTO_TCP, option) for option in PROBES)]

    with FakeServer() as server:
        assert asyncio.run(options()) == [1, 60, 15, 4]


def test_a_connection_that_the_server_wants_closed_is_not_kept() -> None:
    answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with serving(saying(answer, close=False)) as url:
        assert ask(url, times=3).status == 200


def test_a_limit_holds_for_the_whole_reply_or_for_silence_within_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 5\r\n\r\n"
    with serving(saying(head, *[b"x"] * 5, wait_s=0.1)) as url:
        with pytest.raises(TimeoutError) as caught:
            ask(url, timeout_s=0.3)
        assert describe(caught.value, 0.3) == "no reply within 0.3 s"
        assert ask(url, timeout_s=0.3, on_data=lambda part: False).status == 200
    with serving(saying(head, b"x", b"x", wait_s=0.5)) as url, pytest.raises(TimeoutError):
        ask(url, timeout_s=0.3, on_data=lambda part: False)


def test_a_reply_can_be_ended_and_an_error_in_reading_it_comes_out() -> None:
    seen: list[bytes] = []
    pieces = [b"1\r\na\r\n", b"1\r\nb\r\n", b"1\r\nc\r\n"]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(saying(head + b"".join(pieces), close=False)) as url:
        ask(url, on_data=lambda part: bool(seen.append(part)) or len(seen) == 2)  # type: ignore[func-returns-value]
        assert seen == [b"a", b"b"]
        with pytest.raises(ZeroDivisionError):
            ask(url, on_data=lambda part: bool(1 // 0))


def test_nobody_to_connect_to() -> None:
    with pytest.raises(OSError, match="Connect call failed") as caught:
        ask("http://127.0.0.1:9/v1")
    assert describe(caught.value, 1) == "connection refused"
    with pytest.raises(socket.gaierror) as caught:
        ask("http://no-such-host.invalid/v1")
    assert describe(caught.value, 1) == "host not found"


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


def test_tls(tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer(tls=tls) as server:
        with pytest.raises(ssl.SSLError) as caught:
            ask(server.url)
        assert describe(caught.value, 1) == "tls: certificate verify failed"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        with FakeServer() as plain:
            assert draw(make_teacher(server.url), 30) == draw(make_teacher(plain.url), 30)
        assert draw(make_teacher(server.url, stream=True), 5)


def test_a_proxy_is_asked_for_plain_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(OK)

    with serving(proxy) as url:
        monkeypatch.setenv("http_proxy", url.removesuffix("/v1").replace("http://", "http://me:s%40cret@"))
        ask("http://gpu7.invalid:8000/v1")
        monkeypatch.setenv("no_proxy", "gpu7.invalid")
        with pytest.raises(socket.gaierror):
            ask("http://gpu7.invalid:8000/v1")
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
        with pytest.raises(BrokenHttp, match="the proxy answers 403"):
            ask(server.url)
        assert ask(server.url.replace("/v1", "") + "/health").status == 404  # of the server itself
    assert asked[1].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
