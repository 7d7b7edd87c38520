"""Waiting for what other processes and threads do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 200.0
"""Until something that is bound to happen is taken for never: a loaded machine is no failure."""
EVERY_S = 0.01


def until(
    condition: Callable[[], object],
    what: Callable[[], str] | str,
    patience_s: float = PATIENCE_S,
) -> None:
    """Wait for a condition; fails with ``what`` if it never comes."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what if isinstance(what, str) else what()}")
        time.sleep(EVERY_S)
