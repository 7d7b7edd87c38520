"""How long whoever asks Stripe waits: a person 8 seconds for all calls of a request, a job longer.

A person's calls share one deadline, and only so many persons ask at the same time: so a Stripe
that hangs neither keeps anybody waiting nor uses up the threads that answer everybody else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from billing.failures import StripeAway

PERSON_S = 8.0
"""For all calls of one request; with everything around them nobody waits for 10 seconds."""
CALL_S = 20.0
"""For one call of a job's: nobody waits for it."""
PERSONS_AT_ONCE = 12
"""Far fewer than there are threads for requests (40)."""


class Patience:
    """One request's deadline, and its place among those who may ask at the same time."""

    def __init__(self, within_s: float) -> None:
        self._ends_at = time.monotonic() + within_s
        self._has_place = False

    def left_s(self) -> float:
        """Seconds until the deadline, never below zero."""
        return max(0.0, self._ends_at - time.monotonic())

    def take_place(self) -> None:
        """Ask for the first time; raises StripeAway where too many are waiting already."""
        if self._has_place:
            return
        if not _places.acquire(blocking=False):
            raise StripeAway(
                "Too many are waiting for Stripe already; nothing was changed. Try again in a"
                " minute."
            )
        self._has_place = True

    def give_place_back(self) -> None:
        """Have done with asking."""
        if self._has_place:
            self._has_place = False
            _places.release()


_places = threading.BoundedSemaphore(PERSONS_AT_ONCE)
_current: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def of_a_person() -> Iterator[None]:
    """What is asked of Stripe within the block is asked by somebody who waits for it."""
    patience = Patience(PERSON_S)
    token = _current.set(patience)
    try:
        yield
    finally:
        _current.reset(token)
        patience.give_place_back()


def left_s(most_s: float = CALL_S) -> float:
    """How long the next call may take, at most ``most_s``; raises StripeAway where none may.

    Whoever waits for another's call asks this, too: waiting takes a thread as well.
    """
    patience = _current.get()
    if patience is None:
        return most_s
    patience.take_place()
    left = patience.left_s()
    if not left:
        raise StripeAway
    return min(left, most_s)
