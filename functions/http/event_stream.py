"""What every stream of events does while nothing happens, and at its end."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from starlette.requests import Request

BELLS = "treadle.stream_bells"
"""Where in a request's scope the server keeps the bells that it rings when it ends."""
PACE_S = 0.1
"""At least so long is between two looks for one reader."""
SIGN_OF_LIFE_S = 15.0
SIGN_OF_LIFE = ": nothing new\n\n"
"""A comment, which readers pass over; it finds out who is gone, and keeps proxies from closing."""
LOOK_ANYWAY_S = 60.0
"""Until a reader looks without having been told, while something runs: a word may be lost."""


class Nudge(asyncio.Event):
    """A bell beside a stream's own, which rings along: so that the stream knows which it was."""

    def __init__(self, bell: asyncio.Event) -> None:
        super().__init__()
        self._bell = bell

    def set(self) -> None:
        """Ring both."""
        super().set()
        self._bell.set()


@contextmanager
def rung_at_end(request: Request, bell: asyncio.Event) -> Iterator[None]:
    """Have the server ring the bell when it ends, for the block."""
    bells: set[asyncio.Event] = request.scope.get(BELLS, set())
    bells.add(bell)
    try:
        yield
    finally:
        bells.discard(bell)


async def quiet(
    bell: asyncio.Event, *, looks_in_s: float | None, pace_s: float = PACE_S
) -> AsyncIterator[str]:
    """Signs of life until the bell rings, or until it is time to look without that.

    The bell is heard after ``pace_s`` seconds: what happens in quick succession is one look.
    """
    await asyncio.sleep(pace_s)
    loop = asyncio.get_running_loop()
    looks_at = math.inf if looks_in_s is None else loop.time() + looks_in_s
    while not bell.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), min(SIGN_OF_LIFE_S, looks_at - loop.time()))
            return
        if loop.time() >= looks_at:
            return
        yield SIGN_OF_LIFE
