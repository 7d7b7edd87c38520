"""An answer whose headers are there, and whose body is still on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import aiohttp

from layers.contract import HttpRequest
from layers.media.coding import BrokenCoding, Decoder, Unchanged, UnknownCoding, decoder
from layers.outbound import failures
from layers.outbound.answer_headers import flat
from layers.outbound.cookies import Jar
from layers.outbound.redirects import Hop


class Visit:
    """What the requests on the way to one answer share."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.jar = Jar.of(request.cookies)
        self.set_cookies: list[str] = []

    def take(self, cookies: Sequence[str], hop: Hop) -> None:
        """Keep what an answer sets."""
        self.set_cookies.extend(cookies)
        self.jar.take(cookies, hop.url)


class Answer:
    """Implements HttpStream."""

    def __init__(self, response: aiohttp.ClientResponse, hop: Hop, visit: Visit) -> None:
        self._response = response
        self._host = str(hop.url.raw_host)
        self._most = visit.request.max_response_bytes
        self.status: int = response.status
        self.url = str(hop.url)
        self.headers: Mapping[str, str] = flat(response.headers, visit.set_cookies)
        self.set_cookies: Sequence[str] = tuple(visit.set_cookies)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, unpacked; one of more than the request's bytes is broken off."""
        response, host = self._response, self._host
        if (response.content_length or 0) > self._most and response.method != "HEAD":
            raise self._too_large()
        unpack = _decoder(response, host)
        size = 0
        with failures.translated(host):
            try:
                async for chunk in response.content.iter_any():
                    for piece in unpack.feed(chunk):
                        size += len(piece)
                        if size > self._most:
                            raise self._too_large()
                        yield piece
                        await asyncio.sleep(0)
            except BrokenCoding as error:
                raise failures.undecodable(host) from error
        if not unpack.complete:
            raise failures.cut_short(host)

    def _too_large(self) -> Exception:
        self._response.close()
        return failures.too_large(self._host, self._most)


def _decoder(response: aiohttp.ClientResponse, host: str) -> Decoder:
    if response.method == "HEAD":
        return Unchanged()
    try:
        return decoder(", ".join(response.headers.getall("Content-Encoding", [])))
    except UnknownCoding as error:
        response.close()
        raise failures.unknown_coding(host, str(error)) from error
