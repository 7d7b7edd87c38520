"""Which addresses may be connected to: the public ones, and those that the instance names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_network

from layers.errors import SetupError
from layers.node_error import NodeError
from layers.outbound.addresses import Address, Network, literal, special_use

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_SERVICE = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True)
class AddressPolicy:
    """Decides whether an address may be connected to. Public ones may, others must be allowed.

    ``allowed`` holds the entries of TREADLE_ALLOW_PRIVATE_NETWORK: ``10.1.0.0/16``, ``10.1.2.3``,
    ``10.1.2.3:5432``, ``[fd00::7]:443``, ``db.internal``, ``db.internal:5432``. Raises SetupError
    for an entry that is none of these.
    """

    allowed: Sequence[str] = ()
    _networks: tuple[tuple[Network, int | None], ...] = field(init=False, repr=False)
    _names: frozenset[tuple[str, int | None]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        networks: list[tuple[Network, int | None]] = []
        names: set[tuple[str, int | None]] = set()
        for entry in filter(None, (entry.strip().lower() for entry in self.allowed)):
            what, port = _parse(entry)
            if isinstance(what, str):
                names.add((what, port))
            else:
                networks.append((what, port))
        object.__setattr__(self, "_networks", tuple(networks))
        object.__setattr__(self, "_names", frozenset(names))

    def permits(self, host: str, port: int, address: Address) -> bool:
        """Say whether a connection may go to this address, which ``host`` resolved to."""
        if special_use(address) is None:
            return True
        name = host.lower().rstrip(".")
        if (name, None) in self._names or (name, port) in self._names:
            return True
        return any(
            address.version == network.version and address in network and only in (None, port)
            for network, only in self._networks
        )

    def check(self, host: str, port: int, address: Address) -> None:
        """Raise NodeError (``refused_address``) unless the address may be connected to."""
        if not self.permits(host, port, address):
            raise refusal(host, special_use(address) or "not allowed")


def refusal(host: str, reason: str) -> NodeError:
    """The error for a host that may not be reached; it does not tell the address."""
    return NodeError(
        f"Treadle does not connect to '{host}': it is {reason}. If that is wanted, the "
        "administrator can name it in TREADLE_ALLOW_PRIVATE_NETWORK.",
        kind="refused_address",
    )


def _parse(entry: str) -> tuple[Network | str, int | None]:
    """Split an entry into what it names and the port, if it names one."""
    try:
        return ip_network(entry), None
    except ValueError:
        pass
    match = _SERVICE.fullmatch(entry)
    if match is None or not 0 < int(match["port"] or 1) < 65536:
        raise _bad_entry(entry)
    port = int(match["port"]) if match["port"] else None
    try:
        return _named(match["six"], (match["host"] or "").rstrip(".")), port
    except ValueError as error:
        raise _bad_entry(entry) from error


def _named(six: str | None, host: str) -> Network | str:
    if six is not None:
        return ip_network(IPv6Address(six))
    if not _NAME.fullmatch(host):
        raise ValueError("not a host name")
    return host if literal(host) is None else ip_network(IPv4Address(host))


def _bad_entry(entry: str) -> SetupError:
    return SetupError(
        f"TREADLE_ALLOW_PRIVATE_NETWORK: '{entry}' is no host, address or network. Write for "
        "example 'db.internal', 'db.internal:5432', '10.1.2.3', '[fd00::7]:443' or '10.1.0.0/16'."
    )
