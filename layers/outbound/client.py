"""The HTTP client of every node and trigger: one pool of connections, guarded at each step."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict

from layers.contract import HttpRequest, HttpResponse, NodeError
from layers.media.coding import ACCEPTED
from layers.outbound import failures, targets
from layers.outbound.answer import Answer, Visit
from layers.outbound.answer_headers import LONGEST_HEADER, MOST_HEADERS, set_cookies
from layers.outbound.bodies import payload_of
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
_REDIRECT_BODY = 64 * 1024


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
        body = bytearray()
        async with self.stream(request) as answer:
            async for piece in answer.pieces():
                body += piece
            return HttpResponse(
                answer.status, answer.headers, bytes(body), answer.url, answer.set_cookies
            )

    @asynccontextmanager
    async def stream(self, request: HttpRequest) -> AsyncIterator[Answer]:
        """Send and give the answer once its headers are there; the time limit ends the block.

        Raises as ``send`` does.
        """
        url, address = targets.parse(request.url)
        hop = Hop(_method(request), url, address, _headers(request), request.body)
        limit = asyncio.timeout(request.timeout_s)
        try:
            async with limit:
                response, hop, visit = await self._follow(hop, Visit(request))
                async with response:
                    yield Answer(response, hop, visit)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise failures.too_slow(str(url.raw_host), request.timeout_s) from error

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._gate.close()

    async def _follow(self, hop: Hop, visit: Visit) -> tuple[aiohttp.ClientResponse, Hop, Visit]:
        """The answer that the redirects lead to, and the request that gave it."""
        followed = 0
        while True:
            response = await self._ask(hop, visit)
            try:
                following = await self._redirect(response, hop, visit)
                if following is None:
                    return response, hop, visit
                if followed == visit.request.follow_redirects:
                    raise failures.too_many_redirects(str(hop.url.raw_host), followed)
            except BaseException:
                response.close()
                raise
            response.release()
            hop, followed = following, followed + 1

    async def _ask(self, hop: Hop, visit: Visit) -> aiohttp.ClientResponse:
        """Send one request; its answer is read by nobody yet."""
        host = str(hop.url.raw_host)
        if hop.address is not None:
            self._policy.check(host, int(hop.url.port or 0), hop.address)
        with failures.translated(host):
            return await self._pool().request(
                hop.method,
                hop.url,
                headers=CIMultiDict(visit.jar.added(hop.headers, hop.url)),
                data=payload_of(hop.body),
                allow_redirects=False,
                ssl=self._tls if visit.request.verify_tls else False,
                skip_auto_headers=("Content-Type",),
            )

    async def _redirect(
        self, response: aiohttp.ClientResponse, hop: Hop, visit: Visit
    ) -> Hop | None:
        """The request that an answer asks for, if it is a redirect to be followed."""
        visit.take(set_cookies(response.headers), hop)
        if not visit.request.follow_redirects:
            return None
        with failures.translated(str(hop.url.raw_host)):
            following = next_hop(hop, response.status, response.headers.get("Location"))
            if following is not None:
                await _discard(response)
        return following

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


async def _discard(response: aiohttp.ClientResponse) -> None:
    """Read a redirect's short body, so that its connection serves the next request."""
    taken = 0
    async for chunk in response.content.iter_any():
        taken += len(chunk)
        if taken > _REDIRECT_BODY:
            response.close()
            return
