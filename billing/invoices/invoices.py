"""The invoices of a workspace, as Stripe gave them last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.usage.meters import METERS_OF
from layers.errors import NotFound

# A draft has no number and may still change: it is nothing to show, and nothing to pay. Those of
# one second stand in the order of their numbers: ids are random, and 10000 comes after 9999.
LIST = text(
    "SELECT * FROM invoices WHERE workspace_id = :workspace_id AND status <> 'draft'"
    " ORDER BY created_at DESC, length(number) DESC, number DESC LIMIT 500"
)
ONE = text(
    "SELECT * FROM invoices WHERE workspace_id = :workspace_id AND id = :id AND status <> 'draft'"
)
PAYER = text("SELECT workspace_id FROM invoices WHERE id = :id")
BEHIND = text(
    "SELECT l.workflow_id, w.name, sum(l.quantity) AS quantity, count(*) AS number"
    " FROM usage_ledger l LEFT JOIN workflows w"
    " ON w.id = l.workflow_id AND w.workspace_id = l.workspace_id"
    " WHERE l.workspace_id = :workspace_id AND l.occurred_at >= :start AND l.occurred_at < :end"
    " AND l.meter IN (:first, :second) GROUP BY l.workflow_id, w.name ORDER BY 3 DESC LIMIT 50"
)
BEYOND = text(
    "SELECT l.workflow_id, w.name, sum(o.quantity) AS quantity, count(*) AS number"
    " FROM usage_overage o JOIN usage_ledger l ON l.workspace_id = o.workspace_id"
    " AND l.meter = o.meter AND l.source_id = o.source_id LEFT JOIN workflows w"
    " ON w.id = l.workflow_id AND w.workspace_id = l.workspace_id"
    " WHERE o.workspace_id = :workspace_id AND o.limit_name = :limit"
    " AND o.month_start >= :start AND o.month_start < :start + 1"
    " GROUP BY l.workflow_id, w.name ORDER BY 3 DESC LIMIT 50"
)


def invoices_of(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """All invoices, the newest first."""
    return connection.execute(LIST, {"workspace_id": workspace_id}).all()


def invoice_of(connection: Connection, workspace_id: str, invoice_id: str) -> Row[Any]:
    """One invoice; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": invoice_id}
    found = connection.execute(ONE, values).one_or_none()
    if found is None:
        raise NotFound
    return found


def payer_of(connection: Connection, invoice_id: str) -> str:
    """The workspace that an invoice is for; raises NotFound."""
    found: str | None = connection.execute(PAYER, {"id": invoice_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no invoice with that id.")
    return found


def usage_behind(
    connection: Connection, workspace_id: str, line: dict[str, Any]
) -> Sequence[Row[Any]]:
    """What a line of usage is made of, by workflow: ``workflow_id, name, quantity, number``.

    Of a month's overage it is what was admitted as that. A line of former times, when meters
    counted all usage, has all usage of its period behind it.
    """
    meters = METERS_OF.get(line["limit"] or "")
    if not meters:
        return []
    values = {"workspace_id": workspace_id, "start": line["period_start"], "limit": line["limit"]}
    found = connection.execute(BEYOND, values).all()
    if found:
        return found
    values |= {"end": line["period_end"], "first": meters[0], "second": meters[-1]}
    return connection.execute(BEHIND, values).all()


def usage_behind_each(
    connection: Connection, workspace_id: str, lines: Sequence[dict[str, Any]]
) -> list[Sequence[Row[Any]]]:
    """What each line of an invoice is made of; what two lines share stands behind the first."""
    told: set[tuple[Any, ...]] = set()
    found: list[Sequence[Row[Any]]] = []
    for line in lines:
        month = (line["limit"], line["period_start"], line["period_end"])
        found.append([] if month in told else usage_behind(connection, workspace_id, line))
        told.add(month)
    return found
