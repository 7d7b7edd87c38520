"""How often one may try to sign in."""

from __future__ import annotations

import hashlib

from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.login_attempts import (
    count_attempt,
    forget_attempts,
    take_back_attempt,
)
from layers.errors import TooManyRequests

WINDOW_S = 15 * 60.0
PER_ACCOUNT = 10
PER_ADDRESS = 100


class LoginLimits:
    """Counts before the password is looked at, so that what cannot be counted is not tried."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def admit(self, email: str, address: str) -> None:
        """Count an attempt on an account from an address; raises TooManyRequests."""
        now = self._clock.now()
        with self._database.write() as session:
            counted = [
                (count_attempt(session, _account(email), now, WINDOW_S), PER_ACCOUNT),
                (count_attempt(session, _address(address), now, WINDOW_S), PER_ADDRESS),
            ]
        waits = [
            started + WINDOW_S - now for (failures, started), limit in counted if failures > limit
        ]
        if waits:
            raise TooManyRequests(
                "Too many attempts to sign in; wait and try again.", retry_after=max(1.0, *waits)
            )

    def forgive(self, email: str, address: str) -> None:
        """Take the attempt back after it succeeded."""
        with self._database.write() as session:
            forget_attempts(session, _account(email))
            take_back_attempt(session, _address(address))


def _account(email: str) -> str:
    return "account:" + hashlib.sha256(email.encode()).hexdigest()


def _address(address: str) -> str:
    return "address:" + address
