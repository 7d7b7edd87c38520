"""The gate that every connection goes through: names are looked up once, sockets checked again."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from layers.outbound.addresses import Address, special_use
from layers.outbound.policy import AddressPolicy
from layers.work import NAMES

Lookup = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host for a port, blocking; raises OSError if there is none."""


class AddressRefused(PermissionError):
    """An address that the policy does not allow; ``host`` and ``reason`` are for the author."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} is {reason}")
        self.host = host
        self.reason = reason


def system_lookup(host: str, port: int) -> list[str]:
    """Ask the machine's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Gate(AbstractResolver):
    """Resolver and socket maker in one: what it has not let through gets no socket."""

    def __init__(self, policy: AddressPolicy, lookup: Lookup = system_lookup) -> None:
        self._policy = policy
        self._lookup = lookup
        # Private addresses let through because of their host's name, which a socket cannot know.
        self._granted: set[tuple[Address, int]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the allowed ones of the host's addresses; raises AddressRefused if none is."""
        texts = await NAMES.run(self._lookup, host, port)
        addresses = [ip_address(text) for text in texts]
        allowed = [address for address in addresses if self._admit(host, port, address)]
        if not addresses:
            raise OSError(f"{host} has no address")
        if not allowed:
            raise AddressRefused(host, special_use(addresses[0]) or "not allowed")
        return [_result(host, port, address) for address in allowed]

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for a connection, the last chance to refuse it."""
        family, kind, protocol, _, target = info
        address, port = ip_address(target[0]), int(target[1])
        if (address, port) not in self._granted and not self._policy.permits(
            target[0], port, address
        ):
            raise AddressRefused(str(target[0]), special_use(address) or "not allowed")
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        """Nothing is kept open between two looks."""

    def _admit(self, host: str, port: int, address: Address) -> bool:
        if not self._policy.permits(host, port, address):
            return False
        if special_use(address) is not None:
            self._granted.add((address, port))
        return True


def _result(host: str, port: int, address: Address) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
