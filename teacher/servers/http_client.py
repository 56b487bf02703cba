"""Requests over HTTP: the one file that knows aiohttp, which does connections, TLS, proxies and parsing."""

import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

OnData = Callable[[bytes], bool]
"""A function that gets an event stream's body as it arrives; if it returns True, the reply ends there."""
IDLE_S = 4.0
"""Seconds that an unused connection is kept. uvicorn closes it after 5 s, and reusing it just then would cost a try."""
# A reply may take an hour to begin. With these options the kernel notices within two minutes that a machine has
# vanished, and gateways do not forget the connection in the meantime.
KEEPALIVE = {socket.TCP_KEEPIDLE: 60, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 4}


@dataclass(frozen=True, slots=True)
class Stream:
    """How an event stream is received. Made by `Exchange`."""

    on_data: OnData
    timeout_s: float
    """Limit on the whole stream: a server may keep one alive for ever, by comments or by text."""


class NoReply(Exception):
    """No whole reply came. The message says why in a few words, without addresses or headers: those may hold a key."""

    def __init__(self, why: str, wrong_certificate: bool = False) -> None:
        super().__init__(why)
        self.wrong_certificate = wrong_certificate


@dataclass(frozen=True, slots=True)
class Response:
    """The whole reply to one request. Made here; read by `Exchange`."""

    status: int
    body: bytes
    """Empty if `is_stream`, because `on_data` got the body in pieces."""
    is_stream: bool = False
    retry_after: str | None = None
    location: str | None = None
    """The values of the headers with these names."""


class HttpClient:
    """Sends requests to any number of servers over connections that it keeps. Make and close it in one event loop."""

    def __init__(self, key: str | None, connect_timeout_s: float, max_reply_bytes: int) -> None:
        self.connect_timeout_s, self.max_reply_bytes = connect_timeout_s, max_reply_bytes
        headers = {"User-Agent": "retort", "Content-Type": "application/json"}
        self.session = aiohttp.ClientSession(
            # There is no limit here, because the fleet bounds the requests in flight at each endpoint. The context is
            # made here because aiohttp makes its own on import, when SSL_CERT_FILE may not be set yet.
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=IDLE_S, ssl=ssl.create_default_context(), socket_factory=make_socket
            ),
            headers=headers | ({"Authorization": f"Bearer {key}"} if key else {}),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def request(
        self, method: str, url: str, body: bytes, timeout_s: float, stream: Stream | None = None
    ) -> Response:
        """Send a request. `timeout_s` bounds the whole reply; with `stream` it bounds the silence within the reply.
        Redirects are not followed: the key would go to another host.

        Errors: NoReply, and whatever `stream.on_data` raises.
        """
        timeout = aiohttp.ClientTimeout(
            total=stream.timeout_s if stream else timeout_s,
            sock_read=timeout_s if stream else None,
            connect=self.connect_timeout_s,
        )
        on_data = stream.on_data if stream else None
        started = time.monotonic()
        try:
            async with self.session.request(
                method, url, data=body or None, timeout=timeout, proxy=proxy_for(url), allow_redirects=False
            ) as response:
                return await self.read(response, on_data)
        except (aiohttp.ClientError, OSError) as error:  # OSError includes TimeoutError
            late = stream is not None and time.monotonic() - started >= stream.timeout_s
            no_reply = self.explain(error, stream.timeout_s if stream and late else timeout_s, late)
        raise no_reply  # outside the handler: aiohttp's error, which holds the headers, must not become its context

    async def read(self, response: aiohttp.ClientResponse, on_data: OnData | None) -> Response:
        """Read a reply. Errors: NoReply if it has no end, aiohttp's if it is broken, and whatever `on_data` raises."""
        is_stream = bool(on_data) and response.status == 200 and response.content_type == "text/event-stream"
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > self.max_reply_bytes:
                raise NoReply(f"the reply exceeds {self.max_reply_bytes >> 20} MiB")
            if not is_stream or on_data is None:
                parts.append(part)
            elif on_data(part):
                break
        body, headers = b"".join(parts), response.headers
        return Response(response.status, body, is_stream, headers.get("Retry-After"), headers.get("Location"))

    def explain(self, error: Exception, timeout_s: float, unfinished: bool = False) -> NoReply:
        wrong_certificate = False
        match error:
            case aiohttp.ConnectionTimeoutError():
                why = f"no connection within {self.connect_timeout_s:g} s"
            case TimeoutError():
                why = f"{'the stream did not end' if unfinished else 'no reply'} within {timeout_s:g} s"
            case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as cause):
                why, wrong_certificate = f"TLS certificate: {cause.verify_message}", True
            case (
                aiohttp.ClientSSLError(os_error=ssl.SSLError(reason=str() as reason))
                | aiohttp.ClientOSError(__cause__=ssl.SSLError(reason=str() as reason))
            ):
                why = f"TLS: {reason.replace('_', ' ').lower()}"
            case aiohttp.ClientConnectorDNSError():
                why = "host not found"
            case aiohttp.ClientProxyConnectionError(errno=int() as number):
                why = f"proxy: {os.strerror(number).lower()}"
            case aiohttp.ClientHttpProxyError(status=status):
                why = f"the proxy answers {status}"
            case aiohttp.ClientResponseError():
                why = "the server does not speak HTTP"
            case aiohttp.InvalidURL():
                why = "not a valid URL"
            case OSError(errno=int() as number):
                why = os.strerror(number).lower()
            case _:
                why = "connection lost"  # before the reply, or within it
        return NoReply(why, wrong_certificate)

    async def close(self) -> None:
        await self.session.close()


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names (`HTTPS_PROXY`, `NO_PROXY`).

    aiohttp's `trust_env` would do this too, but it also reads ~/.netrc for every request, and raises ValueError where
    that has a password for a host that gets a key.
    """
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def make_socket(address: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """Make a socket, for one result of getaddrinfo, that notices when the other machine has vanished."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE.items():
        made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made
