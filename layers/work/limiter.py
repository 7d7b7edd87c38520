"""A bound on how many calls of one kind block at once."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Limiter:
    """Runs blocking calls in at most ``most`` threads, which do nothing else.

    A call beyond that waits for one of them to be free. The threads are begun when they are needed.
    """

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self._threads = ThreadPoolExecutor(most, thread_name_prefix=name)

    async def run(self, call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the call gives, or raise what it raises; context variables go along.

        Whoever is cancelled while it runs does not wait for its end; it still takes its place
        until then, unlike one that has not begun, which is left out.
        """
        context = contextvars.copy_context()
        bound = partial(context.run, call, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, bound)
