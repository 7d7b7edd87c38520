"""Calls of a store from the event loop: in the store's own threads, and never for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from layers.artifacts.port import ArtifactUnavailable
from layers.work import STORE

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_S = 120.0
"""More than a store takes that gives up by itself, all its tries counted."""
SLOWEST = 256 * 1024
"""Bytes a second below which a store counts as stalled."""


async def in_time(size: int, call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a call gives that moves about ``size`` bytes.

    Raises ArtifactUnavailable where it takes too long, its wait for a thread included.
    """
    try:
        async with asyncio.timeout(PATIENCE_S + size / SLOWEST):
            return await STORE.run(call, *args, **kwargs)
    except TimeoutError as error:
        raise ArtifactUnavailable(
            "Artifact unavailable: the store does not answer in time.", retryable=True
        ) from error
