"""A progress bar on standard error, if that is a terminal; nothing otherwise."""

from __future__ import annotations

import sys
from types import TracebackType

WIDTH = 24


class Progress:
    """A bar over ``total`` things; it may turn out to be more."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        self._draw("")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def advance(self, name: str = "") -> None:
        """Count one more as done, and say which."""
        self._done += 1
        self._draw(name)

    def _draw(self, name: str) -> None:
        if not self._shown:
            return
        total = max(self._total, self._done, 1)
        full = WIDTH * self._done // total
        bar = "#" * full + "." * (WIDTH - full)
        sys.stderr.write(f"\r\x1b[K[{bar}] {self._done}/{total} {self._what} {name}")
        sys.stderr.flush()
