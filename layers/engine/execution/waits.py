"""What a suspended step waits for, and whether it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers import jsontext
from layers.contract import CallPage, Item, Json
from layers.contract.suspension import WaitForCallback
from layers.engine.callback_rows import ends, item_of
from layers.engine.core.state import Activation, StepError

MOST_TITLE = 500
MOST_MESSAGE = 20_000


@dataclass(slots=True)
class Wait:
    """A step that waits. ``kind`` is timer, callback, workflow or retry."""

    activation: Activation
    kind: str
    started_at: float
    due_at: float | None = None
    child_id: str | None = None
    terms: Mapping[str, Json] = field(default_factory=dict)
    """Of a wait for a call: ``title`` and ``message`` of its page, and its ``timeout_port``."""

    def detail(self) -> str:
        """What the journal keeps of it."""
        kept: dict[str, Json] = {"kind": self.kind, "execution_id": self.child_id}
        if self.terms:
            kept["terms"] = dict(self.terms)
        return jsontext.dumps(kept)


def terms_of(wait: WaitForCallback) -> dict[str, Json]:
    """What is kept of a wait for a call until it is over."""
    page = wait.page or CallPage()
    terms: dict[str, Json] = {
        "title": page.title[:MOST_TITLE],
        "message": page.message[:MOST_MESSAGE],
        "timeout_port": wait.timeout_port,
    }
    return {name: value for name, value in terms.items() if value}


@dataclass(frozen=True, slots=True)
class WakeCause:
    """Why a wait is over: a callback's item, a child's row, or just the time.

    ``port`` is where items go on that waited in vain.
    """

    item: Item | None = None
    child: Any = None
    error: StepError | None = None
    port: str = "main"


def check_wait(wait: Wait, node_id: str, leased: Any, taken: Sequence[str], now: float) -> Any:
    """Return ``(cause, callback id)`` when the wait is over, else None."""
    if wait.kind == "callback":
        for callback in leased.callbacks:
            if callback.id not in taken and ends(callback, node_id, wait.activation.run):
                return _called(wait, callback), callback.id
        # That its time is over is on record, too: the lease has looked whether it is.
        return None
    if wait.kind == "workflow":
        child = leased.children.get(wait.child_id)
        return (WakeCause(child=child), None) if child is not None else None
    if wait.due_at is not None and now >= wait.due_at:
        return WakeCause(), None
    return None


def _called(wait: Wait, callback: Any) -> WakeCause:
    if callback.source != "deadline":
        return WakeCause(item=item_of(callback.payload))
    port = wait.terms.get("timeout_port")
    if isinstance(port, str):
        return WakeCause(port=port)
    return WakeCause(
        error=StepError("Nobody called the callback address in time.", "callback_timeout")
    )
