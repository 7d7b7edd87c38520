"""What a follower of an execution is told, and where one goes on whose connection was cut."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from functions.live_logs import LiveLogs, step_key
from layers import jsontext
from layers.database.models.executions import FINAL
from layers.engine import history
from layers.engine.recorded import ExecutionState, StepState

OPEN_MOST = 50
"""Of how many open steps with logs a place tells; it has to fit into a header."""


class Place(BaseModel):
    """How far somebody was told: an event's id holds it, so that no process has to remember."""

    model_config = ConfigDict(strict=True)

    position: int = -1
    """All outcomes up to this one are told, with all that was printed."""
    status: str = ""
    logs: dict[str, tuple[NonNegativeInt, NonNegativeInt]] = Field(default={}, max_length=OPEN_MOST)
    """Of other steps: the attempt, and how many characters of what it printed are told."""

    @classmethod
    def read(cls, event_id: str | None) -> Place:
        """The place that an id holds; the beginning where it holds none."""
        try:
            return cls.model_validate_json(urlsafe_b64decode(event_id or ""))
        except (NotBase64, ValueError, ValidationError):
            return cls()

    def write(self) -> str:
        """An id that holds this place."""
        return urlsafe_b64encode(self.model_dump_json().encode()).decode()


class Following:
    """One follower; ``news`` gives what it was not told yet, as server-sent events.

    States of steps may be told again after a cut, pieces of logs and outcomes are not.
    """

    def __init__(self, last_event_id: str | None = None) -> None:
        self._place = Place.read(last_event_id)
        self._logs = LiveLogs()
        self._shown: dict[str, tuple[str, int]] = {}
        for key, (attempt, characters) in self._place.logs.items():
            self._logs.skip(key, attempt, characters)

    def news(self, row: ExecutionState, steps: Sequence[StepState]) -> Iterator[str]:
        """Events for what is new in the rows of an execution and its steps."""
        for step in sorted(steps, key=_by_outcome):
            if step.position is None or step.position > self._place.position:
                yield from self._of_step(step)
        if row.status != self._place.status:
            self._place.status = row.status
            yield self._event("status", history.summary(row))
        if row.status in FINAL:
            yield self._event("end", {"status": row.status})

    def _of_step(self, step: StepState) -> Iterator[str]:
        key = step_key(step)
        state = (step.status, step.attempt)
        told: list[tuple[str, dict[str, Any]]] = []
        if self._shown.get(key) != state:
            self._shown[key] = state
            told.append(("step", {**history.progress(step), **history.counted(step)}))
        told += [("log", piece) for piece in self._logs.new_in(step)]
        for left, (name, data) in zip(range(len(told) - 1, -1, -1), told, strict=True):
            if name == "log":
                self._count(key, step.attempt, len(data["text"]))
            if step.position is not None and not left:
                self._place.position = step.position
                self._place.logs.pop(key, None)
            yield self._event(name, data)

    def _count(self, key: str, attempt: int, characters: int) -> None:
        known = self._place.logs.get(key)
        if known is None and len(self._place.logs) >= OPEN_MOST:
            return
        before = known[1] if known is not None and known[0] == attempt else 0
        self._place.logs[key] = (attempt, before + characters)

    def _event(self, name: str, data: dict[str, Any]) -> str:
        return f"id: {self._place.write()}\nevent: {name}\ndata: {jsontext.dumps(data)}\n\n"


def _by_outcome(step: StepState) -> tuple[bool, int]:
    return step.position is None, step.position or 0
