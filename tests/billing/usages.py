"""Usage as the product writes it down, in bulk."""

from __future__ import annotations

from typing import Any

from billing.usage.ledger import record
from layers.engine.metering import Usage
from tests.billing.shop import Shop


def use(
    shop: Shop, quantity: int, *, at: float | None = None, source: str = "", meter: str = ""
) -> None:
    """Write down one usage of ``quantity``: executions, of now, if nothing else is said."""
    moment = shop.clock.now() if at is None else at
    name = source or f"use:{moment}:{quantity}:{meter}"
    usage = Usage(shop.person.workspace_id, meter or "executions", name, quantity, moment)
    with shop.parts.database.writing() as connection:
        record(connection, [usage], shop.clock.now())


def agree(shop: Shop, cap: int, limit: str = "executions") -> Any:
    """Agree to pay for so much beyond a limit."""
    wish = {"at_limit": {limit: "overage"}, "overage_caps": {limit: cap}}
    return shop.call("PUT", "/billing/preferences", wish)


def overage(shop: Shop, limit: str = "executions") -> int:
    """How much was written down as overage; the rows and their sums say the same."""
    values = {"workspace_id": shop.person.workspace_id, "limit": limit}
    where = " WHERE workspace_id = :workspace_id AND limit_name = :limit"
    (rows,) = shop.rows(
        "SELECT coalesce(sum(quantity), 0) AS n FROM usage_overage" + where, **values
    )
    (sums,) = shop.rows(
        "SELECT coalesce(sum(quantity), 0) AS n FROM overage_totals" + where, **values
    )
    assert rows.n == sums.n
    return int(rows.n)
