"""Who may sign up here, and how many at a time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.throttles import Rate, admit, forget_rested
from layers.database.repositories.users import has_users
from layers.errors import NotAllowed, TooManyRequests
from layers.identity.login_limits import network_of
from layers.settings.accounts import AccountSettings, SignUp

HOUR_S = 3600.0
ALL = "sign-up"


class SignUpLimits:
    """Counts before a password is hashed, which is what an attempt costs most."""

    def __init__(self, database: Database, clock: Clock, settings: AccountSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    def admit(self, address: str, *, invited: bool) -> None:
        """Count an attempt; raises NotAllowed or TooManyRequests.

        ``invited`` says that it brings an invitation, which is looked at later.
        """
        now = self._clock.now()
        with self._database.write() as session:
            self._check_may(session, invited=invited)
            forget_rested(session, now)
            wait = self._wait(session, network_of(address), now)
        if wait:
            raise TooManyRequests(
                "Too many accounts are being made here; wait and try again.",
                retry_after=max(1.0, wait),
            )

    def _check_may(self, session: Session, *, invited: bool) -> None:
        mode = self._settings.sign_up
        if mode is SignUp.OPEN or (mode is SignUp.INVITED and invited):
            return
        if not has_users(session):
            # Somebody has to administer a new instance.
            return
        if mode is SignUp.INVITED:
            raise NotAllowed(
                "Accounts are for who was invited here: open the address of your invitation, or"
                " ask somebody who has an account for one."
            )
        raise NotAllowed("No accounts can be made here. Ask the administrator for one.")

    def _wait(self, session: Session, network: str, now: float) -> float:
        wait = 0.0
        for subject, most in (
            (f"{ALL}:{network}", self._settings.per_address),
            (ALL, self._settings.in_all),
        ):
            if most and not wait:
                wait = admit(session, subject, Rate(most, HOUR_S / most), now)
        return wait
