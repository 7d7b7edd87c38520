"""Drafts: what somebody is editing, saved as it is, with all that is still wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import Identifier, In, Moment, Name, Out, PathId, moment
from functions.http.workflows.checking import mistakes_in
from functions.http.workflows.workflow_versions import Number
from functions.http.workflows.workflows import (
    IfMatch,
    new_workflow,
    record_workflow,
)
from layers.database.models import User, Workflow, WorkflowDraft
from layers.database.repositories.workflow_drafts import WorkflowDrafts
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.engine.core.upgrading import with_newest_versions
from layers.errors import FieldError, InvalidInput, StaleDraft, Unconditional
from layers.identity import Caller, Permission, Via
from layers.jsontext import dumps, loads

router = group("drafts")

STALE = problems(_412="Somebody saved the draft meanwhile; `current` says who and when.")
MEMBERS = {
    "name": "",
    "settings": {},
    "nodes": [],
    "connections": [],
    "sticky_notes": [],
}
Document = Annotated[
    dict[str, Any],
    Field(
        description="A workflow document that may be incomplete.",
        examples=[{"name": "Order intake", "nodes": [], "connections": []}],
    ),
]


class ProblemOut(Out):
    """Something that stands in the way of publishing."""

    pointer: str = Field(description="A JSON pointer into the document.")
    message: str


class AuthorOut(Out):
    """Who saved something."""

    id: Identifier
    name: str


@dataclass(frozen=True)
class Edited:
    """What is edited of a workflow, as one transaction found or left it."""

    workflow_id: str
    revision: int
    base_version: int
    latest_version: int
    document: dict[str, Any]
    updated_at: float
    updated_by: AuthorOut | None
    etag: str


class DraftOut(Out):
    """A draft; `revision` 0 is the newest version itself, of which nothing was changed yet."""

    workflow_id: Identifier
    revision: int
    base_version: int = Field(description="The version that the draft was begun from; 0: none.")
    latest_version: int
    document: dict[str, Any]
    updated_at: Moment
    updated_by: AuthorOut | None
    problems: list[ProblemOut]


class DraftIn(In):
    """What is to be kept."""

    document: Document


class NewDraftIn(In):
    """A workflow that begins as a draft."""

    name: Name
    document: Document | None = None


@router.post("/workflow-drafts", status_code=201)
def create_draft(
    body: NewDraftIn,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
) -> DraftOut:
    """Make a workflow that has no version yet: it can be run as a draft, and published later."""
    parts = parts_of(request)
    now = parts.clock.now()
    document = shaped({**(body.document or {}), "name": body.name})
    with parts.database.write() as session:
        begun = edited(session, begin_workflow(session, document, caller, now))
    return answer(begun, request, response, caller)


@router.get("/workflows/{workflow_id}/draft")
def read_draft(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> DraftOut:
    """Read the draft, or the newest version where nothing was changed; its ETag goes into
    If-Match when the draft is saved."""
    with parts_of(request).database.read() as session:
        found = edited(session, Workflows(session, caller.workspace_id).get(workflow_id))
    return answer(found, request, response, caller)


@router.put(
    "/workflows/{workflow_id}/draft",
    responses={**STALE, **problems(_428="In a browser's session, `If-Match` is missing.")},
)
def save_draft(
    workflow_id: PathId,
    body: DraftIn,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    if_match: IfMatch = None,
) -> DraftOut:
    """Keep the draft as it is; what is wrong with it comes back as `problems`.

    Several windows may have it open: in a session `If-Match` is required.
    """
    parts = parts_of(request)
    if if_match is None and caller.via is Via.SESSION:
        raise Unconditional
    document = shaped(body.document)
    with parts.database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        check_draft_match(session, workflow, if_match)
        drafts = WorkflowDrafts(session, caller.workspace_id)
        drafts.save(workflow, dumps(document), caller.user_id, parts.clock.now())
        if workflow.latest_version == 0 and isinstance(document["name"], str):
            workflow.name = document["name"][:200] or workflow.name
        saved = edited(session, workflow)
    return answer(saved, request, response, caller)


@router.delete("/workflows/{workflow_id}/draft", responses=STALE)
def discard_draft(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    if_match: IfMatch = None,
) -> DraftOut:
    """Go back to the newest version; a workflow without a version becomes empty."""
    with parts_of(request).database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        check_draft_match(session, workflow, if_match)
        WorkflowDrafts(session, caller.workspace_id).discard(workflow.id)
        record_workflow(session, caller, "workflow.draft_discarded", workflow)
        left = edited(session, workflow)
    return answer(left, request, response, caller)


@router.post("/workflows/{workflow_id}/versions/{number}/restore", responses=STALE)
def restore_version(
    workflow_id: PathId,
    number: Number,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    if_match: IfMatch = None,
) -> DraftOut:
    """Make an earlier version the draft; publishing it makes it the newest version."""
    parts = parts_of(request)
    with parts.database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        check_draft_match(session, workflow, if_match)
        version = WorkflowVersions(session, caller.workspace_id).numbered(workflow_id, number)
        drafts = WorkflowDrafts(session, caller.workspace_id)
        drafts.save(workflow, _as_draft(version.definition), caller.user_id, parts.clock.now())
        record_workflow(session, caller, "workflow.version_restored", workflow)
        restored = edited(session, workflow)
    return answer(restored, request, response, caller)


def _as_draft(definition: str) -> str:
    """A version as a draft, in which what names no version of its type would be of the newest."""
    document = loads(definition)
    nodes = [{**node, "version": node.get("version") or 1} for node in document["nodes"]]
    return dumps({**document, "nodes": nodes})


def begin_workflow(
    session: Session, document: dict[str, Any], caller: Caller, now: float
) -> Workflow:
    """A new workflow of the document's name, with the document as its draft."""
    workflow = new_workflow(document["name"], caller, now)
    session.add(workflow)
    session.flush()
    drafts = WorkflowDrafts(session, caller.workspace_id)
    drafts.save(workflow, dumps(document), caller.user_id, now)
    record_workflow(session, caller, "workflow.created", workflow)
    return workflow


