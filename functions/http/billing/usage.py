"""What the workspace used: by hour or day, by meter and by workflow; as CSV, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from billing.usage.estimate import estimate
from billing.usage.meters import METERS
from billing.usage.periods import Period
from billing.usage.reports import Granularity, by_workflow, points
from billing.usage.storage import stored_by_kind
from functions.http.access import parts_of, require
from functions.http.billing.plans import granted
from functions.http.endpoint import group
from functions.http.shapes import Identifier, InstantOrDay, Moment, Out, PathId, moment
from functions.http.workflows.drafts import document_of
from functions.parts import Parts
from functions.schedules import starts_in_a_month
from layers.clock import rfc3339
from layers.database.repositories.workflows import Workflows
from layers.engine.core.plan import compile_plan
from layers.errors import FieldError, InvalidInput
from layers.identity import Caller, Permission

router = group("billing", "/billing/usage")

LONGEST_S = 400 * 86_400
LONGEST_HOURS_S = 32 * 86_400

From = Annotated[
    InstantOrDay | None,
    Query(
        alias="from",
        description="A moment or a day (UTC); where the month of usage began if left out.",
    ),
]
To = Annotated[
    InstantOrDay | None,
    Query(alias="to", description="A moment or a day (UTC); now if left out."),
]
By = Annotated[Granularity, Query(description="`hour` for a month at most.")]


class PointOut(Out):
    """What was used of a meter from `start` on, for an hour or a day (UTC)."""

    start: Moment
    meter: str
    detail: str = Field(description="Tells kinds of a meter apart, such as the model.")
    quantity: int


class WorkflowUsage(Out):
    """What a workflow used of a meter."""

    workflow_id: Identifier
    name: str | None = Field(description="Null for a workflow that is gone.")
    meter: str
    quantity: int


class UsageOut(Out):
    """Usage between two moments, by whole hours."""

    granularity: Granularity
    from_: Moment = Field(alias="from", serialization_alias="from")
    to: Moment
    units: dict[str, str] = Field(description="By meter.")
    totals: dict[str, int] = Field(description="By meter.")
    points: list[PointOut]
    workflows: list[WorkflowUsage]


class StoredOut(Out):
    """How much is stored of a kind."""

    kind: str = Field(description="Such as `events`, `steps`, `versions` or `files`.")
    bytes: int


class StorageOut(Out):
    """What is stored, by kind, as it was measured last: texts in UTF-8, and files."""

    measured_at: Moment | None
    bytes: int
    included: int | None = Field(description="By the plan; null for without limit.")
    items: list[StoredOut]


class EstimateOut(Out):
    """What a workflow is likely to use in a month, from its history and its schedules."""

    executions_per_month: int
    scheduled_per_month: int = Field(description="Of these, those that schedules start.")
    steps_per_execution: float | None = Field(description="On average of the last; null: none.")
    based_on: int = Field(description="How many executions of the last thirty days were counted.")
    others_per_month: int = Field(description="What the other workflows use at the pace so far.")
    included: int | None
    reached_at: Moment | None = Field(description="When the limit is reached with this workflow.")
    overage_amount: int | None = Field(description="What is paid beyond, in minor units.")
    currency: str


@router.get("", response_model_by_alias=True)
def read_usage(
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKSPACE_READ)],
    since: From = None,
    until: To = None,
    granularity: By = "day",
) -> UsageOut:
    """Read what was used."""
    parts = parts_of(request)
    period = _period(parts, caller, since, until, granularity)
    with parts.database.reading() as connection:
        found = points(connection, caller.workspace_id, period, granularity)
        workflows = by_workflow(connection, caller.workspace_id, period)
    totals = dict.fromkeys(METERS, 0)
    for row in found:
        totals[row.meter] += int(row.quantity)
    return UsageOut.model_validate(
        {
            "granularity": granularity,
            "from": moment(period.start),
            "to": moment(period.end),
            "units": {name: one.unit for name, one in METERS.items()},
            "totals": totals,
            "points": [
                PointOut(
                    start=moment(row.start),
                    meter=row.meter,
                    detail=row.detail,
                    quantity=int(row.quantity),
                )
                for row in found
            ],
            "workflows": [
                WorkflowUsage(
                    workflow_id=row.workflow_id,
                    name=row.name,
                    meter=row.meter,
                    quantity=int(row.quantity),
                )
                for row in workflows
            ],
        }
    )


@router.get("/storage")
def read_storage(
    request: Request, caller: Annotated[Caller, require(Permission.WORKSPACE_READ)]
) -> StorageOut:
    """Read what is stored, the largest kind first; it is measured once an hour."""
    parts = parts_of(request)
    with parts.database.reading() as connection:
        rows = stored_by_kind(connection, caller.workspace_id)
    return StorageOut(
        measured_at=rfc3339(max((row.measured_at for row in rows), default=None)),
        bytes=sum(int(row.bytes) for row in rows),
        included=granted(parts, caller).limit("storage_bytes"),
        items=[StoredOut(kind=row.kind, bytes=int(row.bytes)) for row in rows],
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "One row an hour or day."}},
)
def export_usage(
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKSPACE_READ)],
    since: From = None,
    until: To = None,
    granularity: By = "day",
) -> StreamingResponse:
    """Download what was used as CSV (RFC 4180)."""
    parts = parts_of(request)
    period = _period(parts, caller, since, until, granularity)
    with parts.database.reading() as connection:
        found = points(connection, caller.workspace_id, period, granularity)

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(["start", "meter", "detail", "quantity", "unit"])
        for row in found:
            unit = METERS[row.meter].unit
            writer.writerow([moment(row.start), row.meter, row.detail, int(row.quantity), unit])
        yield buffer.getvalue()

    headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/estimate/{workflow_id}")
def estimate_workflow(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> EstimateOut:
    """Estimate what a workflow will use, from its history and from what its schedules start."""
    parts = parts_of(request)
    now = parts.clock.now()
    entitlements = granted(parts, caller)
    scheduled = _scheduled(parts, caller, workflow_id, now)
    with parts.database.reading() as connection:
        found = estimate(connection, entitlements, workflow_id, scheduled, now)
        account = parts.accounts.read(caller.workspace_id)
    currency = account.currency or parts.settings.billing.currency
    return EstimateOut(
        executions_per_month=found.executions_per_month,
        scheduled_per_month=scheduled,
        steps_per_execution=found.steps_per_execution,
        based_on=found.based_on,
        others_per_month=found.others_per_month,
        included=entitlements.limit("executions"),
        reached_at=rfc3339(found.reached_at),
        overage_amount=found.overage_amount(entitlements, currency),
        currency=currency,
    )


def _scheduled(parts: Parts, caller: Caller, workflow_id: str, now: float) -> int:
    """How often the schedules of the draft, or else of the newest version, start it in a month."""
    with parts.database.read() as session:
        workflow = Workflows(session, caller.workspace_id).get(workflow_id)
        document, _draft = document_of(session, workflow)
    try:
        plan = compile_plan(document, parts.catalogue, caller.workspace_id)
    except InvalidInput:
        return 0  # A draft that cannot run yet starts nothing.
    return starts_in_a_month(plan.triggers(), plan.definition.settings.timezone, now)


def _period(
    parts: Parts, caller: Caller, since: datetime | None, until: datetime | None, by: str
) -> Period:
    now = parts.clock.now()
    current = granted(parts, caller).period
    start = current.start if since is None else since.timestamp()
    end = now if until is None else until.timestamp()
    if end <= start:
        raise InvalidInput(errors=[FieldError("?from", "It has to be before `to`.")])
    longest = LONGEST_HOURS_S if by == "hour" else LONGEST_S
    if end - start > longest:
        days = longest // 86_400
        raise InvalidInput(
            errors=[FieldError("?from", f"Ask for at most {days} days by {by} at once.")]
        )
    return Period(start, end)
