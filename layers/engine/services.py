"""What the engine lends to nodes, behind the contract's protocols."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import text

from layers import jsontext
from layers.contract import FileStore, HttpClient, Item, Json, NodeError, PythonCode
from layers.database import Database
from layers.engine.locks import Locks, Place
from layers.engine.package_policies import StepPolicies
from layers.engine.step import StepContext
from layers.errors import InvalidInput, TreadleError
from layers.sandbox.locking import refused
from layers.sandbox.port import Outcome, Sandbox, SandboxLimits, SandboxRequest, SandboxResult
from layers.sandbox.trace import ACTION, trace
from layers.vault.vault import Row, Vault, WorkspaceKey

READ_CREDENTIAL = text(
    "SELECT c.id, c.type, c.sealed, c.public, c.allowed_hosts, w.sealed_key"
    " FROM credentials c JOIN workspaces w ON w.id = c.workspace_id"
    " WHERE c.workspace_id = :workspace_id AND c.id = :id"
)
USED = text(
    "UPDATE credentials SET last_used_at = :now WHERE workspace_id = :workspace_id AND id = :id"
)
READ_VARIABLES = text("SELECT name, value FROM variables WHERE workspace_id = :workspace_id")
VARIABLES_FRESH_S = 1.0

WithLock = Callable[[SandboxRequest], Awaitable[SandboxRequest]]
"""Gives a request the lock of its requirements; raises InvalidInput where there can be none."""


class Credentials:
    """Opens a workspace's credentials for its own steps."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def load(self, workspace_id: str, credential_id: str) -> dict[str, Any]:
        """Return ``type``, ``allowed_hosts`` and all fields; raises NodeError if it is gone."""
        return await asyncio.to_thread(self.load_now, workspace_id, credential_id)

    def load_now(self, workspace_id: str, credential_id: str) -> dict[str, Any]:
        """The same, in the caller's thread."""
        with self._database.reading() as connection:
            row = connection.execute(
                READ_CREDENTIAL, {"workspace_id": workspace_id, "id": credential_id}
            ).one_or_none()
        if row is None:
            raise NodeError(
                "The credential that this node names does not exist in this workspace; "
                "choose another.",
                kind="invalid_parameters",
            )
        opened = self._vault.open(
            WorkspaceKey(workspace_id, row.sealed_key),
            Row("credentials", row.id, row.type),
            row.sealed,
        )
        return {
            **jsontext.loads(row.public),
            **jsontext.loads(opened),
            "type": row.type,
            "allowed_hosts": jsontext.loads(row.allowed_hosts),
        }


class Variables:
    """A workspace's variables, read again after a second at the latest."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, Mapping[str, Json]]] = {}

    def __call__(self, workspace_id: str) -> Mapping[str, Json]:
        """Return the values by name."""
        read_at, values = self._known.get(workspace_id, (0.0, {}))
        if time.monotonic() - read_at < VARIABLES_FRESH_S and read_at:
            return values
        with self._database.reading() as connection:
            rows = connection.execute(READ_VARIABLES, {"workspace_id": workspace_id})
            values = {row.name: jsontext.loads(row.value) for row in rows}
        if len(self._known) > 1000:
            self._known.clear()
        self._known[workspace_id] = (time.monotonic(), values)
        return values


class StepPython:
    """The sandbox, bound to one attempt of one step."""

    def __init__(self, sandbox: Sandbox, context: StepContext, with_lock: WithLock) -> None:
        self._sandbox = sandbox
        self._context = context
        self._with_lock = with_lock

    async def run(self, code: PythonCode, items: Sequence[Item]) -> list[Item]:
        """Run the code and return its items; raises NodeError with the author's line."""
        context = self._context
        run_id = f"{context.execution_id}:{context.node_id}:{context.activation.run}"
        request = SandboxRequest(
            run_id=f"{run_id}:{context.attempt}:{context.activation.attempt}:{id(context)}",
            workspace_id=context.workspace_id,
            code=code.code,
            items=items,
            context={
                "execution_id": context.execution_id,
                "workflow_id": context.workflow_id,
                "node_id": context.node_id,
                "attempt": context.attempt,
            },
            per=code.per,  # type: ignore[arg-type]
            mode=code.mode,  # type: ignore[arg-type]
            limits=SandboxLimits(
                timeout_s=code.timeout_s,
                memory_mb=code.memory_mb,
                cpu_s=None if code.cpu_s is None else max(1, round(code.cpu_s)),
            ),
            requirements=list(code.requirements),
            network=list(code.network) or "none",
        )
        result = await self._run(request)
        return self._items(result, items, per_item=code.per == "each_item")

    async def _run(self, request: SandboxRequest) -> SandboxResult:
        """Run it with its logs live, and put it on record however it ends."""
        context = self._context
        start = len(context.logs)
        try:
            locked = await self._locked(request)
            if isinstance(locked, SandboxResult):
                result = locked
            else:
                request = locked
                result = await self._sandbox.run(request, partial(context.hear, start))
        except asyncio.CancelledError:
            context.put_on_record(ACTION, trace(request, Outcome.CANCELLED))
            await asyncio.shield(self._sandbox.cancel(request.run_id))
            raise
        except TreadleError:
            context.put_on_record(ACTION, trace(request, Outcome.INFRASTRUCTURE))
            raise
        context.put_on_record(ACTION, trace(request, result))
        context.logs[start:] = result.logs
        return result

    async def _locked(self, request: SandboxRequest) -> SandboxRequest | SandboxResult:
        """The request with its lock, or how a run ends for which there can be none."""
        if not request.requirements:
            return request
        try:
            return await self._with_lock(request)
        except InvalidInput as error:
            return refused(error)

    def _items(self, result: SandboxResult, items: Sequence[Item], *, per_item: bool) -> list[Item]:
        if result.outcome is Outcome.OK:
            given = [Item(values) for values in result.items or []]
            if len(given) == len(items) and not per_item:
                for item, source in zip(given, items, strict=True):
                    if source.files:
                        item.files = source.files
            return given
        error = result.error
        raise NodeError(
            error.message if error else f"The code ended with the outcome {result.outcome}.",
            kind=str(result.outcome),
            retry=result.outcome is Outcome.INFRASTRUCTURE,
            detail={
                "outcome": str(result.outcome),
                "line": error.line if error else None,
                "type": error.type if error else "",
                "traceback": error.traceback if error else "",
            },
        )


@dataclass
class Services:
    """Everything that a step's context reaches through the engine."""

    http: HttpClient
    files: Callable[[str], FileStore]
    sandbox: Sandbox
    credentials: Credentials
    variables: Callable[[str], Mapping[str, Json]]
    locks: Locks
    policies: StepPolicies

    def python(self, context: StepContext) -> StepPython:
        """The sandbox for one attempt of one step."""
        place = Place(context.workspace_id, context.version_id, context.node_id)
        return StepPython(self.sandbox, context, partial(self._with_lock, place))

    async def _with_lock(self, place: Place, request: SandboxRequest) -> SandboxRequest:
        policies = await asyncio.to_thread(self.policies, place.workspace_id)
        lock = await self.locks.of(place, request.requirements, self.sandbox, policies)
        return replace(request, lock=lock.text, policy=policies.merged)
