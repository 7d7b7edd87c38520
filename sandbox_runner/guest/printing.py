"""A job's standard output: whole lines go out at once, unless there are too many of them."""

from __future__ import annotations

import io
import time

_AT_ONCE = 64
_EACH_SECOND = 50.0


class PromptText(io.TextIOWrapper):
    """Text whose lines are seen while the job still runs.

    Each line sent by itself is dear, so only some each second are; a flood goes out in blocks.
    """

    _left = float(_AT_ONCE)
    _since = 0.0

    def write(self, text: str) -> int:
        """Write, and send what is there at the end of a line."""
        written = super().write(text)
        if "\n" in text and self._may_send():
            self.flush()
        return written

    def _may_send(self) -> bool:
        now = time.monotonic()
        self._left = min(_AT_ONCE, self._left + (now - self._since) * _EACH_SECOND)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def open_output(descriptor: int) -> PromptText:
    """Open a descriptor that stays open when the text is closed."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return PromptText(io.BufferedWriter(raw, 1 << 13), errors="replace")
