"""The row of a workspace's account, which is made where it is first needed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

ENSURE = text(
    "INSERT INTO billing_accounts (workspace_id, plan, trialed, cancel_at_period_end, wanted,"
    " synchronized, epoch, failures, created_at)"
    " SELECT id, 'free', :no, :no, 0, 0, 0, 0, :now FROM workspaces WHERE id = :workspace_id"
    " ON CONFLICT (workspace_id) DO NOTHING"
)
READ = text("SELECT * FROM billing_accounts WHERE workspace_id = :workspace_id")
WANT = text("UPDATE billing_accounts SET wanted = wanted + 1 WHERE workspace_id = :workspace_id")


def account_row(connection: Connection, workspace_id: str) -> Row[Any]:
    """The row; raises NoResultFound."""
    return connection.execute(READ, {"workspace_id": workspace_id}).one()


def find_account_row(connection: Connection, workspace_id: str) -> Row[Any] | None:
    """The row; None where the workspace has had nothing to do with money yet."""
    return connection.execute(READ, {"workspace_id": workspace_id}).one_or_none()


def want(connection: Connection, workspace_id: str) -> None:
    """Have the account read from Stripe again. The row is locked until the transaction ends."""
    connection.execute(WANT, {"workspace_id": workspace_id})


def ensure_account(connection: Connection, workspace_id: str, now: float) -> None:
    """Make the row, on the plan Free, where there is none yet."""
    values = {"workspace_id": workspace_id, "now": now, "no": False}
    connection.execute(ENSURE, values)
