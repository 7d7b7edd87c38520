"""What the engine tells a meter, and asks it: the port behind which billing is.

Everything happens in the transaction that produced the usage, so that what is counted and what
happened never differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection

from layers.clock import rfc3339
from layers.errors import LimitReached

EXECUTIONS = "executions"
STEPS = "steps"
SANDBOX_CPU = "sandbox_cpu_ms"
EGRESS = "egress_bytes"
AI_INPUT_TOKENS = "ai_input_tokens"
AI_OUTPUT_TOKENS = "ai_output_tokens"
AI_COST = "ai_cost"
AI_TOKENS = "ai_tokens"
"""The limit that both kinds of tokens fill."""
LONGEST_S = "timeout_seconds"
"""How long an execution may take."""
SHORTEST_PAUSE_S = "minimum_poll_seconds"
"""How often a trigger may look for what is new."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Something was used. ``source_id`` names what used it: written twice it counts once.

    ``quantity`` is a whole number of the meter's unit; below zero it takes something back.
    ``occurred_at`` is in Unix seconds. ``detail`` tells kinds of a meter apart.
    """

    workspace_id: str
    meter: str
    source_id: str
    quantity: int
    occurred_at: float
    workflow_id: str | None = None
    execution_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """An execution that wants to begin. ``may_wait`` says that it can be kept for later."""

    workspace_id: str
    workflow_id: str
    execution_id: str
    now: float
    may_wait: bool


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """A limit that leaves no room: how much it is, what is used, and from when there is more.

    ``whose`` says whose limit it is, ``remedy`` what can be done, in a sentence. ``wanted`` is how
    much there was no room for, and ``reserved`` what those that run now may use of it.
    """

    meter: str
    limit: int
    used: int
    resets_at: float | None
    upgrade_url: str
    whose: str = "that its plan includes"
    remedy: str = "An owner of the workspace can choose a larger plan."
    wanted: int = 1
    reserved: int = 0

    def error(self) -> LimitReached:
        """The same as an error to raise."""
        reset = "" if self.resets_at is None else f" It starts anew on {_day(self.resets_at)}."
        return LimitReached(
            f"This workspace has used {self.used} of the {self.limit} {_words(self.meter)}"
            f" {self.whose}.{self._asked()}{reset} {self.remedy}",
            meter=self.meter,
            limit=self.limit,
            used=self.used,
            resets_at=rfc3339(self.resets_at),
            upgrade_url=self.upgrade_url,
        )

    def _asked(self) -> str:
        """Why there is no room although not all is used."""
        if self.used >= self.limit:
            return ""
        running = f", and {self.reserved} are kept for what runs now" if self.reserved else ""
        return f" This needs up to {self.wanted} more{running}."


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a start may run. Else it is refused, or kept (``held_for`` names the limit)."""

    held_for: str | None = None
    refused: LimitExceeded | None = None


ADMITTED = Admission()


@dataclass(frozen=True, slots=True)
class Reservation:
    """At most ``amount`` of ``limit_name`` (such as ``ai_tokens``) for one step.

    Reserved again under the same id, it takes the place of the former one; a usage whose source
    has that id settles it; at ``expires_at`` (Unix seconds) it is given up if nobody did.
    """

    id: str
    workspace_id: str
    workflow_id: str
    execution_id: str
    limit_name: str
    amount: int
    expires_at: float


class Meter(Protocol):
    """Counts usage, and holds starts to the plan of their workspace."""

    def admit(self, connection: Connection, starts: Sequence[Start]) -> Sequence[Admission]:
        """Decide on each start, and count those that may run; within the caller's transaction."""
        ...

    def record(self, connection: Connection, usages: Sequence[Usage]) -> None:
        """Write usages down; those that are on record already change nothing."""
        ...

    def is_bounded(
        self, connection: Connection, workspace_id: str, workflow_id: str, limit_name: str
    ) -> bool:
        """Whether room has to be reserved in it before it is used: by a plan or by a budget."""
        ...

    def reserve(self, connection: Connection, reservation: Reservation, now: float) -> None:
        """Keep room for what a step may use; raises an error with status 402, keeping nothing."""
        ...

    def release(self, connection: Connection, reservation_id: str) -> None:
        """Give up a reservation of which nothing was used."""
        ...

    def bound(
        self, connection: Connection, workspace_id: str, limit_name: str, now: float
    ) -> int | None:
        """What the plan has of a limit that holds at any time, such as ``timeout_seconds``."""
        ...


class NoMeter:
    """Counts nothing and admits everything: an instance without billing."""

    def admit(self, connection: Connection, starts: Sequence[Start]) -> Sequence[Admission]:
        """Let all run."""
        return [ADMITTED] * len(starts)

    def record(self, connection: Connection, usages: Sequence[Usage]) -> None:
        """Forget them."""

    def is_bounded(
        self, connection: Connection, workspace_id: str, workflow_id: str, limit_name: str
    ) -> bool:
        """Nothing is."""
        return False

    def reserve(self, connection: Connection, reservation: Reservation, now: float) -> None:
        """There is room for everything."""

    def release(self, connection: Connection, reservation_id: str) -> None:
        """Nothing was reserved."""

    def bound(
        self, connection: Connection, workspace_id: str, limit_name: str, now: float
    ) -> int | None:
        """There is no plan."""
        return None


def _words(meter: str) -> str:
    return meter.replace("_", " ")


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %B %Y")
