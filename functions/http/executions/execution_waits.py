"""The calls that an execution waits for: look, and go on by hand."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.executions.execution_shapes import StartedOut
from functions.http.executions.executions import look, record_execution
from functions.http.hooks.call_body import checked
from functions.http.hooks.callbacks import rules_of
from functions.http.shapes import In, Listing, Moment, Out, PathId
from layers.clock import rfc3339
from layers.contract import Item
from layers.engine.callback_rows import (
    Ending,
    NoSuchCallback,
    Target,
    end_wait,
    locate,
    payload_of,
    waits_for_call,
)
from layers.engine.core.definition import NAME_PATTERN
from layers.engine.statuses import CallbackSource, ExecutionStatus
from layers.errors import Conflict
from layers.identity import Caller, Permission
from layers.work import DATABASE

router = group("executions")


class WaitOut(Out):
    """A step that waits for a call."""

    node_id: str
    run_index: int
    since: Moment
    until: Moment | None = Field(description="When it gives up; null: never.")
    url: str | None = Field(
        description="The address that ends it; only for those who may run workflows."
    )
    methods: list[str] = Field(description="The HTTP methods that end it.")
    asks: bool = Field(description="Whether a browser that opens the address is shown a page.")
    choices: list[str] = Field(description="What `choice` has to be one of, in the call's body.")


class ContinueIn(In):
    """Which wait is to be over, and what its step is taken to have been called with."""

    node_id: str = Field(pattern=NAME_PATTERN)
    run_index: int = Field(default=0, ge=0, le=2_147_483_647)
    body: Any = Field(default=None, description="The body of the call that it stands for.")


@router.get("/executions/{execution_id}/waits")
async def list_execution_waits(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> Listing[WaitOut]:
    """List the calls that an execution waits for, with their addresses."""
    parts = parts_of(request)
    row, steps = await look(parts, caller, execution_id)
    plan = await parts.engine.plan(row.version_id)
    shown = caller.may(Permission.WORKFLOW_EXECUTE)
    found = []
    for step in steps:
        if row.status is not ExecutionStatus.WAITING or not waits_for_call(step):
            continue
        rules = rules_of(plan, step.node_id)
        url = parts.engine.callbacks.url(row.id, step.node_id, step.run_index)
        found.append(
            WaitOut(
                node_id=step.node_id,
                run_index=step.run_index,
                since=rfc3339(step.started_at) or "",
                until=rfc3339(step.due_at),
                url=url if shown else None,
                methods=list(rules.methods),
                asks=rules.asks,
                choices=[choice.value for choice in rules.choices],
            )
        )
    return Listing(items=found, next_cursor=None)


@router.post(
    "/executions/{execution_id}/continue",
    status_code=202,
    responses=problems(_409="The wait was ended already, or nothing waits there any more."),
)
async def continue_execution(
    execution_id: PathId,
    request: Request,
    body: ContinueIn,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
) -> StartedOut:
    """Go on by hand with a step that waits for a call, as if it had been called."""
    parts = parts_of(request)
    row, _steps = await look(parts, caller, execution_id)
    plan = await parts.engine.plan(row.version_id)
    given = checked(body.body, rules_of(plan, body.node_id), from_form=False)
    item = Item({"body": given, "query": {}, "headers": {}, "method": "POST"})
    target = Target(execution_id, body.node_id, body.run_index)

    def end(session: Session) -> None:
        now = parts.clock.now()
        connection = session.connection()
        place = locate(connection, target, now, hold=True)
        if place.refused is None and (place.step is None or not waits_for_call(place.step)):
            raise NoSuchCallback("That step does not wait for a call.")
        if place.refused is None:
            place = end_wait(
                connection, target, Ending(payload_of(item), CallbackSource.PERSON), now
            )
        if place.refused is not None:
            raise Conflict(place.refused.detail)
        record_execution(session, caller, "execution.continued", execution_id)

    await DATABASE.run(parts.database.change, end)
    parts.engine.pick_up((execution_id,))
    return StartedOut(execution_id=execution_id)
