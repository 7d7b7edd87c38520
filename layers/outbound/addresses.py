"""What an IP address is for, judged by the registries and not by ``ipaddress.is_global``.

That property calls NAT64, 6to4 and IPv4-compatible addresses global although they lead to
private IPv4 ones.
"""

from __future__ import annotations

import re
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# The IANA special-purpose registries of both families, with multicast, the IETF's reserved
# blocks and the addresses at which clouds hand out credentials. The first match names it.
_IPV4 = [
    ("0.0.0.0/8", "an unspecified address"),
    ("127.0.0.0/8", "a loopback address"),
    ("169.254.0.0/16", "a link-local address, where clouds keep their metadata"),
    ("168.63.129.16/32", "a cloud's metadata address"),
    ("10.0.0.0/8", "a private address"),
    ("172.16.0.0/12", "a private address"),
    ("192.168.0.0/16", "a private address"),
    ("100.64.0.0/10", "a carrier's shared address"),
    ("192.0.0.0/24", "a protocol's reserved address"),
    ("192.0.2.0/24", "a documentation address"),
    ("198.51.100.0/24", "a documentation address"),
    ("203.0.113.0/24", "a documentation address"),
    ("192.88.99.0/24", "a 6to4 relay address"),
    ("198.18.0.0/15", "a benchmark address"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved address"),
]
_IPV6 = [
    ("::/128", "an unspecified address"),
    ("::1/128", "a loopback address"),
    ("::ffff:0:0/96", "an IPv4 address in IPv6 form"),
    ("::/96", "an IPv4 address in IPv6 form"),
    ("64:ff9b::/96", "a translated IPv4 address (NAT64)"),
    ("64:ff9b:1::/48", "a translated IPv4 address (NAT64)"),
    ("fc00::/7", "a private address"),
    ("fe80::/10", "a link-local address"),
    ("ff00::/8", "a multicast address"),
    ("2001::/32", "a tunnelled IPv4 address (Teredo)"),
    ("2001::/23", "a protocol's reserved address"),
    ("2001:db8::/32", "a documentation address"),
    ("2002::/16", "a tunnelled IPv4 address (6to4)"),
    ("3fff::/20", "a documentation address"),
]
_UNICAST = IPv6Network("2000::/3")
# An interface identifier of ISATAP (RFC 5214 section 6.1) holds an IPv4 address to tunnel to.
_ISATAP = {0x00005EFE, 0x02005EFE}
_PART = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


def _table(rows: list[tuple[str, str]]) -> tuple[tuple[Network, str], ...]:
    return tuple((ip_network(block), name) for block, name in rows)


_SPECIAL = {4: _table(_IPV4), 6: _table(_IPV6)}


def special_use(address: Address) -> str | None:
    """Say what an address is that no one on the public internet has; None for a public one."""
    for network, name in _SPECIAL[address.version]:
        if address in network:
            return name
    if isinstance(address, IPv4Address):
        return None
    if address not in _UNICAST:
        return "a reserved address"
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return "a tunnelled IPv4 address (ISATAP)"
    return None


def literal(host: str) -> Address | None:
    """Return the address that a URL's host spells out, or None if it is a name.

    Every spelling that some resolver understands counts: ``127.1``, ``0x7f.1``, ``2130706433``,
    ``0177.0.0.1`` (as in the WHATWG URL standard). Raises ValueError for a host that ends in a
    number but is no address.
    """
    if ":" in host:
        if "%" in host:
            raise ValueError("an address with a zone leads to this machine's own networks")
        return ip_address(host)
    parts = host.removesuffix(".").split(".")
    if not _PART.fullmatch(parts[-1]):
        return None
    if len(parts) > 4 or not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"'{host}' ends in a number but is no IP address")
    *leading, last = [_number(part) for part in parts]
    if any(number > 255 for number in leading) or last >= 256 ** (5 - len(parts)):
        raise ValueError(f"'{host}' is not an IP address")
    value = last
    for position, number in enumerate(leading):
        value += number << 8 * (3 - position)
    return IPv4Address(value)


def _number(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    if len(part) > 1 and part[0] == "0":
        if "8" in part or "9" in part:
            raise ValueError(f"'{part}' begins as an octal number of an IP address but is none")
        return int(part, 8)
    # Twelve digits are past any address already; int() takes long over many more.
    return int(part[:12])
