"""The audit log: read only, here as everywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_feature
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
from layers.database import Database
from layers.database.models import AuditEntry
from layers.database.repositories.audit_log import AuditFilter, AuditLog
from layers.identity import Caller, Permission
from layers.jsontext import dumps, loads

EXPORTED_AT_ONCE = 500
COLUMNS = ["number", "id", "at", "actor", "action", "target", "detail", "previous_hash", "hash"]
EXPORTS = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
}

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
    target: Annotated[
        Exact | None, Query(description="Exactly this target.", examples=["workflow:<id>"])
    ] = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> AuditFilter:
    return AuditFilter(
        action=action,
        actor=actor,
        target=target,
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


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The entries, oldest first: an object a line, or a CSV table.",
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
def export_audit_log(
    request: Request,
    caller: Annotated[Caller, require(Permission.AUDIT_READ)],
    matching: Annotated[AuditFilter, Depends(_filter)],
    wanted_format: Annotated[Literal["ndjson", "csv"], Query(alias="format")] = "ndjson",
) -> StreamingResponse:
    """Download all entries that match, with their hashes, so that others can follow the chain."""
    parts = parts_of(request)
    with parts.database.read() as session:
        check_feature(parts, session, caller.workspace_id, "audit_log_export")
    entries = _all(parts_of(request).database, caller.workspace_id, matching)
    return StreamingResponse(
        _as_csv(entries) if wanted_format == "csv" else _as_lines(entries),
        media_type=EXPORTS[wanted_format],
        headers={"content-disposition": f'attachment; filename="audit-log.{wanted_format}"'},
    )


def _all(
    database: Database, workspace_id: str, matching: AuditFilter
) -> Iterator[list[dict[str, Any]]]:
    """Entries in portions, each read for itself: a slow reader holds no connection."""
    number = 0
    while True:
        with database.read() as session:
            rows = AuditLog(session, workspace_id).following(matching, number, EXPORTED_AT_ONCE)
            found = [AuditEntryOut.of(row).model_dump(mode="json") for row in rows]
        if found:
            number = found[-1]["number"]
            yield found
        if len(found) < EXPORTED_AT_ONCE:
            return


def _as_lines(portions: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    for entries in portions:
        yield "".join(f"{dumps(entry)}\n" for entry in entries)


def _as_csv(portions: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for entries in portions:
        table.writerows({**entry, "detail": dumps(entry["detail"])} for entry in entries)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()
