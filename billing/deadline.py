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

from billing.failures import StripeUnavailable

PERSON_S = 8.0
"""For all calls of one request; with everything around them nobody waits for 10 seconds."""
CALL_S = 20.0
"""For one call of a job's: nobody waits for it."""
PERSONS_AT_ONCE = 12
"""Far fewer than there are threads for requests (40)."""


class Deadline:
    """One request's deadline, and its slot among those who may ask at the same time."""

    def __init__(self, within_s: float) -> None:
        self._ends_at = time.monotonic() + within_s
        self._has_slot = False

    def left_s(self) -> float:
        """Seconds until the deadline, never below zero."""
        return max(0.0, self._ends_at - time.monotonic())

    def take_slot(self) -> None:
        """Ask for the first time; raises StripeUnavailable where too many are waiting already."""
        if self._has_slot:
            return
        if not _slots.acquire(blocking=False):
            raise StripeUnavailable(
                "Too many are waiting for Stripe already; nothing was changed. Try again in a"
                " minute."
            )
        self._has_slot = True

    def release_slot(self) -> None:
        """Have done with asking."""
        if self._has_slot:
            self._has_slot = False
            _slots.release()


_slots = threading.BoundedSemaphore(PERSONS_AT_ONCE)
_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def of_a_person() -> Iterator[None]:
    """What is asked of Stripe within the block is asked by somebody who waits for it."""
    deadline = Deadline(PERSON_S)
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)
        deadline.release_slot()


def left_s(most_s: float = CALL_S) -> float:
    """How long the next call may take, at most ``most_s``; raises StripeUnavailable where none may.

    Whoever waits for another's call asks this, too: waiting takes a thread as well.
    """
    deadline = _current.get()
    if deadline is None:
        return most_s
    deadline.take_slot()
    left = deadline.left_s()
    if not left:
        raise StripeUnavailable
    return min(left, most_s)
