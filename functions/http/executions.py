"""Executions: look, start, follow, cancel, retry, decide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import (
    Identifier,
    In,
    Listing,
    Moment,
    Out,
    PathId,
    Wanted,
    next_cursor,
)
from functions.live_logs import LiveLogs
from functions.parts import Parts
from layers import jsontext
from layers.contract import Item
from layers.database.models import Execution, ExecutionStatus
from layers.database.repositories.scope import Scoped
from layers.database.repositories.workflows import Workflows
from layers.engine import control, history
from layers.engine.accept import Incoming
from layers.engine.waiting import RESTING
from layers.errors import Conflict
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("executions")

FOLLOW_POLL_S = 0.15
EVENT_SCHEMA = {
    "type": "object",
    "properties": {"event": {"enum": ["status", "step", "log", "end"]}, "data": {"type": "string"}},
    "required": ["event", "data"],
}
FINAL = ("succeeded", "failed", "cancelled")


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


class ExecutionOut(ExecutionSummary):
    """A whole execution."""

    output: list[dict[str, Any]] | None = Field(description="The last node's items.")
    steps: list[StepOut]


class StartedOut(Out):
    """An execution was accepted."""

    execution_id: Identifier


class RunIn(In):
    """How to run a workflow by hand."""

    items: list[dict[str, Any]] | None = Field(
        default=None,
        max_length=100_000,
        description="What its trigger gives; one empty item if left out.",
    )
    wait: float | None = Field(
        default=None, ge=0, le=300, description="Seconds to wait for the end."
    )


class RetryIn(In):
    """Where to begin again."""

    from_node: str | None = Field(
        default=None,
        max_length=64,
        description="Steps before this node are reused; the failed steps if left out.",
    )


class DecisionIn(In):
    """What to do about a step that a crash interrupted."""

    node_id: str = Field(max_length=64)
    run_index: int = Field(default=0, ge=0, le=2_147_483_647)
    decision: Literal["retry", "skip", "fail"]
    output: list[dict[str, Any]] | None = Field(
        default=None, description="With `skip`: the items that the step is taken to have given."
    )


class Executions(Scoped[Execution]):
    """Executions of one workspace."""

    model = Execution


@router.post(
    "/workflows/{workflow_id}/run",
    status_code=202,
    responses={
        200: {"model": ExecutionOut, "description": "It ended within `wait` seconds."},
        202: {"model": StartedOut, "description": "It was accepted."},
    },
    response_model=None,
)
async def run_workflow(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
    body: RunIn | None = None,
) -> dict[str, Any] | Response:
    """Run the version that was saved last, with pinned data where nodes have it."""
    parts = parts_of(request)
    body = body or RunIn()
    incoming = await asyncio.to_thread(_incoming, parts, caller, workflow_id)
    items = [Item(values) for values in ([{}] if body.items is None else body.items)]
    payload = await parts.engine.texts.payload(caller.workspace_id, items)
    at_once = parts.engine.at_once() if body.wait else {}
    accepted = await parts.engine.accept(
        Incoming(**incoming, **payload, **at_once, source=f"manual:{caller.user_id}")
    )
    if body.wait:
        await parts.engine.waiting.first(accepted.execution_id, body.wait, answer_counts=False)
        whole = await _whole(parts, caller, accepted.execution_id)
        if whole["status"] in RESTING:
            return _json(200, whole)
    return _json(202, {"execution_id": accepted.execution_id})


@router.get("/executions")
def list_executions(
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    wanted: Wanted,
    workflow_id: Annotated[str | None, Query(max_length=100)] = None,
    status: Annotated[ExecutionStatus | None, Query()] = None,
) -> Listing[ExecutionSummary]:
    """List executions, newest first."""
    with parts_of(request).database.read() as session:
        executions = Executions(session, caller.workspace_id)
        query = executions.query()
        if workflow_id is not None:
            query = query.where(Execution.workflow_id == workflow_id)
        if status is not None:
            query = query.where(Execution.status == status.value)
        page = executions.page(wanted, query)
    return Listing(
        items=[ExecutionSummary.model_validate(history.summary(row)) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.get("/executions/{execution_id}", response_model=ExecutionOut)
async def read_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> Response:
    """Read an execution with all of its steps."""
    return _json(200, await _whole(parts_of(request), caller, execution_id))


@router.get(
    "/executions/{execution_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": (
                "Events `status`, `step` and, while a step runs, `log` (`{node_id, run_index, "
                "stream, text}`: what it printed since the last one) as they happen; `end` at "
                "the last."
            ),
            "content": {"text/event-stream": {"schema": EVENT_SCHEMA}},
        }
    },
)
async def follow_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> StreamingResponse:
    """Follow an execution (server-sent events) until it has ended."""
    parts = parts_of(request)
    await _look(parts, caller, execution_id)
    return StreamingResponse(
        _events(parts, caller, execution_id, request),
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
    parts = parts_of(request)

    def check() -> None:
        with parts.database.write() as session:
            row = Executions(session, caller.workspace_id).get(execution_id)
            if row.status in FINAL:
                raise Conflict(f"The execution has ended already: it {row.status}.")
            _record(session, caller, "execution.cancelled", execution_id)

    await asyncio.to_thread(check)
    await asyncio.to_thread(parts.engine.cancel_tree, (execution_id,))
    return StartedOut(execution_id=execution_id)


@router.post(
    "/executions/{execution_id}/retry",
    status_code=202,
    responses=problems(_409="It has not ended yet."),
)
async def retry_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
    body: RetryIn | None = None,
) -> StartedOut:
    """Begin again where it failed, or at `from_node`, in a new execution of the same version."""
    parts = parts_of(request)
    from_node = body.from_node if body else None
    row = (await _look(parts, caller, execution_id))[0]
    plan = await parts.engine.plan(row.version_id)

    def begin() -> str:
        with parts.database.write() as session:
            new = control.retry(session.connection(), row, plan, from_node, parts.clock.now())
            _record(session, caller, "execution.retried", execution_id)
            return new

    new_id = await asyncio.to_thread(begin)
    parts.bell.ring(new_id)
    return StartedOut(execution_id=new_id)


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
    row = (await _look(parts, caller, execution_id))[0]

    def decide() -> None:
        with parts.database.write() as session:
            now = parts.clock.now()
            control.resolve(session.connection(), row, body.model_dump(), now)
            _record(session, caller, "execution.resolved", execution_id)

    await asyncio.to_thread(decide)
    parts.bell.ring(execution_id)
    return StartedOut(execution_id=execution_id)


def _incoming(parts: Parts, caller: Caller, workflow_id: str) -> dict[str, Any]:
    with parts.database.read() as session:
        workflow = Workflows(session, caller.workspace_id).get(workflow_id)
        return {
            "workspace_id": caller.workspace_id,
            "workflow_id": workflow.id,
            "version_id": workflow.latest_version_id,
            "max_concurrency": workflow.max_concurrency,
            "now": parts.clock.now(),
            "manual": True,
        }


async def _look(parts: Parts, caller: Caller, execution_id: str) -> tuple[Any, list[Any]]:
    found: tuple[Any, list[Any]] = await history.off_loop(
        parts.database, history.read, caller.workspace_id, execution_id
    )
    return found


async def _whole(parts: Parts, caller: Caller, execution_id: str) -> dict[str, Any]:
    row, steps = await _look(parts, caller, execution_id)
    return await history.detail(parts.engine.texts, row, steps)


async def _events(
    parts: Parts, caller: Caller, execution_id: str, request: Request
) -> AsyncIterator[str]:
    shown: dict[tuple[str, int], Any] = {}
    logs = LiveLogs()
    status = ""
    while not await request.is_disconnected():
        row, steps = await _look(parts, caller, execution_id)
        for step in steps:
            key = (step.node_id, step.run_index)
            seen = (step.status, step.attempt)
            if shown.get(key) != seen:
                shown[key] = seen
                yield _event("step", history.progress(step))
            for told in logs.new_in(step):
                yield _event("log", told)
        if row.status != status:
            status = row.status
            yield _event("status", history.summary(row))
        if status in FINAL:
            yield _event("end", {"status": status})
            return
        await parts.engine.waiting.first(execution_id, FOLLOW_POLL_S, answer_counts=False)


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {jsontext.dumps(data)}\n\n"


def _json(status: int, body: Any) -> Response:
    return Response(jsontext.dumps(body), status, media_type="application/json")


def _record(session: Any, caller: Caller, action: str, execution_id: str) -> None:
    record(
        session,
        caller.workspace_id,
        caller.actor,
        action,
        f"execution:{execution_id}",
        {},
    )
