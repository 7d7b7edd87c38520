"""The meter that the engine is given: counts, and holds starts to the plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection

from billing.limits.entitlements import Entitlements, entitlements_of
from billing.limits.remedies import reached
from billing.usage import reservations
from billing.usage.ledger import record, used_in
from billing.usage.meters import METERS_OF
from layers.engine.metering import (
    AI_COST,
    AI_INPUT_TOKENS,
    EXECUTIONS,
    SANDBOX_CPU,
    Admission,
    LimitExceeded,
    Meter,
    NoMeter,
    Reservation,
    Start,
    Usage,
)
from layers.settings import BillingMode, BillingSettings, Settings

RESERVED = frozenset({SANDBOX_CPU, AI_INPUT_TOKENS, AI_COST})
"""The meters whose usage steps reserve before."""


class PlanMeter:
    """Admits exactly as many executions as the plan has left, however many start at once.

    On SQLite writers take turns; on PostgreSQL the row of the counter is locked until the caller
    commits. An execution counts when it is admitted, in the transaction that makes it.
    """

    def __init__(self, settings: BillingSettings, public_url: str) -> None:
        self._settings = settings
        self._public_url = public_url

    def admit(self, connection: Connection, starts: Sequence[Start]) -> Sequence[Admission]:
        """Decide on each start, in order; see ``layers.engine.metering.Meter``."""
        left: dict[str, int | None] = {}
        used_before: dict[str, int] = {}
        holds: dict[str, bool] = {}
        granted: dict[str, Entitlements] = {}
        for workspace_id in sorted({start.workspace_id for start in starts}):
            now = max(start.now for start in starts if start.workspace_id == workspace_id)
            held = entitlements_of(connection, self._settings, workspace_id, now)
            granted[workspace_id] = held
            ceiling = held.ceiling(EXECUTIONS)
            if ceiling is None:
                left[workspace_id] = None
                continue
            used = used_in(connection, workspace_id, EXECUTIONS, held.period, lock=True)
            left[workspace_id] = max(0, ceiling - used)
            holds[workspace_id] = held.at_limit.get(EXECUTIONS) != "refuse"
            used_before[workspace_id] = used
        admitted: list[Usage] = []
        decisions: list[Admission] = []
        taken: dict[str, int] = defaultdict(int)
        for start in starts:
            room = left[start.workspace_id]
            if room is None or taken[start.workspace_id] < room:
                taken[start.workspace_id] += 1
                admitted.append(usage_of(start))
                decisions.append(Admission())
            elif start.may_wait and holds[start.workspace_id]:
                decisions.append(Admission(held_for=EXECUTIONS))
            else:
                # Those of this group that came before are used by now, too.
                used = used_before[start.workspace_id] + taken[start.workspace_id]
                refused = self.reached(granted[start.workspace_id], EXECUTIONS, used)
                decisions.append(Admission(refused=refused))
        if admitted:
            record(connection, admitted, max(one.occurred_at for one in admitted), granted)
        return decisions

    def record(self, connection: Connection, usages: Sequence[Usage]) -> None:
        """Write usages down; see ``layers.engine.metering.Meter``."""
        if not usages:
            return
        record(connection, usages, max(one.occurred_at for one in usages))
        reserved = [one.source_id for one in usages if one.meter in RESERVED]
        if reserved:
            reservations.settle_used(connection, reserved)

    def is_bounded(
        self, connection: Connection, workspace_id: str, workflow_id: str, limit_name: str
    ) -> bool:
        """Whether a plan can bound it or a budget does; see ``layers.engine.metering.Meter``."""
        return limit_name in METERS_OF or reservations.has_budgets(
            connection, workspace_id, workflow_id, limit_name
        )

    def reserve(self, connection: Connection, reservation: Reservation, now: float) -> None:
        """Keep room; raises LimitReached or BudgetReached."""
        reservations.reserve(connection, self._settings, self._public_url, reservation, now)

    def release(self, connection: Connection, reservation_id: str) -> None:
        """Give up a reservation."""
        reservations.release(connection, reservation_id)

    def bound(
        self, connection: Connection, workspace_id: str, limit_name: str, now: float
    ) -> int | None:
        """What the plan has of a limit; see ``layers.engine.metering.Meter``."""
        return entitlements_of(connection, self._settings, workspace_id, now).limit(limit_name)

    def reached(self, held: Entitlements, limit: str, used: int) -> LimitExceeded:
        """What is told of a limit that is reached."""
        return reached(held, limit, used, self._public_url)


def meter_of(settings: Settings) -> Meter:
    """What counts usage and holds starts to the plans; nothing where billing is off."""
    if settings.billing.mode is BillingMode.OFF:
        return NoMeter()
    return PlanMeter(settings.billing, settings.server.public_url)


def usage_of(start: Start) -> Usage:
    """What an execution that may run counts as."""
    return Usage(
        workspace_id=start.workspace_id,
        meter=EXECUTIONS,
        source_id=start.execution_id,
        quantity=1,
        occurred_at=start.now,
        workflow_id=start.workflow_id,
        execution_id=start.execution_id,
    )
