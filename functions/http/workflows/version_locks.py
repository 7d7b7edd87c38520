"""The locks that belong to a workflow's versions, as they are shown and as they are made."""

from __future__ import annotations

from fastapi import Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of
from functions.http.code.package_policy import policies_of
from functions.http.shapes import Out, PackageOut
from layers.database.models import WorkflowVersion
from layers.database.repositories.workflow_version_locks import WorkflowVersionLocks
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.engine.core.plan import Plan, compile_plan
from layers.engine.locks import lock_version
from layers.identity import Caller
from layers.jsontext import loads


class VersionLock(Out):
    """The packages that a Python node of a version runs with; they never change."""

    node_id: str
    sha256: str = Field(description="The digest of the lock, as runs have it in the audit log.")
    packages: list[PackageOut]


def locks_of(session: Session, version: WorkflowVersion) -> list[VersionLock]:
    """The locks of a version as they go out."""
    return [
        VersionLock(node_id=one.node_id, sha256=one.lock_sha256, packages=loads(one.packages))
        for one in WorkflowVersionLocks(session, version.workspace_id).of(version.id)
    ]


async def lock_latest(workflow_id: str, request: Request, caller: Caller) -> tuple[str, Plan]:
    """Make the locks of the version that was saved last, and return its id and its plan.

    It may take seconds: no transaction is open meanwhile. Raises NotFound, InvalidInput that
    points at what cannot be locked, SandboxUnavailable.
    """
    parts = parts_of(request)
    services = parts.engine.services

    def read() -> WorkflowVersion:
        with parts.database.read() as session:
            workflow = Workflows(session, caller.workspace_id).get(workflow_id)
            return WorkflowVersions(session, caller.workspace_id).latest(workflow)

    version = await run_in_threadpool(read)
    plan = await run_in_threadpool(
        compile_plan,
        loads(version.definition),
        parts.catalogue,
        caller.workspace_id,
        was_saved=True,
    )
    policies = await run_in_threadpool(policies_of, request, caller)
    place = (caller.workspace_id, version.id)
    await lock_version(services.locks, services.sandbox, policies, plan, place)
    return version.id, plan
