"""What a node gives back instead of items when the execution has to wait or call another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from layers.contract.calls import CallPage
from layers.contract.item import Items


@dataclass(frozen=True)
class WaitUntil:
    """Go on at ``moment`` (seconds since the epoch) with these items; holds no process."""

    moment: float
    items: Items


@dataclass(frozen=True)
class WaitForCallback:
    """Go on when the step's callback URL is called, or at ``expires_at``.

    Which calls count is what the node declares as ``call_rules``. In time what comes out is one
    item with the call's body, query, headers and method; too late the step fails, or gives its
    items on ``timeout_port``. ``page`` is what a person reads who opens the URL.
    """

    items: Items
    expires_at: float | None = None
    page: CallPage | None = None
    timeout_port: str | None = None


@dataclass(frozen=True)
class CallWorkflow:
    """Start another workflow with these items and, if ``wait``, go on with its result."""

    workflow_id: str
    items: Items = field(default_factory=tuple)
    wait: bool = True


Suspension: TypeAlias = WaitUntil | WaitForCallback | CallWorkflow
