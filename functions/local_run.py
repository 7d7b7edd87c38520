"""Runs one workflow to its end in this process, without a server: ``treadle run``."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.assembly import build_parts
from functions.parts import Parts
from layers import jsontext
from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.contract import Item
from layers.database import migrate
from layers.database.models import Workflow, WorkflowVersion, Workspace
from layers.engine.accept import Incoming
from layers.engine.core.plan import Plan, compile_plan
from layers.engine.outcomes import Answer, End
from layers.ids import new_id
from layers.queue import MemoryNotifier
from layers.registry import installed
from layers.sandbox import Sandbox
from layers.settings import SecretSettings, Settings, StorageSettings

A_DAY_S = 86_400.0


@dataclass(frozen=True)
class LocalResult:
    """How it ended, and the last nodes' items in the order in which they finished."""

    status: str
    items: list[dict[str, Any]]
    error: str | None = None


def needs_sandbox(definition: object) -> bool:
    """Say whether a workflow has a node that runs in the sandbox; raises InvalidInput."""
    plan = compile_plan(definition, catalogue_of(installed()), NO_WORKSPACE)
    return any(node.traits.sandbox is not None for node in plan.nodes)


def run_file(
    definition: object,
    items: list[dict[str, Any]] | None,
    settings: Settings,
    on_step: Callable[[], None] | None = None,
    sandbox: Sandbox | None = None,
) -> LocalResult:
    """Run a workflow document with these items as what its trigger gives.

    Raises InvalidInput for a document that is not valid. State is kept in a temporary folder
    and gone afterwards.
    """
    plan = compile_plan(definition, catalogue_of(installed()), NO_WORKSPACE)
    with tempfile.TemporaryDirectory(prefix="treadle-run-") as folder:
        local = _local(settings, Path(folder))
        return asyncio.run(_run(local, plan, definition, items, on_step, sandbox))


def _local(settings: Settings, folder: Path) -> Settings:
    return replace(
        settings,
        storage=StorageSettings(
            folder=folder,
            database_url=f"sqlite:///{folder}/treadle.db",
            queue_url="",
            artifacts_url=f"file://{folder}/artifacts",
        ),
        secrets=SecretSettings(keys=settings.secrets.keys or (secrets.token_hex(32),)),
    )


async def _run(
    settings: Settings,
    plan: Plan,
    definition: object,
    items: list[dict[str, Any]] | None,
    on_step: Callable[[], None] | None,
    sandbox: Sandbox | None,
) -> LocalResult:
    parts = build_parts(settings, notifier=MemoryNotifier(), sandbox=sandbox)
    migrate.upgrade(parts.database)
    row = _store(parts, plan, definition)
    engine = parts.engine
    engine.on_step = on_step
    await engine.start()
    try:
        given = [Item(values) for values in ([{}] if items is None else items)]
        payload = await engine.payloads.payload(row.workspace_id, given)
        accepted = await engine.accept(
            Incoming(
                workspace_id=row.workspace_id,
                workflow_id=row.id,
                version_id=row.latest_version_id,
                source="local",
                manual=True,
                counts=False,
                now=parts.clock.now(),
                **payload,
                **engine.at_once(),
            )
        )
        end = await engine.followers.wait_for_outcome(
            accepted.execution_id, A_DAY_S, answer_counts=False
        )
    finally:
        await engine.stop()
        await parts.close()
    return _result(end)


def _store(parts: Parts, plan: Plan, definition: object) -> Workflow:
    now = parts.clock.now()
    workspace_id = new_id()
    workflow = Workflow(
        id=new_id(),
        workspace_id=workspace_id,
        name=plan.definition.name,
        latest_version=1,
        latest_version_id=new_id(),
        active=False,
        created_at=now,
        updated_at=now,
    )
    with parts.database.write() as session:
        session.add(
            Workspace(
                id=workspace_id,
                name="Local",
                sealed_key=parts.vault.new_workspace_key(workspace_id),
                created_at=now,
            )
        )
        session.flush()
        session.add(workflow)
        session.flush()
        session.add(
            WorkflowVersion(
                id=workflow.latest_version_id,
                workspace_id=workspace_id,
                workflow_id=workflow.id,
                number=1,
                definition=jsontext.dumps(definition),
                created_at=now,
            )
        )
    return workflow


def _result(end: Answer | End | None) -> LocalResult:
    if not isinstance(end, End):
        return LocalResult("failed", [], "The workflow ran for more than a day.")
    items = [dict(item) for leaf in end.leaves.values() for item in leaf]
    error = None
    if end.error is not None:
        node = end.error.get("node_id")
        error = f"{node}: {end.error['message']}" if node else str(end.error["message"])
    return LocalResult(end.status, items, error)
