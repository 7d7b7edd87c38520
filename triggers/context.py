"""What a trigger's poll is handed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.contract import HttpClient, NodeError
from layers.engine.step.services import Credentials


@dataclass
class PollContext:
    """The ``TriggerContext`` of one poll."""

    workspace_id: str
    workflow_id: str
    node_id: str
    now: float
    timezone: str
    http: HttpClient
    credential_id: str | None
    credentials: Credentials

    async def credential(self, types: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Return the secret fields of the node's credential, or None if it has none."""
        if self.credential_id is None:
            return None
        found = await self.credentials.load(self.workspace_id, self.credential_id)
        if types and found["type"] not in types:
            raise NodeError(f"The credential must be one of {', '.join(types)}.")
        return found
