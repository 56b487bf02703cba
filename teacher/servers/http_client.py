"""HTTP/1.1 over asyncio, as much as a chat API needs: kept connections, JSON bodies, TLS, the environment's proxy.

It is here for its speed: bench/server.py has the rate that the whole stage reaches with it. Tried in its place, side
by side on two cores: aiohttp 3.14 (no cookies, no limits, bodies of bytes; on asyncio and on uvloop) reached 0.78 of
the ideal rate where this reached 0.94, at 185-205 µs of CPU a request against 120: with the one interpreter lock that
is a full core. httpx takes 4,200 µs.
"""

import asyncio
import base64
import ssl
import time
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from teacher.servers.http_connection import BrokenHttp, Connection, OnData, Response

IDLE_S = 4.0
"""How long an unused connection is kept. uvicorn closes it after 5 s, and just then its reuse would cost a try."""
PORTS = {"http": 80, "https": 443}


class HttpClient:
    """Requests to one base URL, each on a connection that is free, or a new one."""

    def __init__(self, base_url: str, key: str | None, connect_timeout_s: float) -> None:
        self.connect_timeout_s = connect_timeout_s
        parts = urlsplit(base_url)
        self.host, self.port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self.target = parts.netloc if parts.port else f"{parts.netloc}:{self.port}"
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.proxy = proxy_for(parts)
        self.path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
        headers = [f"Host: {parts.netloc}", "User-Agent: retort", "Content-Type: application/json"]
        headers += [f"Authorization: Bearer {key}"] if key else []
        if self.proxy and not self.tls:
            self.path = f"http://{parts.netloc}{self.path}"
            headers += proxy_headers(self.proxy)
        self.headers = "\r\n".join(headers)
        self.free: list[Connection] = []

    async def request(
        self, method: str, path: str, body: bytes, timeout_s: float, on_data: OnData | None = None
    ) -> Response:
        """`timeout_s` bounds the whole response, or of an event stream, which `on_data` gets, the silence within it.

        Errors: TimeoutError, OSError (BrokenHttp, ssl.SSLError), and what `on_data` raises.
        """
        head = f"{method} {self.path}{path} HTTP/1.1\r\n{self.headers}\r\nContent-Length: {len(body)}\r\n\r\n"
        message = head.encode("latin-1") + body
        if kept := self.take_free():
            try:
                return await self.exchange(kept, message, timeout_s, on_data)
            except BrokenHttp:
                if kept.heard:
                    raise  # else the server had closed it, as servers do after a while
        return await self.exchange(await self.connect(), message, timeout_s, on_data)

    async def exchange(
        self, connection: Connection, message: bytes, timeout_s: float, on_data: OnData | None
    ) -> Response:
        try:
            async with asyncio.timeout(timeout_s) as limit:
                return await connection.send(message, on_data and watch(on_data, limit, timeout_s))
        finally:
            if connection.reusable and not connection.transport.is_closing():
                connection.reusable = False
                connection.idle_since = time.monotonic()
                self.free.append(connection)
            else:
                connection.waiter = None
                connection.transport.abort()

    def take_free(self) -> Connection | None:
        while self.free:
            connection = self.free.pop()
            if not connection.transport.is_closing() and time.monotonic() - connection.idle_since < IDLE_S:
                return connection
            connection.transport.abort()
        return None

    async def connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        through, tls = self.proxy, self.tls
        host, port = (str(through.hostname), through.port or 80) if through else (self.host, self.port)
        try:
            async with asyncio.timeout(self.connect_timeout_s):
                _, connection = await loop.create_connection(Connection, host, port, ssl=None if through else tls)
                if through and tls:
                    await self.tunnel(loop, connection, through, tls)
                return connection
        except TimeoutError:
            raise BrokenHttp(f"no connection within {self.connect_timeout_s:g} s") from None

    async def tunnel(
        self, loop: asyncio.AbstractEventLoop, connection: Connection, proxy: SplitResult, tls: ssl.SSLContext
    ) -> None:
        head = "\r\n".join([f"CONNECT {self.target} HTTP/1.1", f"Host: {self.target}", *proxy_headers(proxy)])
        connection.is_tunnelling = True
        try:
            response = await connection.send(head.encode("latin-1") + b"\r\n\r\n", None)
            if response.status != 200:
                raise BrokenHttp(f"the proxy answers {response.status}")
            connection.begin_anew()
            transport = await loop.start_tls(connection.transport, connection, tls, server_hostname=self.host)
        except BaseException:
            connection.transport.abort()
            raise
        assert transport is not None
        connection.connection_made(transport)

    def close(self) -> None:
        for connection in self.free:
            connection.transport.abort()


def watch(on_data: OnData, limit: asyncio.Timeout, silence_s: float) -> OnData:
    """`on_data`, every call of which moves the limit."""
    loop = asyncio.get_running_loop()

    def watched(part: bytes) -> bool:
        limit.reschedule(loop.time() + silence_s)
        return on_data(part)

    return watched


def proxy_for(parts: SplitResult) -> SplitResult | None:
    """As the environment says (`HTTPS_PROXY`, `NO_PROXY`)."""
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else None


def proxy_headers(proxy: SplitResult) -> list[str]:
    if proxy.username is None:
        return []
    account = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return [f"Proxy-Authorization: Basic {base64.b64encode(account.encode()).decode()}"]
