"""The audit log: read only, here as everywhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import StringConstraints

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import (
    PRINTABLE,
    Identifier,
    Instant,
    Listing,
    Moment,
    Out,
    Wanted,
    moment,
    next_cursor,
)
from layers.database.models import AuditEntry
from layers.database.repositories.audit_log import AuditFilter, AuditLog
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("audit log", "/audit-log")

Exact = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]


class AuditEntryOut(Out):
    """One entry; `hash` covers it and `previous_hash`, so that a change shows."""

    id: Identifier
    number: int
    at: Moment
    actor: str
    action: str
    target: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, row: AuditEntry) -> AuditEntryOut:
        """An entry as it goes out."""
        return cls(
            id=row.id,
            number=row.number,
            at=moment(row.at),
            actor=row.actor,
            action=row.action,
            target=row.target,
            detail=loads(row.detail),
            previous_hash=row.previous_hash,
            hash=row.hash,
        )


async def _filter(
    action: Annotated[
        Exact | None, Query(description="Exactly this action.", examples=["workflow.created"])
    ] = None,
    actor: Annotated[Exact | None, Query(description="Exactly this actor.")] = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> AuditFilter:
    return AuditFilter(
        action=action,
        actor=actor,
        since=since.timestamp() if since else None,
        until=until.timestamp() if until else None,
    )


@router.get("")
def list_audit_log(
    request: Request,
    caller: Annotated[Caller, require(Permission.AUDIT_READ)],
    wanted: Wanted,
    matching: Annotated[AuditFilter, Depends(_filter)],
) -> Listing[AuditEntryOut]:
    """List what happened in the workspace that matters for security."""
    with parts_of(request).database.read() as session:
        page = AuditLog(session, caller.workspace_id).filtered(matching, wanted)
    return Listing(
        items=[AuditEntryOut.of(row) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )
