"""How often one may try to sign in, such that nobody can keep another one out."""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address

from sqlalchemy.orm import Session

from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.throttles import Rate, admit, forget, forget_rested, take_back
from layers.errors import TooManyRequests

PAIR = Rate(at_once=10, pause_s=10.0)
"""Attempts on one account from one address, or by one browser that signed in before."""
PAIR_UNDER_ATTACK = Rate(at_once=3, pause_s=10.0)
"""The same, while the account is tried from many addresses."""
ACCOUNT = Rate(at_once=100, pause_s=9.0)
"""Attempts on one account from wherever: beyond it the account is under attack."""
ADDRESS = Rate(at_once=100, pause_s=9.0)
"""Attempts from one address on whatever accounts."""
NETWORK_BITS = 64
"""How much of an IPv6 address tells people apart: the rest is their own choice (RFC 6177)."""


class LoginLimits:
    """Counts before the password is looked at, so that what cannot be counted is not tried.

    What others do on an account never refuses anybody: it makes the first attempts from a new
    address fewer. A browser that signed in before is counted by itself.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def admit(self, email: str, address: str, device: str = "") -> None:
        """Count an attempt on an account from an address; raises TooManyRequests.

        ``device`` names a browser that signed in to that account before.
        """
        now = self._clock.now()
        with self._database.write() as session:
            forget_rested(session, now)
            wait = self._wait(session, email, network_of(address), device, now)
        if wait:
            raise TooManyRequests(
                "Too many attempts to sign in; wait a few seconds and try again.",
                retry_after=max(1.0, wait),
            )

    def take_as_long(self) -> None:
        """Write something, as is done where there is such an account: time must not tell."""
        with self._database.write() as session:
            admit(session, "nobody", ADDRESS, self._clock.now())

    def forgive(self, email: str, address: str, device: str = "") -> None:
        """Take the attempt back after it succeeded."""
        network = network_of(address)
        with self._database.write() as session:
            if not device:
                take_back(session, _address(network), ADDRESS)
                take_back(session, _account(email), ACCOUNT)
            forget(session, _pair(email, device or network))

    def _wait(self, session: Session, email: str, network: str, device: str, now: float) -> float:
        if device:
            return admit(session, _pair(email, device), PAIR, now)
        wait = admit(session, _address(network), ADDRESS, now)
        if wait:
            return wait
        attacked = admit(session, _account(email), ACCOUNT, now) > 0
        rate = PAIR_UNDER_ATTACK if attacked else PAIR
        return admit(session, _pair(email, network), rate, now)


def network_of(address: str) -> str:
    """The address as far as it tells people apart; what is none stays as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


def _account(email: str) -> str:
    return "account:" + _digest(email)


def _address(network: str) -> str:
    return "address:" + network


def _pair(email: str, whence: str) -> str:
    return "pair:" + _digest(f"{email}\n{whence}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
