"""What the engine lends to nodes, behind the contract's protocols."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import text

from layers import jsontext
from layers.clock import Clock
from layers.contract import Capability, CredentialType, FileStore, HttpClient, Json, NodeError
from layers.credentials.authentication import described
from layers.database import Database
from layers.engine.core.credentials import ChosenCredentials
from layers.engine.history_rows import Step
from layers.engine.locks import Locks, Place
from layers.engine.ports import StepHost
from layers.engine.step.capabilities import C, Capabilities
from layers.engine.step.history import StepHistory
from layers.engine.step.package_policies import StepPolicies
from layers.engine.step.python import StepPython
from layers.oauth.freshness import Freshness
from layers.sandbox.port import Sandbox, SandboxCredential, SandboxRequest
from layers.vault.vault import Row, Vault, WorkspaceKey
from layers.work import DATABASE

READ_CREDENTIAL = text(
    "SELECT c.id, c.name, c.type, c.sealed, c.public, c.allowed_hosts, w.sealed_key"
    " FROM credentials c JOIN workspaces w ON w.id = c.workspace_id"
    " WHERE c.workspace_id = :workspace_id AND c.id = :id"
)
USED = text(
    "UPDATE credentials SET last_used_at = :now WHERE workspace_id = :workspace_id AND id = :id"
)
READ_VARIABLES = text("SELECT name, value FROM variables WHERE workspace_id = :workspace_id")
VARIABLES_FRESH_S = 1.0
WORKSPACES_KEPT = 1000


class Credentials:
    """Opens a workspace's credentials for its own steps."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        freshness: Freshness,
        types: Mapping[str, CredentialType],
    ) -> None:
        self._database = database
        self._vault = vault
        self._freshness = freshness
        self._types = types

    async def load(self, workspace_id: str, credential_id: str) -> dict[str, Any]:
        """Return ``type``, ``allowed_hosts``, ``signing``, ``secret_fields`` and all fields.

        Of one that is connected by OAuth the only field is ``token``, which is good for a while;
        ``former_tokens`` beside it are those that it has replaced. Raises NodeError if it is gone,
        if its type is, or if it has to be connected again.
        """
        opened, former = await self._ready(workspace_id, credential_id)
        fields = {**opened.public, **opened.secret}
        found = described(self._type_of(opened), fields, opened.allowed_hosts)
        return {**found, "former_tokens": former} if former else found

    async def handle(self, workspace_id: str, credential_id: str) -> SandboxCredential:
        """Return a credential for code that is not to see its secrets; raises like ``load``."""
        opened, _ = await self._ready(workspace_id, credential_id)
        return replace(opened, signing=self._type_of(opened).signing)

    async def handles(
        self, workspace_id: str, chosen: Mapping[str, str]
    ) -> list[SandboxCredential]:
        """Return the credentials with these ids by slot, for such code; raises like ``load``."""
        return [
            replace(await self.handle(workspace_id, credential_id), slot=slot)
            for slot, credential_id in chosen.items()
        ]

    def _type_of(self, opened: SandboxCredential) -> CredentialType:
        found = self._types.get(opened.type)
        if found is None:
            raise NodeError(
                f"The credential {opened.name!r} is of a type that is not installed here,"
                f" {opened.type!r}: install what brings it, or choose another credential.",
                kind="credential",
            )
        return found

    async def _ready(
        self, workspace_id: str, credential_id: str
    ) -> tuple[SandboxCredential, list[str]]:
        """The credential with what is sent of it, and the tokens that it was before."""
        opened = await DATABASE.run(self._open, workspace_id, credential_id)
        if self._type_of(opened).oauth is None:
            return opened, []
        tokens = await self._freshness.tokens(workspace_id, credential_id)
        former = [tokens.former_token] if tokens.former_token else []
        return replace(opened, public={}, secret={"token": tokens.access_token}), former

    def _open(self, workspace_id: str, credential_id: str) -> SandboxCredential:
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
        return SandboxCredential(
            name=row.name,
            type=row.type,
            # Beside the fields it says which of the optional secrets are set, in a list.
            public={n: v for n, v in jsontext.loads(row.public).items() if isinstance(v, str)},
            secret=jsontext.loads(opened),
            allowed_hosts=jsontext.loads(row.allowed_hosts),
        )


class Variables:
    """A workspace's variables, read again after a second at the latest."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, Mapping[str, Json]]] = {}

    async def of(self, workspace_id: str) -> Mapping[str, Json]:
        """The values by name, as they were a second ago at the earliest."""
        known = self._known.get(workspace_id)
        if known is not None and time.monotonic() - known[0] < VARIABLES_FRESH_S:
            return known[1]
        values = await DATABASE.run(self._read, workspace_id)
        if len(self._known) > WORKSPACES_KEPT:
            self._known.clear()
        self._known[workspace_id] = (time.monotonic(), values)
        return values

    def _read(self, workspace_id: str) -> Mapping[str, Json]:
        with self._database.reading() as connection:
            rows = connection.execute(READ_VARIABLES, {"workspace_id": workspace_id})
            return {row.name: jsontext.loads(row.value) for row in rows}


@dataclass
class Services:
    """Everything that a step's context reaches through the engine."""

    http: HttpClient
    files: Callable[[str], FileStore]
    sandbox: Sandbox
    credentials: Credentials
    variables: Variables
    database: Database
    clock: Clock
    locks: Locks
    policies: StepPolicies
    capabilities: Capabilities

    def python(self, host: StepHost, version_id: str, credentials: ChosenCredentials) -> StepPython:
        """The sandbox for one attempt of one step."""
        place = Place(host.workspace_id, version_id, host.node_id)
        load = partial(self.credentials.handles, host.workspace_id, credentials.ids)
        with_lock = partial(self._with_lock, place)
        return StepPython(self.sandbox, host, with_lock=with_lock, credentials=load)

    def use(self, capability: Capability[C], host: StepHost) -> C:
        """What is lent to one attempt of one step; raises NodeError where nobody does."""
        return self.capabilities.of(capability, host)

    def history(self, step: Step, *, manual: bool) -> StepHistory:
        """What the step's node remembers; a manual run adds nothing."""
        return StepHistory(self.database, step, self.clock.now, manual)

    async def _with_lock(self, place: Place, request: SandboxRequest) -> SandboxRequest:
        policies = await DATABASE.run(self.policies, place.workspace_id)
        lock = await self.locks.of(place, request.requirements, self.sandbox, policies)
        return replace(request, lock=lock.text, policy=policies.merged)
