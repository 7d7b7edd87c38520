"""Invoices of all workspaces, for who runs the instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from layers.errors import NotFound

MOST = 50
FIND = text(
    "SELECT i.*, w.name AS workspace_name FROM invoices i JOIN workspaces w"
    " ON w.id = i.workspace_id WHERE :query = '' OR i.id = :query OR w.id = :query"
    " OR lower(i.number) LIKE :part ESCAPE '!' OR lower(w.name) LIKE :part ESCAPE '!'"
    " ORDER BY i.created_at DESC, length(i.number) DESC, i.number DESC LIMIT :most"
)
ONE = text(
    "SELECT i.*, w.name AS workspace_name FROM invoices i JOIN workspaces w"
    " ON w.id = i.workspace_id WHERE i.id = :id"
)


def find_invoices(connection: Connection, query: str) -> Sequence[Row[Any]]:
    """The newest invoices whose number, or workspace's name, has a text in it, or of an id."""
    wanted = query.strip()
    part = wanted.lower()
    for special in "!%_":
        part = part.replace(special, f"!{special}")
    values = {"query": wanted, "part": f"%{part}%", "most": MOST}
    return connection.execute(FIND, values).all()


def found_invoice(connection: Connection, invoice_id: str) -> Row[Any]:
    """One invoice with ``workspace_name``; raises NotFound."""
    found = connection.execute(ONE, {"id": invoice_id}).one_or_none()
    if found is None:
        raise NotFound("There is no invoice with that id.")
    return found
