"""Requests that webhooks did not take, counted where the workflow's owner sees them."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.triggers import Refused, add_refusals
from layers.errors import TreadleError

LONGEST_REASON = 300


@dataclass(slots=True)
class _Count:
    count: int = 0
    at: float = 0.0
    reason: str = ""


class Refusals:
    """Counts in memory; ``write`` adds to the rows, one for each trigger.

    A flood costs no writes of its own. What was counted since the last ``write`` is lost when the
    process is killed.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[str, _Count] = {}

    def note(self, trigger_id: str, error: TreadleError) -> None:
        """Count one request and keep its reason; nothing that the sender wrote as a secret."""
        with self._lock:
            one = self._counts.setdefault(trigger_id, _Count())
            one.count += 1
            one.at = self._clock.now()
            one.reason = _reason(error)

    def write(self) -> None:
        """Add what was counted to the triggers' rows; raises DBAPIError, and keeps it then."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        rows = [Refused(key, one.count, one.at, one.reason) for key, one in sorted(counts.items())]
        try:
            with self._database.writing() as connection:
                add_refusals(connection, rows)
        except BaseException:
            self._take_back(counts)
            raise

    def _take_back(self, counts: dict[str, _Count]) -> None:
        with self._lock:
            for key, one in counts.items():
                newer = self._counts.get(key)
                if newer is None:
                    self._counts[key] = one
                else:
                    newer.count += one.count


def _reason(error: TreadleError) -> str:
    said = [error.detail, *(one.message for one in error.errors[:1])]
    shown = f"{int(error.status)}: {' '.join(said)}"
    return "".join(letter if letter.isprintable() else " " for letter in shown)[:LONGEST_REASON]
