"""The HTTP client of every node and trigger: one pool of connections, guarded at each step."""

from __future__ import annotations

import asyncio
import io
import re
import ssl
from dataclasses import dataclass, field, replace

import aiohttp
from multidict import CIMultiDict

from layers.contract import HttpRequest, HttpResponse, NodeError
from layers.media.coding import (
    ACCEPTED,
    BrokenCoding,
    Decoder,
    Unchanged,
    UnknownCoding,
    decoder,
)
from layers.outbound import failures, targets
from layers.outbound.answer_headers import LONGEST_HEADER, MOST_HEADERS, flat, set_cookies
from layers.outbound.cookies import Jar
from layers.outbound.gate import Gate, Lookup, system_lookup
from layers.outbound.policy import AddressPolicy
from layers.outbound.redirects import Hop, next_hop

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What frames a message or belongs to one connection is for the client alone to say.
_OWN = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_DEFAULTS = {"Accept": "*/*", "Accept-Encoding": ACCEPTED, "User-Agent": "Treadle"}
_LARGE = 1024 * 1024
_REDIRECT_BODY = 64 * 1024


@dataclass(frozen=True)
class _Visit:
    """What the requests on the way to one answer share."""

    request: HttpRequest
    jar: Jar
    set_cookies: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ClientLimits:
    """How many connections may be open, and for how many seconds an idle one is kept."""

    connections: int = 256
    connections_per_host: int = 64
    keep_idle_s: float = 30.0
    remember_names_s: int = 10


class OutboundClient:
    """Implements HttpClient. One serves a whole process, on the event loop of its first request.

    It takes no proxy, cookie or password from its surroundings, connects to the very address
    that was checked, and follows redirects itself so that each is checked as well. What a server
    sets as a cookie goes on to the redirects of the same request, and to no other request that
    does not share its ``cookies``. ``tls`` is the
    context for verified connections, in place of the system's. Call ``close`` at the end.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        limits: ClientLimits = ClientLimits(),
        lookup: Lookup = system_lookup,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._limits = limits
        self._gate = Gate(policy, lookup)
        self._tls: ssl.SSLContext | bool = tls or True
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the whole answer.

        Raises NodeError of the kinds ``invalid_url``, ``invalid_request``, ``refused_address``,
        ``dns``, ``connection``, ``tls``, ``timeout``, ``too_many_redirects``,
        ``response_too_large`` and ``invalid_response``.
        """
        url, address = targets.parse(request.url)
        hop = Hop(_method(request), url, address, _headers(request), request.body)
        try:
            async with asyncio.timeout(request.timeout_s):
                return await self._follow(hop, _Visit(request, Jar.of(request.cookies)))
        except TimeoutError as error:
            raise failures.too_slow(str(url.raw_host), request.timeout_s) from error

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._gate.close()

    async def _follow(self, hop: Hop, visit: _Visit) -> HttpResponse:
        followed = 0
        while True:
            answer, following = await self._exchange(hop, visit)
            if answer is not None:
                return answer
            if followed == visit.request.follow_redirects:
                raise failures.too_many_redirects(str(hop.url.raw_host), followed)
            hop, followed = following, followed + 1

    async def _exchange(self, hop: Hop, visit: _Visit) -> tuple[HttpResponse | None, Hop]:
        """Send one request; gives the answer, or None and the request that a redirect asks for."""
        host, request = str(hop.url.raw_host), visit.request
        if hop.address is not None:
            self._policy.check(host, int(hop.url.port or 0), hop.address)
        sent = replace(hop, headers=visit.jar.added(hop.headers, hop.url))
        try:
            async with self._open(sent, request.verify_tls) as response:
                given = set_cookies(response.headers)
                visit.set_cookies.extend(given)
                visit.jar.take(given, hop.url)
                if request.follow_redirects:
                    location = response.headers.get("Location")
                    following = next_hop(hop, response.status, location)
                    if following is not None:
                        await _discard(response)
                        return None, following
                body = await _read(response, host, request.max_response_bytes)
                return HttpResponse(
                    response.status,
                    flat(response.headers, visit.set_cookies),
                    body,
                    str(hop.url),
                    tuple(visit.set_cookies),
                ), hop
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise failures.translate(error, host) from error

    def _open(self, hop: Hop, verify: bool) -> aiohttp.client._RequestContextManager:
        body = hop.body
        data = io.BytesIO(body) if body is not None and len(body) > _LARGE else body
        return self._pool().request(
            hop.method,
            hop.url,
            headers=CIMultiDict(hop.headers),
            data=data,
            allow_redirects=False,
            ssl=self._tls if verify else False,
            skip_auto_headers=("Content-Type",),
        )

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = self._limits
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=limits.connections,
                    limit_per_host=limits.connections_per_host,
                    keepalive_timeout=limits.keep_idle_s,
                    ttl_dns_cache=limits.remember_names_s,
                    resolver=self._gate,
                    socket_factory=self._gate.open_socket,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
                max_headers=MOST_HEADERS,
            )
        return self._session


def _method(request: HttpRequest) -> str:
    method = request.method.upper()
    if not _TOKEN.fullmatch(method) or method == "CONNECT":
        raise NodeError("The method is not one of HTTP's, such as GET.", kind="invalid_request")
    return method


def _headers(request: HttpRequest) -> dict[str, str]:
    """The headers to send; raises NodeError for one that HTTP cannot carry."""
    headers = {}
    for name, value in request.headers.items():
        if not _TOKEN.fullmatch(name) or any(character in value for character in "\r\n\0"):
            raise NodeError(
                f"The header {name!r} holds a character that no header can.",
                kind="invalid_request",
            )
        if name.lower() == "host":
            raise NodeError(
                "The header 'Host' follows from the URL; leave it out.", kind="invalid_request"
            )
        if name.lower() not in _OWN:
            headers[name] = value
    given = {name.lower() for name in headers}
    return {n: v for n, v in _DEFAULTS.items() if n.lower() not in given} | headers


async def _read(response: aiohttp.ClientResponse, host: str, limit: int) -> bytes:
    """Read the body, unpacked; a larger one than ``limit`` is broken off."""
    if (response.content_length or 0) > limit and response.method != "HEAD":
        response.close()
        raise failures.too_large(host, limit)
    unpack = _decoder(response, host)
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            for piece in unpack.feed(chunk):
                body += piece
                if len(body) > limit:
                    response.close()
                    raise failures.too_large(host, limit)
                await asyncio.sleep(0)
    except BrokenCoding as error:
        raise failures.undecodable(host) from error
    if not unpack.complete:
        raise failures.cut_short(host)
    return bytes(body)


def _decoder(response: aiohttp.ClientResponse, host: str) -> Decoder:
    if response.method == "HEAD":
        return Unchanged()
    try:
        return decoder(", ".join(response.headers.getall("Content-Encoding", [])))
    except UnknownCoding as error:
        response.close()
        raise failures.unknown_coding(host, str(error)) from error


async def _discard(response: aiohttp.ClientResponse) -> None:
    """Read a redirect's short body, so that its connection serves the next request."""
    taken = 0
    async for chunk in response.content.iter_any():
        taken += len(chunk)
        if taken > _REDIRECT_BODY:
            response.close()
            return
