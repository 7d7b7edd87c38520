"""Every lease that a scheduler can have, given up at once."""

from __future__ import annotations

from sqlalchemy import Connection

from triggers import acquisition_claims, claims, listener_claims
from triggers.housekeeping import job_claims


def release_all(connection: Connection, beginning: str, now: float) -> None:
    """Give up all leases of owners whose name begins so: a dead predecessor in the same slot.

    Safe because of the epochs: what the predecessor still does is not stored any more.
    """
    for room in (claims, listener_claims, acquisition_claims, job_claims):
        room.release(connection, beginning, now)