def shaped(document: dict[str, Any]) -> dict[str, Any]:
    """A document with all members of a workflow; raises InvalidInput where it is not shaped so.

    The shape is what an editor needs to show it: lists of objects, nodes with an id and a type.
    """
    errors: list[FieldError] = []
    whole = {**MEMBERS, **document}
    if not isinstance(whole["name"], str):
        errors.append(FieldError("/document/name", "The name must be a text."))
    if not isinstance(whole["settings"], dict):
        errors.append(FieldError("/document/settings", "The settings must be an object."))
    for member, texts in (
        ("nodes", ("id", "type")),
        ("connections", ("from", "to")),
        ("sticky_notes", ("id",)),
    ):
        errors += _list_errors(member, whole[member], texts)
    if errors:
        raise InvalidInput("The document is not shaped like a workflow.", errors=errors)
    return whole


def _list_errors(member: str, found: object, texts: tuple[str, ...]) -> list[FieldError]:
    if not isinstance(found, list):
        return [FieldError(f"/document/{member}", "This must be a list.")]
    errors = []
    for index, one in enumerate(found):
        pointer = f"/document/{member}/{index}"
        if not isinstance(one, dict):
            errors.append(FieldError(pointer, "This must be an object."))
            continue
        errors += [
            FieldError(f"{pointer}/{name}", "This must be a text.")
            for name in texts
            if not isinstance(one.get(name), str)
        ]
    return errors


def document_of(
    session: Session, workflow: Workflow
) -> tuple[dict[str, Any], WorkflowDraft | None]:
    """What is edited: the draft's document, or the newest version's, or an empty one."""
    draft = WorkflowDrafts(session, workflow.workspace_id).of(workflow.id)
    if draft is not None:
        return {**MEMBERS, **loads(draft.document)}, draft
    if workflow.latest_version:
        latest = WorkflowVersions(session, workflow.workspace_id).latest(workflow)
        return {**MEMBERS, **loads(latest.definition)}, None
    return {**MEMBERS, "name": workflow.name}, None


def etag_of(workflow: Workflow, draft: WorkflowDraft | None) -> str:
    """Changes with every save, and when a version is published or the draft is discarded."""
    if draft is None:
        return f'"d{workflow.latest_version}.0"'
    # A draft that was discarded counts from one again: what it holds tells it from the next one.
    digest = sha256(draft.document.encode()).hexdigest()[:16]
    return f'"d{draft.base_version}.{draft.revision}.{digest}"'


def check_draft_match(session: Session, workflow: Workflow, if_match: str | None) -> None:
    """Raise StaleDraft unless the change is based on the draft as it is."""
    if if_match is None or if_match.strip() == "*":
        return
    draft = WorkflowDrafts(session, workflow.workspace_id).of(workflow.id)
    if etag_of(workflow, draft) not in {one.strip() for one in if_match.split(",")}:
        author = None if draft is None else _author(session, draft.updated_by)
        raise StaleDraft(
            current={
                "revision": 0 if draft is None else draft.revision,
                "updated_at": moment(workflow.updated_at if draft is None else draft.updated_at),
                "updated_by": None if author is None else author.model_dump(),
            }
        )


def edited(session: Session, workflow: Workflow) -> Edited:
    """What is edited of a workflow."""
    document, draft = document_of(session, workflow)
    return Edited(
        workflow_id=workflow.id,
        revision=0 if draft is None else draft.revision,
        base_version=workflow.latest_version if draft is None else draft.base_version,
        latest_version=workflow.latest_version,
        document=document,
        updated_at=workflow.updated_at if draft is None else draft.updated_at,
        updated_by=None if draft is None else _author(session, draft.updated_by),
        etag=etag_of(workflow, draft),
    )


def answer(found: Edited, request: Request, response: Response, caller: Caller) -> DraftOut:
    """The draft as it goes out, with its ETag and its mistakes; not in a transaction.

    Its nodes are of the newest versions of their types, which are kept once somebody saves them.
    """
    response.headers["ETag"] = found.etag
    document, mistakes = with_newest_versions(
        found.document,
        parts_of(request).catalogue,
        caller.workspace_id,
        was_saved=not found.revision,
    )
    noted = {one.pointer for one in mistakes}
    mistakes += [one for one in mistakes_in(document, request, caller) if one.pointer not in noted]
    return DraftOut(
        workflow_id=found.workflow_id,
        revision=found.revision,
        base_version=found.base_version,
        latest_version=found.latest_version,
        document=document,
        updated_at=moment(found.updated_at),
        updated_by=found.updated_by,
        problems=[ProblemOut(pointer=one.pointer, message=one.message) for one in mistakes],
    )


def _author(session: Session, user_id: str | None) -> AuthorOut | None:
    user = None if user_id is None else session.get(User, user_id)
    return None if user is None else AuthorOut(id=user.id, name=user.name)
