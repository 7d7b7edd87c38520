"""Publishing a draft, and making a workflow of another one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import In, Name, PathId
from functions.http.workflows.checking import check_references, compiled, saying
from functions.http.workflows.drafts import (
    STALE,
    DraftOut,
    answer,
    begin_workflow,
    check_draft_match,
    document_of,
    edited,
    etag_of,
    shaped,
)
from functions.http.workflows.workflows import (
    IfMatch,
    WorkflowOut,
    activate_latest,
    record_workflow,
    whole_workflow,
)
from layers.database.repositories.workflow_drafts import WorkflowDrafts
from layers.database.repositories.workflows import Workflows
from layers.errors import Conflict
from layers.identity import Caller, Permission

router = group("publishing", "/workflows")

NOT_YET = "The workflow cannot be published yet."
PUBLISHING_TRIES = 5
"""How often to begin anew when the draft is saved while it is being checked."""


class PublishIn(In):
    """What to say of the new version, and whether its triggers start."""

    message: str | None = Field(default=None, max_length=500)
    activate: bool = Field(
        default=False, description="Also done without it where the workflow is active already."
    )


class DuplicateIn(In):
    """How the copy is called."""

    name: Name | None = None


@router.post(
    "/{workflow_id}/publish",
    responses={
        **STALE,
        **problems(
            _409="A webhook's path is taken.",
            _503="Packages have to be resolved, and the sandbox cannot at the moment.",
        ),
    },
    response_model_exclude_unset=True,
)
async def publish_workflow(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    body: PublishIn | None = None,
    if_match: IfMatch = None,
) -> WorkflowOut:
    """Make the draft the newest version; where the workflow is active, its triggers start that."""
    wish = body or PublishIn()
    published, active = await run_in_threadpool(
        _publish, workflow_id, request, response, caller, wish, if_match
    )
    if wish.activate or active:
        return await activate_latest(workflow_id, request, response, caller)
    return published


def _publish(
    workflow_id: str,
    request: Request,
    response: Response,
    caller: Caller,
    wish: PublishIn,
    if_match: str | None,
) -> tuple[WorkflowOut, bool]:
    parts = parts_of(request)
    for _ in range(PUBLISHING_TRIES):
        with parts.database.read() as session:
            workflow = Workflows(session, caller.workspace_id).get(workflow_id)
            check_draft_match(session, workflow, if_match)
            found = edited(session, workflow)
        with saying(NOT_YET):
            plan = compiled(found.document, request, caller)
        with parts.database.write() as session:
            workflows = Workflows(session, caller.workspace_id)
            workflow = workflows.lock(workflow_id)
            drafts = WorkflowDrafts(session, caller.workspace_id)
            if etag_of(workflow, drafts.of(workflow_id)) != found.etag:
                continue
            with saying(NOT_YET):
                check_references(plan, request, session, caller)
            if found.revision or not workflow.latest_version:
                definition = plan.definition
                workflow.name = definition.name
                workflow.max_concurrency = definition.settings.max_concurrency
                text = definition.model_dump_json(by_alias=True, exclude_unset=True)
                workflows.save(workflow, text, caller.user_id, parts.clock.now(), wish.message)
                drafts.discard(workflow_id)
                record_workflow(session, caller, "workflow.published", workflow)
            return whole_workflow(session, workflow, response), workflow.active
    raise Conflict("The draft is being saved all the while; publish it when that has ended.")


@router.post("/{workflow_id}/duplicate", status_code=201)
def duplicate_workflow(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    body: DuplicateIn | None = None,
) -> DraftOut:
    """Begin a new workflow with what is edited in this one; webhooks' paths stay as they are."""
    parts = parts_of(request)
    now = parts.clock.now()
    with parts.database.write() as session:
        source = Workflows(session, caller.workspace_id).get(workflow_id)
        document, _draft = document_of(session, source)
        name = (body.name if body else None) or f"{source.name[:190]} (copy)"
        copied = shaped({**document, "name": name})
        copy = edited(session, begin_workflow(session, copied, caller, now))
    return answer(copy, request, response, caller)
