"""What a workflow is likely to use, before it is published."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import Connection, text

from billing.accounts.statuses import DAY_S
from billing.limits.entitlements import Entitlements
from billing.usage.ledger import used_in
from billing.usage.periods import THIRTY_DAYS_S

HISTORY = text(
    "SELECT meter, sum(quantity) AS quantity, min(hour) AS first FROM usage_hours"
    " WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND hour >= :since"
    " AND meter IN ('executions','steps') GROUP BY meter"
)
OTHERS = text(
    "SELECT coalesce(sum(quantity), 0) AS quantity, min(hour) AS first FROM usage_hours"
    " WHERE workspace_id = :workspace_id AND workflow_id <> :workflow_id AND hour >= :since"
    " AND meter = 'executions'"
)


@dataclass(frozen=True)
class Estimate:
    """Executions of a month, and when the plan's limit is reached with them; None: not."""

    executions_per_month: int
    others_per_month: int
    steps_per_execution: float | None
    based_on: int
    reached_at: float | None

    def overage_amount(self, held: Entitlements, currency: str) -> int | None:
        """What the executions beyond the plan cost a month; None where they cannot be paid."""
        included = held.limit("executions")
        price = held.plan.overage.get("executions", {}).get(currency)
        if included is None or price is None or held.at_limit.get("executions") != "overage":
            return None
        beyond = max(0, self.executions_per_month + self.others_per_month - included)
        return int((Decimal(beyond) * price).quantize(Decimal(1), ROUND_HALF_UP))


def estimate(
    connection: Connection, held: Entitlements, workflow_id: str, scheduled: int, now: float
) -> Estimate:
    """Estimate from the last thirty days; ``scheduled`` starts a month are the least."""
    values = {
        "workspace_id": held.workspace_id,
        "workflow_id": workflow_id,
        "since": int(now - THIRTY_DAYS_S),
    }
    history = {row.meter: row for row in connection.execute(HISTORY, values)}
    others = connection.execute(OTHERS, values).one()
    executions = history.get("executions")
    based_on = int(executions.quantity) if executions else 0
    steps = int(history["steps"].quantity) if "steps" in history else 0
    own = _monthly(based_on, executions.first if executions else None, now)
    expected = max(own, scheduled)
    around = _monthly(int(others.quantity), others.first, now)
    return Estimate(
        executions_per_month=expected,
        others_per_month=around,
        steps_per_execution=round(steps / based_on, 1) if based_on else None,
        based_on=based_on,
        reached_at=_reached(connection, held, expected + around, now),
    )


def _monthly(quantity: int, first: int | None, now: float) -> int:
    """The pace since the first usage, at least over a day, for thirty days."""
    if first is None:
        return 0
    return round(quantity * THIRTY_DAYS_S / max(now - first, DAY_S))


def _reached(
    connection: Connection, held: Entitlements, per_month: int, now: float
) -> float | None:
    ceiling = held.ceiling("executions")
    if ceiling is None or not per_month:
        return None
    used = used_in(connection, held.workspace_id, "executions", held.period)
    moment = now + max(0, ceiling - used) * THIRTY_DAYS_S / per_month
    return moment if moment < held.period.end else None
