"""What the workspace was told about its plan and its payments."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field

from billing.alerts.alert_list import alerts_of, dismiss
from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Identifier, Listing, Moment, Out, PathId, moment
from layers.clock import rfc3339
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("billing", "/billing/alerts")


class AlertOut(Out):
    """One alert; `detail` holds what its text needs, by its kind."""

    id: Identifier
    kind: str
    level: Literal["info", "warning", "error"]
    detail: dict[str, Any]
    created_at: Moment
    dismissed_at: Moment | None
    resolved_at: Moment | None = Field(description="Since when that is no longer so.")


@router.get("")
def list_alerts(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> Listing[AlertOut]:
    """List a hundred alerts, those that are still so first, then the newest first."""
    with parts_of(request).database.reading() as connection:
        rows = alerts_of(connection, caller.workspace_id)
    items = [
        AlertOut(
            id=row.id,
            kind=row.kind,
            level=row.level,
            detail=loads(row.detail),
            created_at=moment(row.created_at),
            dismissed_at=rfc3339(row.dismissed_at),
            resolved_at=rfc3339(row.resolved_at),
        )
        for row in rows
    ]
    return Listing(items=items, next_cursor=None)


@router.post("/{alert_id}/dismiss", status_code=204)
def dismiss_alert(
    alert_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_READ)],
) -> None:
    """Take an alert out of sight."""
    parts = parts_of(request)
    with parts.database.writing() as connection:
        dismiss(connection, caller.workspace_id, alert_id, parts.clock.now())
