"""What every stream of events does while nothing happens, and at its end."""

from __future__ import annotations

import asyncio
import contextlib
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


async def quiet(bell: asyncio.Event, *, is_running: bool) -> AsyncIterator[str]:
    """Signs of life until the bell rings or, while something runs, until it is time to look."""
    # What happens in quick succession is one look.
    await asyncio.sleep(PACE_S)
    loop = asyncio.get_running_loop()
    looks_at = loop.time() + LOOK_ANYWAY_S
    while not bell.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), SIGN_OF_LIFE_S)
            return
        if is_running and loop.time() >= looks_at:
            return
        yield SIGN_OF_LIFE
