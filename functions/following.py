"""What a follower of an execution is told, and where one goes on whose connection was cut."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections import deque
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers import jsontext
from layers.database.models.executions import FINAL
from layers.engine import history
from layers.engine.recorded import StepState
from layers.engine.step_logs import LogRow

OPEN_MOST = 50
"""Of how many open steps a place tells; it has to fit into a header."""
LARGEST = (1 << 63) - 1


class Place(BaseModel):
    """How far somebody was told: an event's id holds it, so that no process has to remember."""

    model_config = ConfigDict(strict=True)

    position: int = Field(default=-1, ge=-1, le=LARGEST)
    """All outcomes up to this one are told."""
    log_position: int = Field(default=-1, ge=-1, le=LARGEST)
    """All that was printed up to this piece is told."""
    status: str = ""
    opened: dict[str, tuple[str, int]] = Field(default={}, max_length=OPEN_MOST)
    """Of steps without an outcome: the status and the attempt that are told."""

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
    """One follower; ``tell`` gives what it was not told yet, as server-sent events.

    After a cut nothing is told again, but the states of open steps beyond ``OPEN_MOST``.
    """

    def __init__(self, last_event_id: str | None = None) -> None:
        self.place = Place.read(last_event_id)
        self._opened = dict(self.place.opened)

    def tell(self, news: history.News) -> Iterator[str]:
        """Events for what is new behind ``place``, which goes along."""
        printed = {_key(log) for log in news.logs}
        outcomes = deque(news.outcomes)
        while outcomes and not news.has_more_logs and _key(outcomes[0]) not in printed:
            yield self._of_outcome(outcomes.popleft())
        for step in news.opened:
            yield from self._of_open_step(step)
        for log in news.logs:
            self.place.log_position = log.position
            said = {"node_id": log.node_id, "run_index": log.run_index}
            yield self._event("log", {**said, "stream": log.stream, "text": log.text})
        if news.has_more_logs:
            return
        # A step's outcome is told after all that it printed.
        for step in outcomes:
            yield self._of_outcome(step)
        if news.has_more_steps:
            return
        if news.row.status != self.place.status:
            self.place.status = news.row.status
            yield self._event("status", history.summary(news.row))
        if news.row.status in FINAL:
            yield self._event("end", {"status": news.row.status})

    def _of_outcome(self, step: StepState) -> str:
        assert step.position is not None
        self.place.position = step.position
        self._opened.pop(_key(step), None)
        self.place.opened.pop(_key(step), None)
        return self._event("step", _described(step))

    def _of_open_step(self, step: StepState) -> Iterator[str]:
        key, state = _key(step), (step.status, step.attempt)
        if self._opened.get(key) == state:
            return
        self._opened[key] = state
        if key in self.place.opened or len(self.place.opened) < OPEN_MOST:
            self.place.opened[key] = state
        yield self._event("step", _described(step))

    def _event(self, name: str, data: dict[str, Any]) -> str:
        return f"id: {self.place.write()}\nevent: {name}\ndata: {jsontext.dumps(data)}\n\n"


def _described(step: StepState) -> dict[str, Any]:
    return {**history.state(step), **history.counted(step)}


def _key(one: StepState | LogRow) -> str:
    return f"{one.node_id}/{one.run_index}"
