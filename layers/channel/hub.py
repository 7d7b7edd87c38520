"""Those who follow executions in this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

Bell = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class Hub:
    """Bells by execution. A bell that rings twice before anybody looks is one look, so that
    however much happens, a slow reader has nothing queued for it."""

    def __init__(self) -> None:
        self._bells: dict[str, list[Bell]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def hanging(self, execution_id: str, bell: asyncio.Event) -> Iterator[None]:
        """Hang a bell of the running event loop up for the block."""
        hung = (asyncio.get_running_loop(), bell)
        with self._lock:
            self._bells.setdefault(execution_id, []).append(hung)
        try:
            yield
        finally:
            with self._lock:
                left = self._bells[execution_id]
                left.remove(hung)
                if not left:
                    del self._bells[execution_id]

    def ring(self, execution_ids: Iterable[str]) -> None:
        """Ring the bells of these executions; from any thread."""
        with self._lock:
            found = [bell for name in execution_ids for bell in self._bells.get(name, ())]
        _ring(found)

    def ring_all(self) -> None:
        """Ring every bell: words may have been lost."""
        with self._lock:
            found = [bell for bells in self._bells.values() for bell in bells]
        _ring(found)


def _ring(bells: Iterable[Bell]) -> None:
    for loop, bell in bells:
        if not loop.is_closed():
            loop.call_soon_threadsafe(bell.set)
