"""Everything that is derived from the ledger, computed from it anew and put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from billing.ledger import SET_COUNTER, recount, sum_of
from billing.meters import METERS_OF
from billing.periods import Period
from billing.usage import differences, recomputed
from layers.database import Database

COUNTERS = text(
    "SELECT limit_name, period_start, period_end, used FROM usage_counters"
    " WHERE workspace_id = :workspace_id AND period_start < :end AND period_end > :start"
    " ORDER BY limit_name, period_start"
)
WORKSPACES = text("SELECT id FROM workspaces ORDER BY id")


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
            used = sum_of(connection, workspace_id, METERS_OF[row.limit_name], counted)
            if used != row.used:
                mended += 1
                connection.execute(
                    SET_COUNTER,
                    {
                        "workspace_id": workspace_id,
                        "limit_name": row.limit_name,
                        "start": row.period_start,
                        "used": used,
                    },
                )
        return Recomputed(recomputed(connection, workspace_id, period), mended)


def all_workspaces(database: Database) -> list[str]:
    """The ids of all workspaces."""
    with database.reading() as connection:
        return [row.id for row in connection.execute(WORKSPACES)]
