"""HTTP/1.1 as uvicorn speaks it, with an end to what a connection may send, and to how long."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from layers.settings.connections import ConnectionSettings

PER_FIELD = 4
"""What a header takes beside its name and value: a colon, a space, the end of the line."""


class Phase(Enum):
    """What a connection owes us."""

    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"
    """It waits for an answer, reads one, or is idle between two requests."""


class HeadTooLarge(Exception):
    """The head has more bytes or more headers than it may."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. ``look`` has to be called about once a second.

    A head that is too large is answered 431 (RFC 6585), one that takes too long 408 (RFC 9110), a
    connection too many of one address 429; all three end the connection. Whoever waits for an
    answer, such as the reader of an event stream, may wait for as long as it takes.
    """

    def __init__(
        self, *args: Any, bounds: ConnectionSettings, addresses: Counter[str], **rest: Any
    ) -> None:
        super().__init__(*args, **rest)
        self._bounds = bounds
        self._addresses = addresses
        self._address = ""
        self._phase = Phase.HEAD
        self._began = self._looked = self.loop.time()
        self._heard = False
        """Whether anything came since the last request was whole."""
        self._moved = False
        """Whether the parser came further in what was fed last."""
        self._unread = 0
        """Bytes since it did."""
        self._waited_s = 0.0
        self._body_bytes = 0
        self._to_send = 0
        self._stuck_since = self._began

    # What the transport tells

    def connection_made(self, transport: Any) -> None:
        """Begin, unless the address has as many connections as it may."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        most = self._bounds.per_address
        if not most or not address or self._bounds.is_proxy(address):
            return
        self._address = address
        self._addresses[address] += 1
        if self._addresses[address] > most:
            self._refuse(429, f"This address has {most} connections already; close some first.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._address:
            self._addresses[self._address] -= 1
            if not self._addresses[self._address]:
                del self._addresses[self._address]
            self._address = ""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as it stays within bounds."""
        if self.transport.is_closing():
            return
        if self._phase is Phase.NOTHING:
            self._await_head()
        self._heard = True
        self._moved = False
        super().data_received(data)
        self._unread = 0 if self._moved else self._unread + len(data)
        if self._unread > self._bounds.head_bytes and not self.transport.is_closing():
            self._refuse(431, self._too_large())

    # What the parser tells

    def on_message_begin(self) -> None:
        """A head begins."""
        self._moved = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._moved = True
        if self._is_too_large():
            raise HeadTooLarge
        self._phase = Phase.BODY
        self._body_bytes, self._waited_s = 0, 0.0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body came."""
        self._moved = True
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._moved = True
        self._phase = Phase.NOTHING
        self._heard = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read, or is too much to read."""
        if self._phase is Phase.HEAD and self.headers and self._is_too_large():
            self._refuse(431, self._too_large())
        elif self._may_speak():
            super().send_400_response(msg)
        else:
            # In the middle of another answer nothing of ours may stand.
            self.transport.close()

    # What time tells

    def look(self, now: float) -> None:
        """End the connection if the other side is too slow."""
        passed, self._looked = now - self._looked, now
        if self.transport.is_closing():
            self._end_if_unread(now)
            return
        if self._phase is Phase.HEAD and now - self._began > self._bounds.head_s:
            if self._heard:
                seconds = self._bounds.head_s
                self._refuse(408, f"The request's head was not whole within {seconds:g} seconds.")
            else:
                self.transport.close()
        elif self._phase is Phase.BODY and self._is_asked_for_body():
            self._waited_s += passed
            allowed = self._bounds.body_grace_s + self._body_bytes / self._bounds.body_rate
            if self._waited_s > allowed:
                self._refuse(408, f"The body comes slower than {self._bounds.body_rate} bytes/s.")
        self._end_if_unread(now)

    def _is_asked_for_body(self) -> bool:
        """Whether it is the other side that we wait for, and not the app."""
        return not (self.flow.read_paused or self.cycle.waiting_for_100_continue)

    def _end_if_unread(self, now: float) -> None:
        waiting = self.transport.get_write_buffer_size()
        if waiting != self._to_send or not waiting:
            self._to_send, self._stuck_since = waiting, now
        elif now - self._stuck_since > self._bounds.unread_s:
            self.transport.abort()

    def _await_head(self) -> None:
        self._phase = Phase.HEAD
        self._began = self.loop.time()

    def _is_too_large(self) -> bool:
        size = sum(len(name) + len(value) + PER_FIELD for name, value in self.headers)
        return (
            size + len(self.url) > self._bounds.head_bytes
            or len(self.headers) > self._bounds.headers
        )

    def _current(self) -> RequestResponseCycle | None:
        return self.cycle

    def _may_speak(self) -> bool:
        """Whether what we say now is the answer to what comes in, and stands in no other's way."""
        cycle = self._current()
        if cycle is None or self._phase is Phase.HEAD:
            return cycle is None or cycle.response_complete
        return not (self.pipeline or cycle.response_started)

    def _too_large(self) -> str:
        return (
            f"A request's head may have {self._bounds.head_bytes} bytes and"
            f" {self._bounds.headers} headers at most."
        )

    def _refuse(self, status: int, why: str) -> None:
        """Say why, unless an answer is under way or other requests wait for theirs, and hang up."""
        if self._may_speak():
            head = [
                STATUS_LINE[status],
                b"content-type: text/plain; charset=utf-8\r\n",
                f"content-length: {len(why)}\r\n".encode(),
                b"retry-after: 10\r\n" if status == 429 else b"",
                b"connection: close\r\n\r\n",
                why.encode("ascii"),
            ]
            self.transport.write(b"".join(head))
        self.transport.close()


def bounded(bounds: ConnectionSettings) -> Any:
    """What uvicorn takes as ``http``: all connections of one server count together."""
    return partial(BoundedProtocol, bounds=bounds, addresses=Counter[str]())
