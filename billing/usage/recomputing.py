"""Everything that is derived from the ledger, computed from it anew and put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from billing.usage.ledger import recount, set_counter
from billing.usage.periods import Period
from billing.usage.reports import differences, recomputed
from layers.database import Database

COUNTERS = text(
    "SELECT limit_name, period_start, period_end, used FROM usage_counters"
    " WHERE workspace_id = :workspace_id AND period_start < :end AND period_end > :start"
    " ORDER BY limit_name, period_start"
)


@dataclass(frozen=True)
class Recomputed:
    """What the ledger says by meter, and how many derived sums had to be put right."""

    totals: dict[str, int]
    mended: int


def recompute(database: Database, workspace_id: str, period: Period) -> Recomputed:
    """Compute a workspace's usage in a period from the ledger alone, and mend what differs."""
    values: dict[str, Any] = {"workspace_id": workspace_id, "start": period.start}
    values["end"] = period.end
    with database.writing() as connection:
        wrong = differences(connection, workspace_id, period)
        recount(connection, [(workspace_id, *key) for key in wrong], ())
        mended = len(wrong)
        for row in connection.execute(COUNTERS, values).all():
            counted = Period(row.period_start, row.period_end)
            if set_counter(connection, workspace_id, row.limit_name, counted) != row.used:
                mended += 1
        return Recomputed(recomputed(connection, workspace_id, period), mended)
