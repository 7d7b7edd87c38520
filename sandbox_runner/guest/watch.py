"""One run seen from the zygote: forwards what the job writes, within the limits."""

from __future__ import annotations

import os
import select
import time

from sandbox_runner.guest import frames
from sandbox_runner.guest.births import Nursery, Process
from sandbox_runner.guest.counting import has_more_than

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

IN, OUT = 0, 1
_FLOOD = 8 << 20
_PIECE = 1 << 16
_COUNT_EVERY_S = 0.5


class Watch:
    """Watches one job process from its order to the end of its run."""

    def __init__(
        self, process: Process, limits: dict[str, Any], nursery: Nursery, began: float
    ) -> None:
        self.process = process
        self.nursery = nursery
        self.status: int | None = None
        self.deadline = began + limits["timeout_s"]
        self.log_left: int = limits["log_bytes"]
        self.flood_left: int = max(_FLOOD, 4 * self.log_left)
        self.most_bytes: int = limits["answer_bytes"]
        self.most_files: int = limits["tmp_files"]
        self.tags = {process.output: b"O", process.errors: b"E"}
        self.head = bytearray()
        self.wanted = -1
        self.got = 0
        self.cut = False
        # Small pieces wait here for the frame that ends the run, and go out with it.
        self.held = bytearray()
        self.is_printing = False

    def until_done(self) -> str:
        """Forward until the answer is whole or the run is over; say why it is over."""
        poll = select.poll()
        for descriptor in (self.process.answers, self.process.output, self.process.errors):
            poll.register(descriptor, select.POLLIN)
        poll.register(IN, select.POLLIN)
        now = time.monotonic()
        count_at = now + _COUNT_EVERY_S
        while (left := self.deadline - now) > 0:
            if now >= count_at:
                if has_more_than(self.most_files, self.process.room):
                    return "files"
                count_at = time.monotonic() + _COUNT_EVERY_S
            events = poll.poll(min(left, _COUNT_EVERY_S) * 1000)
            if not events and self.look() is not None:
                # It may have answered and ended since, and a child may hold the pipe open after it.
                events = poll.poll(0) or [(self.process.answers, select.POLLNVAL)]
            # What was printed before the answer is there when the answer is.
            self.is_printing = any(descriptor in self.tags for descriptor, _ in events)
            for descriptor, how in events:
                if descriptor == IN:
                    os._exit(0)  # The runner speaks only between runs: it has gone.
                data = b"" if how == select.POLLNVAL else os.read(descriptor, _PIECE)
                if not data:
                    poll.unregister(descriptor)
                if (reason := self._take(descriptor, data)) is not None:
                    return reason
            now = time.monotonic()
        return "timeout"

    def look(self) -> int | None:
        """Return the status that the job process ended with, or None while it runs."""
        if self.process.is_stopped:
            self.process.wake()
        if self.status is None:
            self.status = self.nursery.status(self.process.pid)
        return self.status

    def how_it_ended(self) -> tuple[int | None, int | None]:
        """Return the signal or exit code of a job process that closed its answer pipe."""
        until = min(self.deadline, time.monotonic() + 1)
        while self.look() is None and time.monotonic() < until:
            time.sleep(0.001)
        if self.status is None or self.status < 0:
            return None, None
        code = os.waitstatus_to_exitcode(self.status)
        return (-code, None) if code < 0 else (None, code)

    def drain(self) -> None:
        """Forward what the job had written to its logs before it answered."""
        poll = select.poll()
        for descriptor in self.tags:
            poll.register(descriptor, select.POLLIN)
        while events := poll.poll(0):
            for descriptor, _ in events:
                data = os.read(descriptor, _PIECE)
                if not data:
                    poll.unregister(descriptor)
                elif not self._log(descriptor, data):
                    return

    def finish(self, end: bytes) -> None:
        """Hold back the frame that ends the run, after all that was held back before."""
        self.held += frames.event(b"X", end)

    def tell(self, more: bytes = b"") -> None:
        """Send what was held back, and more."""
        frames.write_all(OUT, bytes(self.held) + more)
        self.held.clear()

    def _take(self, descriptor: int, data: bytes) -> str | None:
        if descriptor != self.process.answers:
            return None if self._log(descriptor, data) else "flood"
        return self._answer(data) if data else "exit"

    def _answer(self, data: bytes) -> str | None:
        if self.wanted < 0:
            self.head += data
            if len(self.head) < 4:
                return None
            self.wanted = frames.unpacked_length(self.head)
            data = bytes(self.head[4:])
            if self.wanted > self.most_bytes:
                return "output"
        left = self.wanted - self.got
        data, self.process.surplus = data[:left], data[left:]
        self.got += len(data)
        if data:
            self._send(b"V", data)
        return "answer" if self.got >= self.wanted else None

    def _log(self, descriptor: int, data: bytes) -> bool:
        self.flood_left -= len(data)
        kept = data[: self.log_left]
        self.log_left -= len(kept)
        self.cut = self.cut or len(kept) < len(data)
        if kept:
            self._send(self.tags[descriptor], kept, now=True)
        return self.flood_left > 0

    def _send(self, tag: bytes, data: bytes, *, now: bool = False) -> None:
        self.held += frames.event(tag, data)
        if now or len(self.held) >= _PIECE:
            self.tell()
