"""Revenue as CSV, for the accountant: every document of a time, and figures by month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from billing.revenue.documents import documents
from billing.revenue.figures import RevenueRecords
from billing.revenue.tables import documents_as_csv, months_as_csv
from functions.http.access import parts_of, require
from functions.http.billing.revenue import From, To, for_administrator, months_of, span_of
from functions.http.endpoint import group
from layers.identity import Caller, Permission

router = group("instance", "/instance/revenue")


def _documented(description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"text/csv": {}}, "description": description}}


@router.get(
    ".csv",
    response_class=StreamingResponse,
    responses=_documented("One row an invoice, credit note or refund."),
)
def export_documents(
    request: Request,
    caller: Annotated[Caller, require(Permission.SELF)],
    since: From = None,
    until: To = None,
) -> StreamingResponse:
    """Download every invoice, credit note and refund as CSV (RFC 4180).

    Dates are UTC, amounts in the currency's major unit; what was taken or paid back is below zero.
    """
    for_administrator(caller)
    parts = parts_of(request)
    span = span_of(since, until, parts.clock.now())

    def lines() -> Iterator[str]:
        with parts.database.reading() as connection:
            yield from documents_as_csv(documents(connection, span))

    return _as_csv(lines(), "documents.csv")


@router.get(
    "/months.csv",
    response_class=StreamingResponse,
    responses=_documented("One row a month and currency."),
)
def export_months(
    request: Request,
    caller: Annotated[Caller, require(Permission.SELF)],
    since: From = None,
    until: To = None,
) -> StreamingResponse:
    """Download the figures of months as CSV (RFC 4180), a row for each currency."""
    for_administrator(caller)
    parts = parts_of(request)
    span = months_of(since, span_of(since, until, parts.clock.now()))
    with parts.database.reading() as connection:
        livemode = parts.settings.billing.livemode
        found = RevenueRecords(connection, livemode, span.start, span.end).months(
            span.start, span.end
        )
    return _as_csv(months_as_csv(found), "months.csv")


def _as_csv(lines: Iterator[str], name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="revenue-{name}"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
