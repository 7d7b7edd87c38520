"""Executions: look, start, follow, cancel, retry, decide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from functions.following import Following
from functions.http import event_stream
from functions.http.access import may_still, parts_of, require
from functions.http.endpoint import group, problems
from functions.http.event_stream import Nudge, quiet, rung_at_end
from functions.http.executions.execution_data import previewed
from functions.http.executions.execution_filters import ListFilters, filter_of
from functions.http.executions.execution_shapes import (
    DecisionIn,
    ExecutionOut,
    ExecutionPreview,
    ExecutionSummary,
    StartedOut,
    StepPreview,
)
from functions.http.shapes import (
    Listing,
    PathId,
    Wanted,
    cursor_of,
)
from functions.parts import Parts
from layers import jsontext
from layers.database.models import FINAL, ExecutionStatus
from layers.database.repositories.executions import Executions
from layers.engine import control, history
from layers.engine.recorded import ExecutionState, RecordedExecution
from layers.errors import Conflict
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.work import DATABASE

router = group("executions")

EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"enum": ["status", "step", "log", "end"]},
        "data": {"type": "string"},
    },
    "required": ["id", "event", "data"],
}
OPEN = problems(_409="It has not ended yet.")


@router.get("/executions")
def list_executions(
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    wanted: Wanted,
    filters: Annotated[ListFilters, Depends()],
) -> Listing[ExecutionSummary]:
    """List executions, newest first.

    With filters that no index answers, a page looks through a bounded number of executions: it may
    be short, or empty, and yet have a `next_cursor`.
    """
    with parts_of(request).database.read() as session:
        executions = Executions(session, caller.workspace_id)
        page = executions.search(filter_of(filters, filters.q), wanted)
        origins = executions.origins(page.rows)
    return Listing(
        items=[
            ExecutionSummary.model_validate(
                history.described(ExecutionState.of(row), origins[row.id])
            )
            for row in page.rows
        ],
        next_cursor=None if page.go_on is None else cursor_of(page.go_on),
    )


@router.get("/executions/{execution_id}", response_model=ExecutionOut)
async def read_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> Response:
    """Read an execution with all of its steps."""
    return json_answer(200, await whole(parts_of(request), caller, execution_id))


@router.get("/executions/{execution_id}/preview")
async def preview_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> ExecutionPreview:
    """Read an execution with the first items of each step, and the workflow that ran."""
    parts = parts_of(request)
    row, steps = await look(parts, caller, execution_id)
    plan = await parts.engine.plan(row.version_id)
    return ExecutionPreview(
        **history.described(row, row),
        steps=[StepPreview.model_validate(one) for one in await previewed(parts, row, steps)],
        workflow=plan.definition,
    )


@router.delete("/executions/{execution_id}", status_code=204, responses=OPEN)
def delete_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
) -> None:
    """Delete an execution that has ended, with its steps and their data."""
    erase(parts_of(request), caller, execution_id)


@router.get(
    "/executions/{execution_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": (
                "Events `status`, `step` (with `input_counts` and `output_counts`: how many "
                "items, by port) and, while a step runs, `log` (`{node_id, run_index, stream, "
                "text}`: what it printed since the last one) as they happen; `end` at the last."
            ),
            "content": {"text/event-stream": {"schema": EVENT_SCHEMA}},
        }
    },
)
async def follow_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    last_event_id: Annotated[
        str | None,
        Header(description="The id of the last event that arrived: what came after it is sent."),
    ] = None,
) -> StreamingResponse:
    """Follow an execution (server-sent events) until it has ended."""
    parts = parts_of(request)
    await news(parts, caller, execution_id, Following())
    return StreamingResponse(
        _events(parts, caller, execution_id, request, Following(last_event_id)),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


@router.post("/executions/{execution_id}/cancel", status_code=202)
async def cancel_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
) -> StartedOut:
    """Cancel it and all that it called; one that runs stops within seconds."""
    await cancel(parts_of(request), caller, execution_id)
    return StartedOut(execution_id=execution_id)


@router.post(
    "/executions/{execution_id}/resolve",
    status_code=202,
    responses=problems(_409="The step is not interrupted."),
)
async def resolve_execution(
    execution_id: PathId,
    request: Request,
    body: DecisionIn,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
) -> StartedOut:
    """Decide about an interrupted step: run it again, skip it with an output, or let it fail."""
    parts = parts_of(request)
    row = (await look(parts, caller, execution_id))[0]

    def decide(session: Session) -> None:
        now = parts.clock.now()
        control.resolve(session.connection(), row.id, body.model_dump(), now)
        record_execution(session, caller, "execution.resolved", execution_id)

    await DATABASE.run(parts.database.change, decide)
    parts.notifier.notify(execution_id)
    return StartedOut(execution_id=execution_id)


async def cancel(parts: Parts, caller: Caller, execution_id: str) -> None:
    """Cancel an execution and all that it called; raises NotFound, Conflict where it has ended."""

    def check(session: Session) -> None:
        row = Executions(session, caller.workspace_id).get(execution_id)
        if row.status in FINAL:
            raise Conflict(f"The execution has ended already: it {row.status}.")
        record_execution(session, caller, "execution.cancelled", execution_id)

    await DATABASE.run(parts.database.change, check)
    await DATABASE.run(parts.engine.cancel_tree, (execution_id,))


def erase(parts: Parts, caller: Caller, execution_id: str) -> None:
    """Delete an execution; raises NotFound, Conflict unless it has ended."""

    def delete(session: Session) -> None:
        executions = Executions(session, caller.workspace_id)
        executions.erase(executions.get(execution_id))
        record_execution(session, caller, "execution.deleted", execution_id)

    parts.database.change(delete)


async def look(
    parts: Parts, caller: Caller, execution_id: str
) -> tuple[RecordedExecution, list[history.ShownStep]]:
    """An execution of the caller's workspace and its steps; raises NotFound."""
    return await history.off_loop(parts.database, history.read, caller.workspace_id, execution_id)


