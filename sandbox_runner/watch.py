"""Watches a run's time and processor from outside, whatever the guest says of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from sandbox_runner.control_group import Group
from sandbox_runner.limits import Limits
from sandbox_runner.processor_share import ProcessorShare

_GRACE_S = 1.0
_LOOK_S = 0.25
# A run that takes longer than this gets out of the way of others that have just begun.
_LONG_S = 0.05


@contextlib.contextmanager
def watched(
    group: Group, limits: Limits, share: ProcessorShare, break_off: Callable[[str], None]
) -> Iterator[None]:
    """Look after the run that is made meanwhile; ``break_off`` is called with cpu or timeout."""
    next_look: asyncio.TimerHandle
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits.timeout_s + _GRACE_S
    before = group.cpu_seconds() or 0.0

    def look() -> None:
        nonlocal next_look
        used = (group.cpu_seconds() or 0.0) - before
        if used > limits.cpu_s + _GRACE_S:
            break_off("cpu")
        left = deadline - loop.time()
        if left <= 0:
            break_off("timeout")
        next_look = loop.call_later(max(0.0, min(left, _LOOK_S)), look)

    def become_long() -> None:
        nonlocal next_look
        share.become_long()
        next_look = loop.call_later(_LOOK_S - _LONG_S, look)

    # One timer, because most runs have ended before it is due.
    next_look = loop.call_later(_LONG_S, become_long)
    try:
        yield
    finally:
        next_look.cancel()
        share.end_run()
