"""The row of a workspace's account, which is made where it is first needed."""

from __future__ import annotations

from sqlalchemy import Connection, text

ENSURE = text(
    "INSERT INTO billing_accounts (workspace_id, plan, trialed, cancel_at_period_end, wanted,"
    " synchronized, epoch, failures, created_at)"
    " SELECT id, 'free', :no, :no, 0, 0, 0, 0, :now FROM workspaces WHERE id = :workspace_id"
    " ON CONFLICT (workspace_id) DO NOTHING"
)


def ensure_account(connection: Connection, workspace_id: str, now: float) -> None:
    """Make the row, on the plan Free, where there is none yet."""
    values = {"workspace_id": workspace_id, "now": now, "no": False}
    connection.execute(ENSURE, values)
