"""Turns what the parts print into one readable log: a line is a line, and says whose it is."""

from __future__ import annotations

import contextlib
from copy import copy
from typing import IO

LONGEST_LINE = 64 * 1024
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93)
"""Terminal colours (SGR): one for each part in turn."""


class LogRelay:
    """Prefixes the lines of one part. Feed it bytes as they come."""

    def __init__(self, label: str, width: int, output: IO[str], colour: int | None) -> None:
        self._prefix = f"{label:<{width}} | "
        if colour is not None:
            self._prefix = f"\x1b[{COLOURS[colour % len(COLOURS)]}m{self._prefix}\x1b[0m"
        self._output = output
        self._rest = b""

    def another(self) -> LogRelay:
        """A relay for a second process of the same part: their lines never mix."""
        twin = copy(self)
        twin._rest = b""
        return twin

    def feed(self, data: bytes) -> None:
        """Take the next bytes, and pass on the lines that are complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        self._write(lines)

    def end(self) -> None:
        """Pass on what is left when the part has closed its output."""
        if self._rest:
            self._write([self._rest])
            self._rest = b""

    def say(self, text: str) -> None:
        """Add a line of the supervisor's own about this part."""
        self._write([text.encode()])

    def _write(self, lines: list[bytes]) -> None:
        text = "".join(f"{self._prefix}{_readable(line)}\n" for line in lines)
        # Who reads the log may leave; the product goes on.
        with contextlib.suppress(BrokenPipeError):
            self._output.write(text)
            self._output.flush()


def _readable(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")
