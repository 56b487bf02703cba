"""The HTTP client with real sockets: broken replies, kept and lost connections, time limits, redirects."""

import gzip
import socket
from contextlib import suppress

import pytest
from server_makers import draw, make_teacher
from socket_makers import OK, ask, failure, saying, serving

from teacher.servers.fake import FakeServer
from teacher.servers.http_client import KEEPALIVE, make_socket


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


def test_a_packed_reply_counts_unpacked() -> None:
    packed = gzip.compress(bytes(64 << 20))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with serving(saying(head + packed)) as url:
        assert failure(url) == "the reply exceeds 1 MiB"


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
    with FakeServer(latency_s=1.0) as server:  # so that all have come before the first has its answer
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


def test_a_stream_that_is_kept_alive_for_ever_ends_by_its_whole_time() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    with serving(saying(head, *[b": keep-alive\n\n"] * 20, wait_s=0.1)) as url:
        why = failure(url, timeout_s=0.5, on_data=lambda part: False, stream_timeout_s=1)
        assert why == "the stream did not end within 1 s"
        assert ask(url, timeout_s=0.5, on_data=lambda part: False, stream_timeout_s=10).status == 200


def test_a_head_without_end_is_given_up() -> None:
    lines = b"".join(b"X-%d: y\r\n" % number for number in range(200_000))
    with serving(saying(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\n{}")) as url:
        assert failure(url)
    with serving(saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * (1 << 20) + b"\r\nContent-Length: 2\r\n\r\n{}")) as url:
        assert failure(url)


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
