"""What suspended steps wait for, and whether it has come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from layers import jsontext
from layers.clock import Clock
from layers.contract import CallPage, Item, Json
from layers.contract.suspension import WaitForCallback
from layers.engine.callback_rows import ends, item_of
from layers.engine.core.state import Activation, Key, StepError
from layers.engine.rows import CallbackRow, ChildRow
from layers.engine.statuses import CallbackSource, WaitKind

MOST_TITLE = 500
MOST_MESSAGE = 20_000
SHORT_WAIT_S = 0.75
"""Shorter waits stay in the process; longer ones are written down and hold nothing."""


@dataclass(slots=True)
class Wait:
    """A step that waits."""

    activation: Activation
    kind: WaitKind
    started_at: float
    due_at: float | None = None
    child_id: str | None = None
    terms: Mapping[str, Json] = field(default_factory=dict)
    """Of a wait for a call: ``title`` and ``message`` of its page, and its ``timeout_port``."""
    sent: str | None = None
    """Of a called workflow: where the items came from that it began with, see ``lineage``."""

    def detail(self) -> str:
        """What the journal keeps of it."""
        kept: dict[str, Json] = {"kind": self.kind.value, "execution_id": self.child_id}
        if self.terms:
            kept["terms"] = dict(self.terms)
        if self.sent is not None:
            kept["sent"] = self.sent
        return jsontext.dumps(kept)

    def arrived(self) -> Sequence[Item]:
        """The items that go on when a timer has gone off."""
        return next((items for items in self.activation.arrivals.values() if items), ())


def terms_of(wait: WaitForCallback) -> dict[str, Json]:
    """What is kept of a wait for a call until it is over."""
    page = wait.page or CallPage()
    terms: dict[str, Json] = {
        "title": page.title[:MOST_TITLE],
        "message": page.message[:MOST_MESSAGE],
        "timeout_port": wait.timeout_port,
    }
    return {name: value for name, value in terms.items() if value}


class Waits(dict[Key, Wait]):
    """The steps of a run that wait, by their key."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def add(self, wait: Wait) -> None:
        """A step waits from now on."""
        self[wait.activation.key] = wait

    @property
    def children(self) -> tuple[str, ...]:
        """The called executions whose end is waited for."""
        return tuple(wait.child_id for wait in self.values() if wait.child_id)

    @property
    def next_due(self) -> float | None:
        """When the first of them is over by itself."""
        dues = (wait.due_at for wait in self.values() if wait.due_at is not None)
        return min(dues, default=None)

    @property
    def seconds_to_timer(self) -> float:
        """Seconds until the first timer goes off; infinite where none runs."""
        return min((due for due, _wait in self._timers()), default=math.inf) - self._clock.now()

    @property
    def has_short(self) -> bool:
        """Whether one is over so soon that the process waits for it."""
        horizon = self._clock.now() + SHORT_WAIT_S
        return any(due <= horizon for due, _wait in self._timers())

    def take_over(self) -> list[Wait]:
        """Those whose timer has gone off; they wait no more."""
        now = self._clock.now()
        over = [wait for due, wait in self._timers() if due <= now]
        for wait in over:
            del self[wait.activation.key]
        return over

    def _timers(self) -> Iterator[tuple[float, Wait]]:
        for wait in self.values():
            if wait.due_at is not None and wait.kind in (WaitKind.TIMER, WaitKind.RETRY):
                yield wait.due_at, wait


@dataclass(frozen=True, slots=True)
class WakeCause:
    """Why a wait is over: a callback's item, a child's row, or just the time.

    ``port`` is where items go on that waited in vain, ``callback_id`` names the callback.
    """

    item: Item | None = None
    child: ChildRow | None = None
    error: StepError | None = None
    port: str = "main"
    callback_id: str | None = None


def check_wait(
    wait: Wait,
    node_id: str,
    callbacks: Sequence[CallbackRow],
    children: Mapping[str, ChildRow],
    now: float,
) -> WakeCause | None:
    """Say why the wait is over, if it is; ``callbacks`` are those that ended no other wait yet."""
    match wait.kind:
        case WaitKind.CALLBACK:
            for callback in callbacks:
                if ends(callback, node_id, wait.activation.run):
                    return _called(wait, callback)
            # That its time is over is on record, too: the lease has looked whether it is.
            return None
        case WaitKind.WORKFLOW:
            child = children.get(wait.child_id or "")
            return None if child is None else WakeCause(child=child)
        case WaitKind.TIMER | WaitKind.RETRY | WaitKind.DECISION:
            is_over = wait.due_at is not None and now >= wait.due_at
            return WakeCause() if is_over else None
        case _:
            assert_never(wait.kind)


def _called(wait: Wait, callback: CallbackRow) -> WakeCause:
    match callback.source:
        case CallbackSource.CALL | CallbackSource.PERSON:
            return WakeCause(item=item_of(callback.payload), callback_id=callback.id)
        case CallbackSource.DEADLINE:
            port = wait.terms.get("timeout_port")
            if isinstance(port, str):
                return WakeCause(port=port, callback_id=callback.id)
            error = StepError("Nobody called the callback address in time.", "callback_timeout")
            return WakeCause(error=error, callback_id=callback.id)
        case _:
            assert_never(callback.source)
