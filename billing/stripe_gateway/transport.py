"""How requests get to Stripe: with a deadline for the whole of each, whatever the other side does.

The SDK's own clients limit the pause between two bytes only: a server that sends one a second
would hold a thread for hours. Here every request runs on an event loop, and ends with its time.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn, cast

import aiohttp
import stripe

from billing.deadline import left_s
from billing.failures import StripeUnavailable

LEAST_FOR_A_RETRY_S = 2.0
GOODBYE_S = 1.0
Answer = tuple[bytes, int, Mapping[str, str]]


class Unanswered(stripe.APIConnectionError):
    """What was asked may have happened: the request went out, and no answer came back."""


class Transport(stripe.HTTPClient):
    """The SDK's way to Stripe. A request that cannot end in time raises APIConnectionError, or
    Unanswered where it may have changed something."""

    name = "treadle"

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
    ) -> Answer:
        """Send one request, and wait for its answer as long as whoever asks has patience."""
        within_s = left_s()
        loop, session = _loops.get()
        asked = asyncio.run_coroutine_threadsafe(
            _ask(session, method, url, dict(headers or {}), post_data, within_s), loop
        )
        try:
            return asked.result()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _fail(error, method)

    def _should_retry(
        self,
        response: Any,
        api_connection_error: stripe.APIConnectionError | None,
        num_retries: int,
        max_network_retries: int | None,
    ) -> bool:
        """As the SDK decides, while there is time for another attempt."""
        decided = cast("Callable[..., bool]", super()._should_retry)
        again = decided(response, api_connection_error, num_retries, max_network_retries)
        try:
            return again and left_s() > LEAST_FOR_A_RETRY_S
        except StripeUnavailable:
            return False

    def close(self) -> None:
        """Nothing: the connections are shared by the whole process."""


async def _ask(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: dict[str, str],
    post_data: Any,
    within_s: float,
) -> Answer:
    timeout = aiohttp.ClientTimeout(total=within_s)
    async with session.request(
        method, url, headers=headers, data=post_data or None, timeout=timeout, ssl=_certificates()
    ) as answer:
        return await answer.read(), answer.status, answer.headers


def _certificates() -> ssl.SSLContext:
    global _trusted
    if _trusted is None:
        _trusted = ssl.create_default_context(cafile=stripe.ca_bundle_path)
    return _trusted


def _fail(error: Exception, method: str) -> NoReturn:
    # Whoever gave it so much time has no more to give.
    again = not isinstance(error, (TimeoutError, aiohttp.ClientSSLError))
    was_sent = not isinstance(error, aiohttp.ClientConnectorError)
    kind = Unanswered if was_sent and method.upper() != "GET" else stripe.APIConnectionError
    message = f"{type(error).__name__}: {error}"
    raise kind(message, should_retry=again) from error  # type: ignore[no-untyped-call]


class _Loops:
    """The event loop of this process and its connections, made when they are first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[int, asyncio.AbstractEventLoop, aiohttp.ClientSession] | None = None

    def get(self) -> tuple[asyncio.AbstractEventLoop, aiohttp.ClientSession]:
        """The loop and its session; a process that was forked off gets its own."""
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), *_begin())
            return self._made[1:]


def _begin() -> tuple[asyncio.AbstractEventLoop, aiohttp.ClientSession]:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="stripe", daemon=True).start()

    async def open_session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(trust_env=True, auto_decompress=True)

    session = asyncio.run_coroutine_threadsafe(open_session(), loop).result()
    atexit.register(_end, os.getpid(), loop, session)
    return loop, session


def _end(pid: int, loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession) -> None:
    """Close what is open, or aiohttp complains of it; a process that was forked off has none."""
    if pid == os.getpid():
        with suppress(TimeoutError, RuntimeError):
            asyncio.run_coroutine_threadsafe(session.close(), loop).result(GOODBYE_S)


_loops = _Loops()
_trusted: ssl.SSLContext | None = None
