"""Executions: look, start, follow, cancel, retry, decide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from functions.following import Following
from functions.http.access import may_still, parts_of, require
from functions.http.endpoint import group, problems
from functions.http.event_stream import Nudge, quiet, rung_at_end
from functions.http.executions.execution_data import PreviewOut, previewed
from functions.http.executions.execution_filters import ListFilters, filter_of
from functions.http.shapes import (
    Identifier,
    In,
    Listing,
    Moment,
    Out,
    PathId,
    Wanted,
    cursor_of,
)
from functions.parts import Parts
from layers import jsontext
from layers.database.models import FINAL, ExecutionStatus
from layers.database.repositories.executions import Executions
from layers.engine import control, history
from layers.engine.core.definition import WorkflowDefinition
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


class ErrorOut(Out):
    """Why an execution or a step failed."""

    message: str
    kind: str = Field(description="A short name for the cause, such as `timeout`.")
    node_id: str | None = None
    detail: dict[str, Any] = {}


class LogLine(Out):
    """A piece of a step's logs."""

    stream: str
    text: str


class ItemErrorOut(Out):
    """Why an item of a step failed."""

    index: int = Field(description="Its position in what came in, from 0.")
    attempt: int = Field(description="The attempt at which it failed the last time.")
    message: str
    kind: str


ItemsFailed = Annotated[
    int, Field(description="How many items failed, of a node that acts item by item.")
]
ItemErrors = Annotated[list[ItemErrorOut], Field(description="The first hundred of them.")]


class StepOut(Out):
    """One activation of one node; `input` and `output` are items by port."""

    node_id: str
    run_index: int = Field(description="How many times the node had run before.")
    status: str
    attempt: int
    started_at: Moment
    finished_at: Moment | None
    input: dict[str, list[dict[str, Any]]]
    output: dict[str, list[dict[str, Any]]] | None
    error: ErrorOut | None
    logs: list[LogLine]
    items_failed: ItemsFailed = 0
    item_errors: ItemErrors = []


class ScopeOut(Out):
    """The part of a workflow that was tried."""

    node_id: str
    scope: Literal["to_node", "node"]


class ExecutionSummary(Out):
    """An execution without its steps."""

    id: Identifier
    workflow_id: Identifier
    version_id: Identifier
    status: ExecutionStatus
    manual: bool
    error: ErrorOut | None
    parent_id: Identifier | None
    retry_of: Identifier | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    wakes_at: Moment | None = Field(description="When a waiting execution goes on by itself.")
    held_for: str | None = Field(
        default=None, description="The plan's limit that a queued execution waits for."
    )
    workflow_name: str = ""
    version: int | None = Field(
        default=None, description="The version that ran; null for what was tried out of a draft."
    )
    source: Literal["version", "draft"] = "version"
    scope: ScopeOut | None = Field(
        default=None, description="The part of the workflow that was tried; null: all of it."
    )
    duration_ms: float | None = Field(default=None, description="From its start to its end.")


class ExecutionOut(ExecutionSummary):
    """A whole execution."""

    output: list[dict[str, Any]] | None = Field(description="The last node's items.")
    steps: list[StepOut]


class StepPreview(Out):
    """A step with the first items of each port."""

    node_id: str
    run_index: int
    status: str
    attempt: int
    started_at: Moment
    finished_at: Moment | None
    error: ErrorOut | None
    logs: list[LogLine]
    items_failed: ItemsFailed = 0
    item_errors: ItemErrors = []
    input_preview: dict[str, PreviewOut]
    output_preview: dict[str, PreviewOut] | None


class ExecutionPreview(ExecutionSummary):
    """An execution as it is shown."""

    steps: list[StepPreview]
    workflow: WorkflowDefinition = Field(description="The document that ran.")


class StartedOut(Out):
    """An execution was accepted."""

    execution_id: Identifier


class DecisionIn(In):
    """What to do about a step that a crash interrupted."""

    node_id: str = Field(max_length=64)
    run_index: int = Field(default=0, ge=0, le=2_147_483_647)
    decision: Literal["retry", "skip", "fail"]
    output: list[dict[str, Any]] | None = Field(
        default=None, description="With `skip`: the items that the step is taken to have given."
    )


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

    def decide() -> None:
        with parts.database.write() as session:
            now = parts.clock.now()
            control.resolve(session.connection(), row.id, body.model_dump(), now)
            record_execution(session, caller, "execution.resolved", execution_id)

    await DATABASE.run(decide)
    parts.notifier.notify(execution_id)
    return StartedOut(execution_id=execution_id)


async def cancel(parts: Parts, caller: Caller, execution_id: str) -> None:
    """Cancel an execution and all that it called; raises NotFound, Conflict where it has ended."""

    def check() -> None:
        with parts.database.write() as session:
            row = Executions(session, caller.workspace_id).get(execution_id)
            if row.status in FINAL:
                raise Conflict(f"The execution has ended already: it {row.status}.")
            record_execution(session, caller, "execution.cancelled", execution_id)

    await DATABASE.run(check)
    await DATABASE.run(parts.engine.cancel_tree, (execution_id,))


def erase(parts: Parts, caller: Caller, execution_id: str) -> None:
    """Delete an execution; raises NotFound, Conflict unless it has ended."""
    with parts.database.write() as session:
        executions = Executions(session, caller.workspace_id)
        executions.erase(executions.get(execution_id))
        record_execution(session, caller, "execution.deleted", execution_id)


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
            async for sign in quiet(bell, is_running=found.row.status == ExecutionStatus.RUNNING):
                yield sign


def json_answer(status: int, body: Any) -> Response:
    """A body that is JSON already in all but its text."""
    return Response(jsontext.dumps(body), status, media_type="application/json")


def record_execution(session: Any, caller: Caller, action: str, execution_id: str) -> None:
    """Put on record what was done to an execution."""
    record(
        session,
        caller.workspace_id,
        caller.actor,
        action,
        f"execution:{execution_id}",
        {},
    )
