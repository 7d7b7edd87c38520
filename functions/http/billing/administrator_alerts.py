"""What the administrator of the instance was told about billing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request
from sqlalchemy import Row

from billing.alerts.administrator import (
    KINDS,
    administrator_alerts,
    dismiss_administrator_alert,
)
from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Identifier, Listing, Moment, Out, PathId, moment
from layers.clock import rfc3339
from layers.errors import NotAllowed, NotFound
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("instance", "/instance/alerts")


class AdministratorAlertOut(Out):
    """One alert: what happened, what to do about it, and the facts in `detail`."""

    id: Identifier
    kind: str
    title: str
    remedy: str
    level: Literal["info", "warning", "error"]
    detail: dict[str, Any]
    created_at: Moment
    dismissed_at: Moment | None

    @classmethod
    def of(cls, row: Row[Any]) -> AdministratorAlertOut:
        """A row as it goes out."""
        words = KINDS[row.kind]
        return cls(
            id=row.id,
            kind=row.kind,
            title=words.title,
            remedy=words.remedy,
            level=row.level,
            detail=loads(row.detail),
            created_at=moment(row.created_at),
            dismissed_at=rfc3339(row.dismissed_at),
        )


@router.get("")
def list_administrator_alerts(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> Listing[AdministratorAlertOut]:
    """List the newest hundred alerts about billing; only for the administrator."""
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may do that.")
    with parts_of(request).database.reading() as connection:
        rows = administrator_alerts(connection)
    return Listing(items=[AdministratorAlertOut.of(row) for row in rows], next_cursor=None)


@router.post("/{alert_id}/dismiss", status_code=204)
def dismiss_administrators_alert(
    alert_id: PathId, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> None:
    """Take an alert out of sight, for every administrator; only for the administrator."""
    if not caller.is_administrator:
        raise NotFound("There is no alert with that id.")
    parts = parts_of(request)
    with parts.database.writing() as connection:
        dismiss_administrator_alert(connection, alert_id, parts.clock.now())
