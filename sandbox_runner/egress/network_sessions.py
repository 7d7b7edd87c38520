"""One run's use of the network: its token, its list, its placeholders, what it did."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sandbox_runner.egress.destinations import Destinations
from sandbox_runner.egress.dialling import Dialler, Refused, Streams, Unreachable
from sandbox_runner.egress.secrets import Credential, Handles

_MOST_HOSTS = 200


@dataclass(frozen=True)
class Caps:
    """What one run may use of the network; bytes, counts and seconds."""

    bytes_in: int = 64 << 20
    bytes_out: int = 64 << 20
    at_once: int = 32
    connections: int = 500
    idle_s: float = 60.0


@dataclass
class Contact:
    """A destination that a run asked for; bytes are from and to it."""

    host: str
    port: int
    allowed: bool
    bytes_in: int = 0
    bytes_out: int = 0
    reason: str | None = None


class CapReached(Exception):
    """The run has used all the traffic that it may."""


class Denied(Exception):
    """A request that is answered with this status and reason; it has been noted."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class NetworkSession:
    """A run while it may use the network; its token is worth nothing afterwards."""

    def __init__(
        self, destinations: Destinations, credentials: Sequence[Credential], caps: Caps
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.destinations = destinations
        self.handles = Handles(credentials)
        self.caps = caps
        self.tasks: set[asyncio.Task[None]] = set()
        self._contacts: dict[tuple[str, int, bool, str | None], Contact] = {}
        self._in = self._out = 0
        self._connections = 0

    def check(self, host: str, port: int) -> None:
        """Raise Denied unless the run may connect there and has traffic left."""
        if not self.destinations.allow(host, port):
            raise self.deny(host, port, "it is not on the step's list of destinations")
        reason = self._spent()
        if reason is not None:
            raise self.deny(host, port, reason, 429)

    async def reach(
        self, dialler: Dialler, host: str, port: int, *, tls: bool = False
    ) -> tuple[Streams, Contact]:
        """Connect to a destination that was checked; raises Denied."""
        try:
            streams = await dialler.dial(host, port, tls=tls)
        except Refused as error:
            raise self.deny(host, port, f"it is {error}") from error
        except Unreachable as error:
            raise self.deny(host, port, str(error), 502) from error
        return streams, self.contact(host, port)

    def deny(self, host: str, port: int, reason: str, status: int = 403) -> Denied:
        """Note a refusal and return what says so."""
        self.contact(host, port, reason)
        return Denied(status, f"{host}:{port} is not reached: {reason}")

    def contact(self, host: str, port: int, reason: str | None = None) -> Contact:
        """Note a destination as reached, or, with a reason, as refused."""
        key = (host, port, reason is None, reason)
        found = self._contacts.get(key)
        if found is None:
            found = Contact(host[:255], port, reason is None, reason=reason)
            if len(self._contacts) < _MOST_HOSTS:
                self._contacts[key] = found
        return found

    def received(self, contact: Contact, count: int) -> None:
        """Count bytes towards the sandbox; raises CapReached."""
        contact.bytes_in += count
        self._in += count
        if self._in > self.caps.bytes_in:
            contact.reason = f"cut off after {self.caps.bytes_in} bytes in"
            raise CapReached

    def sent(self, contact: Contact, count: int) -> None:
        """Count bytes from the sandbox; raises CapReached."""
        contact.bytes_out += count
        self._out += count
        if self._out > self.caps.bytes_out:
            contact.reason = f"cut off after {self.caps.bytes_out} bytes out"
            raise CapReached

    def report(self) -> list[dict[str, Any]]:
        """Return the destinations in the order they were first asked for."""
        return [asdict(contact) for contact in self._contacts.values()]

    def _spent(self) -> str | None:
        self._connections += 1
        if self._connections > self.caps.connections:
            return f"the run has made {self.caps.connections} connections already"
        if len(self.tasks) > self.caps.at_once:
            return f"the run has {self.caps.at_once} connections open"
        if self._in >= self.caps.bytes_in or self._out >= self.caps.bytes_out:
            return "the run has used all of its traffic"
        return None
