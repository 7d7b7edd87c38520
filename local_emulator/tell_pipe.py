"""A pipe on which a part tells the supervisor something, line by line."""

from __future__ import annotations

import argparse
import os
import selectors
from collections.abc import Callable
from dataclasses import replace

from local_emulator.part import Part

OPTION = "--tell"
READY = "ready"
"""The line of a part that has begun its work."""


class TellPipe:
    """The supervisor's side: gives ``on_line`` every line that the part writes.

    It is made and given to the part before that is started; afterwards ``listen``.
    """

    def __init__(self, on_line: Callable[[str], None], selector: selectors.BaseSelector) -> None:
        self._outer, self._inner = os.pipe()
        self._on_line = on_line
        self._selector = selector
        self._rest = b""

    def given_to(self, part: Part) -> Part:
        """The part with the other end of the pipe."""
        return replace(
            part,
            command=(*part.command, OPTION, str(self._inner)),
            descriptors=(*part.descriptors, self._inner),
        )

    def listen(self) -> None:
        """Wait for lines; the part has its end now."""
        os.close(self._inner)
        os.set_blocking(self._outer, False)
        self._selector.register(self._outer, selectors.EVENT_READ, self._read)

    def close(self) -> None:
        """Take the last lines and hang up; harmless when done already."""
        while self._outer >= 0 and self._read():
            pass
        self._hang_up()

    def _read(self) -> bool:
        """Take what has come; False when there is no more for now."""
        try:
            data = os.read(self._outer, 65536)
        except BlockingIOError:
            return False
        if not data:
            self._hang_up()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._on_line(line.decode())
        return bool(data)

    def _hang_up(self) -> None:
        if self._outer >= 0:
            self._selector.unregister(self._outer)
            os.close(self._outer)
            self._outer = -1


class Told:
    """The part's side: writes lines to the pipe, or nowhere where there is none."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def tell(self, line: str) -> None:
        """Write one line."""
        if self._descriptor is not None:
            os.write(self._descriptor, line.encode() + b"\n")

    def ready(self) -> None:
        """Say that the work has begun."""
        self.tell(READY)


def told() -> Told:
    """What this process was started with, where the pipe is its only option."""
    parser = argparse.ArgumentParser()
    parser.add_argument(OPTION, type=int)
    return Told(parser.parse_args().tell)
