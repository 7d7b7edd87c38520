"""What the functions of a trigger are handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers.contract import FileStore, HttpClient, Json
from layers.engine.core.credentials import ChosenCredentials
from layers.engine.step.services import Credentials

MOST_LINES = 100
LONGEST_LINE = 1000


@dataclass(frozen=True)
class Loan:
    """What all triggers may reach: other systems, files of a workspace, and its credentials."""

    http: HttpClient
    files: Callable[[str], FileStore]
    credentials: Credentials


@dataclass
class SourceContext:
    """What all functions of a trigger have in common."""

    loan: Loan
    workspace_id: str
    workflow_id: str
    node_id: str
    timezone: str
    credentials: ChosenCredentials
    lines: list[str] = field(default_factory=list, kw_only=True)
    """What was logged, the newest last."""

    @property
    def http(self) -> HttpClient:
        """Sends requests to other systems."""
        return self.loan.http

    def log(self, text: str) -> None:
        """Add a line; the newest 100 stay."""
        self.lines.append(text[:LONGEST_LINE])
        del self.lines[:-MOST_LINES]

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return the secret fields of the credential in a slot, or None if none is chosen."""
        chosen = self.credentials.of(slot)
        if chosen is None:
            return None
        found = await self.loan.credentials.load(self.workspace_id, chosen)
        self.credentials.fitting(slot, found["type"], types)
        return found


@dataclass
class PollContext(SourceContext):
    """The ``TriggerContext`` of one poll."""

    now: float
    acquired: Json = None

    @property
    def files(self) -> FileStore:
        """Keeps files, to be put on the items of events."""
        return self.loan.files(self.workspace_id)


@dataclass
class ListenerContext(SourceContext):
    """The ``ListenContext`` of one listener, as long as it runs."""

    nudge_with: Callable[[], None]
    acquired: Json = None

    def nudge(self) -> None:
        """Have the trigger polled as soon as it may be; from any thread."""
        self.nudge_with()


@dataclass
class HoldingContext(SourceContext):
    """The ``AcquireContext`` of one attempt to acquire or to release."""

    key: str
    hook_url: str | None
