"""Whom there may be something to tell: found for all workspaces at once.

It errs on the side of looking: what is told, and of which month, is decided for each one alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice

from sqlalchemy import BigInteger, Connection, Text, column, func, select, table, text, values

from billing.accounts.statuses import DAY_S
from billing.alerts.usage_alerts import LEAST_UNUSUAL, SHARES, TIMES_USUAL
from billing.limits.entitlements import Entitlements
from billing.usage.ledger import HOUR_S
from billing.usage.meters import COUNTED_LIMITS, METERS_OF

AT_ONCE = 500
"""So many workspaces are asked about in one statement."""
OPEN = text(
    "SELECT DISTINCT workspace_id FROM billing_alerts WHERE resolved_at IS NULL"
    " AND kind IN ('usage', 'unusual_spend', 'credits')"
)
CREDITS = text("SELECT DISTINCT workspace_id FROM credit_grants")
COUNTERS = text(
    "SELECT workspace_id, limit_name, period_start, used FROM usage_counters"
    " WHERE period_start <= :now AND period_end > :now"
)
UNUSUAL = text(
    "SELECT workspace_id FROM usage_hours WHERE meter = 'executions' AND hour > :week_before"
    " GROUP BY workspace_id"
    " HAVING sum(CASE WHEN hour > :day_before THEN quantity ELSE 0 END) >= :least"
    " AND sum(CASE WHEN hour > :day_before THEN 0 ELSE quantity END) > 0"
    " AND sum(CASE WHEN hour > :day_before THEN quantity ELSE 0 END) * 7"
    " >= sum(CASE WHEN hour > :day_before THEN 0 ELSE quantity END) * :times"
)
HOURS = table(
    "usage_hours", column("workspace_id"), column("meter"), column("hour"), column("quantity")
)
LIMIT_OF = {meter: limit for limit, meters in METERS_OF.items() for meter in meters}
_Key = tuple[str, str]


def concerned(connection: Connection, granted: Mapping[str, Entitlements], now: float) -> set[str]:
    """The workspaces of ``granted`` of which something was told, or may have to be."""
    found: set[str] = set()
    for statement in (OPEN, CREDITS):
        found.update(connection.scalars(statement))
    ceilings = {
        (workspace_id, limit): ceiling
        for workspace_id, held in granted.items()
        for limit in COUNTED_LIMITS
        if (ceiling := held.ceiling(limit)) is not None
    }
    moments = {"day_before": now - DAY_S, "week_before": now - 8 * DAY_S}
    unusual = {**moments, "least": LEAST_UNUSUAL, "times": TIMES_USUAL}
    bounded = {workspace_id for workspace_id, _limit in ceilings}
    found |= bounded.intersection(connection.scalars(UNUSUAL, unusual))
    used = _counted(connection, granted, now)
    used |= _by_hours(connection, granted, iter(sorted(ceilings.keys() - used.keys())))
    for (workspace_id, limit), number in used.items():
        ceiling = ceilings.get((workspace_id, limit))
        if ceiling and number * 100 >= ceiling * SHARES[0]:
            found.add(workspace_id)
    return found & granted.keys()


def _counted(
    connection: Connection, granted: Mapping[str, Entitlements], now: float
) -> dict[_Key, int]:
    """What counters say of the month of usage that is now."""
    return {
        (row.workspace_id, row.limit_name): row.used
        for row in connection.execute(COUNTERS, {"now": now})
        if row.workspace_id in granted
        and granted[row.workspace_id].period.start == row.period_start
    }


def _by_hours(
    connection: Connection, granted: Mapping[str, Entitlements], keys: Iterator[_Key]
) -> dict[_Key, int]:
    """What was used of limits for which nobody keeps a counter; hours are near enough, and more."""
    found: dict[_Key, int] = defaultdict(int)
    wanted = values(
        column("owner", Text), column("meter", Text), column("start", BigInteger), name="wanted"
    )
    while some := list(islice(keys, AT_ONCE)):
        rows = [
            (workspace_id, meter, int(granted[workspace_id].period.start // HOUR_S) * HOUR_S)
            for workspace_id, limit in some
            for meter in METERS_OF[limit]
        ]
        each = wanted.data(rows).cte("wanted")
        query = (
            select(HOURS.c.workspace_id, HOURS.c.meter, func.sum(HOURS.c.quantity))
            .select_from(each)
            .join(
                HOURS,
                (HOURS.c.workspace_id == each.c.owner)
                & (HOURS.c.meter == each.c.meter)
                & (HOURS.c.hour >= each.c.start),
            )
            .group_by(HOURS.c.workspace_id, HOURS.c.meter)
        )
        for workspace_id, meter, quantity in connection.execute(query):
            found[workspace_id, LIMIT_OF[meter]] += int(quantity)
    return found
