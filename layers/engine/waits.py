"""What a suspended step waits for, and whether it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layers import jsontext
from layers.contract import Item
from layers.engine.state import Activation, StepError


@dataclass(slots=True)
class Wait:
    """A step that waits. ``kind`` is timer, callback, workflow or retry."""

    activation: Activation
    kind: str
    started_at: float
    due_at: float | None = None
    child_id: str | None = None

    def detail(self) -> str:
        """What the journal keeps of it."""
        return jsontext.dumps({"kind": self.kind, "execution_id": self.child_id})


@dataclass(frozen=True, slots=True)
class Come:
    """Why a wait is over: a callback's item, a child's row, or just the time."""

    item: Item | None = None
    child: Any = None
    error: StepError | None = None


def look(wait: Wait, node_id: str, leased: Any, taken: Sequence[str], now: float) -> Any:
    """Return ``(come, callback id)`` when the wait is over, else None."""
    if wait.kind == "callback":
        for callback in leased.callbacks:
            if callback.id not in taken and callback.node_id in (None, node_id):
                return Come(item=Item(jsontext.loads(callback.payload))), callback.id
        if wait.due_at is not None and now >= wait.due_at:
            error = StepError("Nobody called the callback address in time.", "callback_timeout")
            return Come(error=error), None
        return None
    if wait.kind == "workflow":
        child = leased.children.get(wait.child_id)
        return (Come(child=child), None) if child is not None else None
    if wait.due_at is not None and now >= wait.due_at:
        return Come(), None
    return None
