"""Calls of the API by programs: counted in the process, written down every few seconds.

What a process counted since is lost when it is killed, in favour of who called; a limit is noticed
with the next writing.
"""

from __future__ import annotations

import threading
from collections import Counter

from billing.limits.admission import PlanMeter
from billing.limits.entitlements import entitlements_of
from billing.usage.ledger import record, used_in
from layers.clock import Clock
from layers.database import Database
from layers.engine.metering import LimitExceeded, Usage
from layers.ids import new_id
from layers.settings import BillingMode, Settings

METER = "api_calls"


class ApiCalls:
    """The calls of one process."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings.billing
        self._meter = PlanMeter(settings.billing, settings.server.public_url)
        self._counts: Counter[str] = Counter()
        self._full: dict[str, LimitExceeded] = {}
        self._lock = threading.Lock()
        self._counts_any = settings.billing.mode is not BillingMode.OFF

    def count(self, workspace_id: str) -> None:
        """Count one call; raises LimitReached where the plan has no more."""
        if not self._counts_any:
            return
        full = self._full.get(workspace_id)
        if full is not None:
            if full.resets_at is None or self._clock.now() < full.resets_at:
                raise full.error()
            del self._full[workspace_id]
        with self._lock:
            self._counts[workspace_id] += 1

    def write(self) -> int:
        """Write down what was counted, and look which limits are reached; returns how many."""
        with self._lock:
            counted, self._counts = self._counts, Counter()
        # Also those that were full: a larger plan lets them in again.
        concerned = sorted(set(counted) | set(self._full))
        if not concerned:
            return 0
        now = self._clock.now()
        batch = new_id()
        usages = [
            Usage(workspace_id, METER, f"api:{batch}", number, now)
            for workspace_id, number in sorted(counted.items())
        ]
        with self._database.writing() as connection:
            if usages:
                record(connection, usages, now)
            for workspace_id in concerned:
                held = entitlements_of(connection, self._settings, workspace_id, now)
                ceiling = held.ceiling(METER)
                used = used_in(connection, workspace_id, METER, held.period)
                if ceiling is not None and used >= ceiling:
                    self._full[workspace_id] = self._meter.reached(held, METER, used)
                else:
                    self._full.pop(workspace_id, None)
        return sum(counted.values())
