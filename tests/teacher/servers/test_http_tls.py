"""TLS and proxies with real sockets: trusted, wrong and missing certificates, plain and tunnelling proxies."""

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from server_makers import draw, make_teacher
from socket_makers import OK, ask, failure, saying, serving

from records.errors import InputError
from teacher.servers.fake import FakeServer


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


def test_tls_that_breaks_within_a_reply_is_told_as_such(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    def handle(connection: socket.socket) -> None:
        wrapped = tls.wrap_socket(connection, server_side=True)
        wrapped.recv(65536)
        wrapped.sendall(OK[:20])
        with socket.socket(fileno=wrapped.detach()) as plain:
            plain.sendall(b"no record of TLS" * 30)

    with serving(handle) as url:
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
        monkeypatch.setenv("no_proxy", "")  # flows.run.prefect_setup, once imported, leaves out this machine
        assert failure(server.url) == "the proxy answers 403"
        assert ask(server.url.replace("/v1", "") + "/health").status == 404  # of the server itself
    assert asked[1].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
