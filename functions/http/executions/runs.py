"""Starting executions by hand: a workflow, a part of it, or an execution once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_run
from functions.http.endpoint import group
from functions.http.executions.execution_shapes import ExecutionOut, StartedOut
from functions.http.executions.executions import OPEN, json_answer, look, record_execution, whole
from functions.http.shapes import Identifier, In, PathId
from functions.http.workflows.checking import check_references, compiled, saying
from functions.http.workflows.drafts import document_of
from functions.parts import Parts
from layers.contract import Item
from layers.database.models import Workflow, WorkflowVersion
from layers.database.repositories.executions import Executions
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.engine import control
from layers.engine.accept import Incoming
from layers.engine.core.definition import WorkflowDefinition
from layers.engine.core.plan import Plan
from layers.engine.recorded import RecordedExecution
from layers.engine.statuses import RESTING
from layers.engine.trial import changed_nodes, up_to
from layers.errors import Conflict, FieldError, InvalidInput, NotFound
from layers.identity import Caller, Permission
from layers.jsontext import dumps, loads
from layers.work import DATABASE

router = group("runs")

NOT_YET = "The draft cannot run yet."

Items = Annotated[
    list[dict[str, Any]] | None,
    Field(max_length=100_000, description="What its trigger gives; one empty item if left out."),
]


class RunIn(In):
    """How to run a workflow by hand."""

    items: Items = None
    wait: float | None = Field(
        default=None, ge=0, le=300, description="Seconds to wait for the end."
    )
    source: Literal["version", "draft"] = Field(
        default="version", description="The version that was saved last, or the draft as it is."
    )
    node_id: str | None = Field(
        default=None, max_length=64, description="Run no further than to this node."
    )
    scope: Literal["to_node", "node"] = Field(
        default="to_node",
        description=(
            "With `node_id`: `to_node` runs all that leads to it; `node` runs it alone, on what"
            " came into it last, and only what of that is missing or has changed."
        ),
    )
    trigger_node_id: str | None = Field(
        default=None, max_length=64, description="Which trigger gives the items, if it has several."
    )
    from_execution_id: Identifier | None = Field(
        default=None, description="With `scope` `node`: whose data to use; the newest if left out."
    )


class RetryIn(In):
    """Where to begin again, and with what."""

    from_node: str | None = Field(
        default=None,
        max_length=64,
        description="Steps before this node are reused; the failed steps if left out.",
    )
    version: Literal["same", "latest", "draft"] = Field(
        default="same",
        description="In another one, nodes that have changed since run again, too.",
    )
    items: Items = Field(
        default=None, description="Take the place of what the trigger gave: all runs again."
    )


@router.post(
    "/workflows/{workflow_id}/run",
    status_code=202,
    responses={
        200: {"model": ExecutionOut, "description": "It ended within `wait` seconds."},
        202: {"model": StartedOut, "description": "It was accepted."},
        **OPEN,
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
    """Run the version that was saved last, or the draft, with pinned data where nodes have it."""
    parts = parts_of(request)
    body = body or RunIn()
    workflow, version_id = await DATABASE.run(_version, request, caller, workflow_id, body)
    plan = await parts.engine.plan(version_id)
    await DATABASE.run(check_run, parts, caller.workspace_id, plan)
    if body.trigger_node_id is not None:
        _check_trigger(plan, body.trigger_node_id)
    if body.node_id is not None and body.scope == "node":
        execution_id = await _run_node(request, caller, workflow, version_id, body)
    else:
        execution_id = await _run(parts, caller, workflow, version_id, body)
    if body.wait:
        await parts.engine.followers.wait_for_outcome(execution_id, body.wait, answer_counts=False)
        found = await whole(parts, caller, execution_id)
        if found["status"] in RESTING:
            return json_answer(200, found)
    return json_answer(202, {"execution_id": execution_id})


@router.post("/executions/{execution_id}/retry", status_code=202, responses=OPEN)
async def retry_execution(
    execution_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
    body: RetryIn | None = None,
) -> StartedOut:
    """Begin again where it failed, or at `from_node`, in a new execution."""
    parts = parts_of(request)
    body = body or RetryIn()
    row = (await look(parts, caller, execution_id))[0]
    options = control.Retry(from_node=body.from_node)
    if body.version != "same":
        source = RunIn(source="draft" if body.version == "draft" else "version")
        _workflow, version_id = await DATABASE.run(
            _version, request, caller, row.workflow_id, source
        )
        options = replace(options, version_id=version_id)
    if body.items is not None:
        items = [Item(values) for values in body.items]
        stored = await parts.engine.payloads.payload(caller.workspace_id, items)
        options = control.Retry(
            version_id=options.version_id, payload=stored["payload"], artifact=stored["artifact"]
        )
    return StartedOut(execution_id=await begin_again(parts, caller, row, options))


async def begin_again(
    parts: Parts, caller: Caller, row: RecordedExecution, options: control.Retry
) -> str:
    """Retry an execution as wished; in another version, what changed since runs again."""
    plan = await parts.engine.plan(options.version_id or row.version_id)
    await DATABASE.run(check_run, parts, caller.workspace_id, plan)
    if options.version_id is not None and options.version_id != row.version_id:
        before = await parts.engine.plan(row.version_id)
        options = replace(options, again=changed_nodes(before, plan) | options.again)

    def begin(session: Session) -> str:
        new = control.retry(
            session.connection(), row, plan, options, parts.clock.now(), parts.engine.meter
        )
        record_execution(session, caller, "execution.retried", row.id)
        return new

    new_id = await DATABASE.run(parts.database.change, begin)
    parts.notifier.notify(new_id)
    return new_id


async def _run(
    parts: Parts, caller: Caller, workflow: Workflow, version_id: str, body: RunIn
) -> str:
    items = [Item(values) for values in ([{}] if body.items is None else body.items)]
    payload = await parts.engine.payloads.payload(caller.workspace_id, items)
    at_once = parts.engine.at_once() if body.wait else {}
    incoming = Incoming(
        workspace_id=caller.workspace_id,
        workflow_id=workflow.id,
        version_id=version_id,
        max_concurrency=workflow.max_concurrency,
        now=parts.clock.now(),
        manual=True,
        trigger_node_id=body.trigger_node_id,
        scope=_scope(body),
        source=f"manual:{caller.user_id}",
        # A trial of a draft is free; whoever waits for an answer is refused at once.
        counts=body.source == "version" and body.node_id is None,
        may_wait=False,
        **payload,
        **at_once,
    )
    accepted = await parts.engine.accept(incoming)
    return accepted.execution_id


async def _run_node(
    request: Request, caller: Caller, workflow: Workflow, version_id: str, body: RunIn
) -> str:
    """Run a node on what came into it in an earlier execution, or else all that leads to it."""
    parts = parts_of(request)
    if body.node_id is None:
        return await _run(parts, caller, workflow, version_id, body)
    plan = await parts.engine.plan(version_id)
    source = body.from_execution_id or await DATABASE.run(
        _newest_for, parts, caller, workflow.id, _feeding(plan.definition, body.node_id)
    )
    if source is None:
        return await _run(parts, caller, workflow, version_id, body)
    row = (await look(parts, caller, source))[0]
    if row.workflow_id != workflow.id:
        raise NotFound("That execution is of another workflow.")
    again = frozenset({body.node_id})
    options = control.Retry(version_id=version_id, again=again, by_hand=True, scope=_scope(body))
    return await begin_again(parts, caller, row, options)


def _check_trigger(plan: Plan, node_id: str) -> None:
    if all(node.id != node_id for node in plan.triggers()):
        message = f"What is to run has no trigger {node_id!r}."
        raise InvalidInput(errors=[FieldError("/trigger_node_id", message)])


def _scope(body: RunIn) -> str | None:
    if body.node_id is None:
        return None
    return dumps({"node_id": body.node_id, "scope": body.scope})


def _feeding(definition: WorkflowDefinition, node_id: str) -> list[str]:
    """The nodes whose outputs come into a node; of one that begins, the node itself."""
    return [one.source for one in definition.connections if one.target == node_id] or [node_id]


def _newest_for(parts: Parts, caller: Caller, workflow_id: str, node_ids: list[str]) -> str | None:
    with parts.database.read() as session:
        executions = Executions(session, caller.workspace_id)
        return executions.newest_with_steps(workflow_id, node_ids)


def _version(
    request: Request, caller: Caller, workflow_id: str, body: RunIn
) -> tuple[Workflow, str]:
    """The workflow and the version to run; of a draft or a part, a snapshot is kept."""
    parts = parts_of(request)
    if body.source == "version" and body.node_id is None:
        with parts.database.read() as session:
            workflow = Workflows(session, caller.workspace_id).get(workflow_id)
            latest = WorkflowVersions(session, caller.workspace_id).latest(workflow)
            session.expunge(workflow)
            return workflow, latest.id
    definition, plan = _definition(request, caller, workflow_id, body)
    if body.node_id is not None:
        definition = up_to(definition, body.node_id)
    written = definition.model_dump_json(by_alias=True, exclude_unset=True)
    with parts.database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        if plan is not None:
            with saying(NOT_YET):
                check_references(plan, request, session, caller)
        now = parts.clock.now()
        versions = WorkflowVersions(session, caller.workspace_id)
        snapshot: WorkflowVersion = versions.snapshot(workflow, written, caller.user_id, now)
        version_id = snapshot.id
    return workflow, version_id


def _definition(
    request: Request, caller: Caller, workflow_id: str, body: RunIn
) -> tuple[WorkflowDefinition, Plan | None]:
    """What to run, and the plan of a draft, which was not checked when it was saved."""
    with parts_of(request).database.read() as session:
        workflow = Workflows(session, caller.workspace_id).get(workflow_id)
        if body.source == "version":
            latest = WorkflowVersions(session, caller.workspace_id).latest(workflow)
            return WorkflowDefinition.model_validate(loads(latest.definition)), None
        document, _draft = document_of(session, workflow)
    if not document["nodes"]:
        raise Conflict("The draft has no nodes yet: add one, then run it.")
    with saying(NOT_YET):
        plan = compiled(document, request, caller)
    return plan.definition, plan
