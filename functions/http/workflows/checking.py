"""What is checked of a workflow's document before it is kept, published or run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from sqlalchemy.orm import Session

from functions.http.access import parts_of
from functions.http.workflows.node_credentials import credential_mistakes
from layers.database.repositories.credentials import Credentials
from layers.database.repositories.workflows import Workflows
from layers.engine.core.plan import Plan, compile_plan
from layers.errors import FieldError, InvalidInput
from layers.identity import Caller


def compiled(document: object, request: Request, caller: Caller) -> Plan:
    """Check what a document says by itself, which may take a while: not in a transaction.

    Raises InvalidInput that points at every mistake.
    """
    parts = parts_of(request)
    cookies = parts.settings.server.hooks_may_set_cookies
    plan = compile_plan(document, parts.catalogue, caller.workspace_id, cookies=cookies)
    if any(ord(character) < 32 for character in plan.definition.name):
        raise InvalidInput(errors=[FieldError("/name", "Leave out the control characters.")])
    return plan


def check_references(plan: Plan, request: Request, session: Session, caller: Caller) -> None:
    """Check what a workflow names of its workspace; raises InvalidInput."""
    body, registry = plan.definition, parts_of(request).registry
    named = {name for node in plan.nodes for name in node.credentials.ids.values()}
    known = Credentials(session, caller.workspace_id).known(named)
    errors = [one for node in plan.nodes for one in credential_mistakes(node, known, registry)]
    error_workflow = body.settings.error_workflow_id
    if error_workflow is not None and not _has_workflow(session, caller, error_workflow):
        message = "There is no such workflow in this workspace."
        errors.append(FieldError("/settings/error_workflow_id", message))
    if errors:
        raise InvalidInput("The workflow is not valid.", errors=errors)


def _has_workflow(session: Session, caller: Caller, workflow_id: str) -> bool:
    return Workflows(session, caller.workspace_id).find(workflow_id) is not None


def mistakes_in(document: object, request: Request, caller: Caller) -> list[FieldError]:
    """All that stands in the way of publishing a document; not in a transaction."""
    try:
        plan = compiled(document, request, caller)
        with parts_of(request).database.read() as session:
            check_references(plan, request, session, caller)
    except InvalidInput as error:
        return _mistakes(error)
    return []


@contextmanager
def saying(otherwise: str) -> Iterator[None]:
    """Let an InvalidInput from within begin with ``otherwise``, and name every mistake."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(otherwise, errors=_mistakes(error)) from error


def _mistakes(error: InvalidInput) -> list[FieldError]:
    return list(error.errors) or [FieldError("", error.detail)]
