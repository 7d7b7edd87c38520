"""What a connection may take of the gateway before it is asked for anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from layers.errors import SetupError

PER_ADDRESS = "TREADLE_MAX_CONNECTIONS_PER_ADDRESS"
PROXIES = "FORWARDED_ALLOW_IPS"
ANYBODY = "*"


@dataclass(frozen=True)
class ConnectionSettings:
    """Bounds of one connection, and of those of one address. Sizes in bytes, times in seconds."""

    per_address: int = 256
    """Connections of one address at a time; 0 for any number. A trusted proxy has no such bound."""
    proxies: str = "127.0.0.1"
    """Whom ``X-Forwarded-For`` is believed from: addresses and networks, or ``*`` for anybody."""
    head_bytes: int = 64 * 1024
    headers: int = 200
    head_s: float = 10.0
    """For the head of a request, from its first byte; for the first byte of a connection, too."""
    idle_s: int = 30
    """Between two requests."""
    body_grace_s: float = 20.0
    """A body may take so long in any case, and beyond it a second for each ``body_rate`` bytes."""
    body_rate: int = 500
    unread_s: float = 60.0
    """For the other side to take something of an answer that waits for it."""

    def is_proxy(self, address: str) -> bool:
        """Whether connections from here may be of many people."""
        if self.proxies.strip() == ANYBODY:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    @cached_property
    def _networks(self) -> list[IPv4Network | IPv6Network]:
        return [
            ip_network(one.strip(), strict=False) for one in self.proxies.split(",") if one.strip()
        ]


def load_connections(env: Mapping[str, str]) -> ConnectionSettings:
    """Read the bounds; raises SetupError."""
    text = env.get(PER_ADDRESS, "").strip() or str(ConnectionSettings.per_address)
    if not text.isdecimal():
        raise SetupError(f"{PER_ADDRESS} must be a whole number, 0 for any, not {text!r}.")
    proxies = env.get(PROXIES, ConnectionSettings.proxies)
    found = ConnectionSettings(per_address=int(text), proxies=proxies)
    try:
        found.is_proxy("127.0.0.1")
    except ValueError as error:
        raise SetupError(
            f"{PROXIES} must be addresses or networks, separated by commas, or *: {error}."
        ) from error
    return found