async def news(
    parts: Parts, caller: Caller, execution_id: str, following: Following
) -> history.News:
    """What a follower was not told yet; raises NotFound."""
    place = following.place
    return await history.off_loop(
        parts.database,
        history.read_news,
        caller.workspace_id,
        execution_id,
        place.position,
        place.log_position,
    )


async def whole(parts: Parts, caller: Caller, execution_id: str) -> dict[str, Any]:
    """An execution with all of its steps and their data."""
    row, steps = await look(parts, caller, execution_id)
    return await history.detail(parts.engine.payloads, row, steps)


async def _events(
    parts: Parts, caller: Caller, execution_id: str, request: Request, following: Following
) -> AsyncIterator[str]:
    bell = asyncio.Event()
    rights = Nudge(bell)
    async with AsyncExitStack() as stack:
        stack.enter_context(rung_at_end(request, bell))
        for name in (caller.user_id, caller.proof_id):
            await stack.enter_async_context(parts.channel.following(name, rights))
        await stack.enter_async_context(parts.engine.followers.following(execution_id, bell))
        while True:
            bell.clear()
            if await request.is_disconnected():
                return
            # It lasts as long as the execution; whoever is put out meanwhile sees no more of it.
            anew = rights.is_set()
            rights.clear()
            if not await may_still(request, caller, Permission.EXECUTION_READ, anew=anew):
                return
            found = await news(parts, caller, execution_id, following)
            for event in following.tell(found):
                yield event
            if found.has_more_steps or found.has_more_logs:
                continue
            if found.row.status in FINAL:
                return
            runs = found.row.status == ExecutionStatus.RUNNING
            async for sign in quiet(bell, looks_in_s=event_stream.LOOK_ANYWAY_S if runs else None):
                yield sign


def json_answer(status: int, body: Any) -> Response:
    """A body that is JSON already in all but its text."""
    return Response(jsontext.dumps(body), status, media_type="application/json")


def record_execution(session: Session, caller: Caller, action: str, execution_id: str) -> None:
    """Put on record what was done to an execution."""
    record(
        session,
        caller.workspace_id,
        caller.actor,
        action,
        f"execution:{execution_id}",
        {},
    )
