"""Which way items went through an execution, as its journal tells it to those who look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, text

from layers import jsontext
from layers.engine.core.ancestry import Ancestors, Given, Passage, Place, history
from layers.engine.core.lineage import SAME, decode

READ_WAYS = text(
    "SELECT node_id, run_index, sources, lineage, counts FROM steps"
    " WHERE workspace_id = :workspace_id AND execution_id = :id"
)


class StepWay(Protocol):
    """What is read of a step: its key, and JSON of where its items came from and how many."""

    @property
    def node_id(self) -> str: ...
    @property
    def run_index(self) -> int: ...
    @property
    def sources(self) -> str: ...
    @property
    def lineage(self) -> str | None: ...
    @property
    def counts(self) -> str | None: ...


@dataclass(frozen=True)
class History:
    """The items that one came from, nearest first; ``truncated`` if there are more."""

    places: Sequence[Place[str]]
    truncated: bool


class RecordedTrail:
    """The steps of one execution."""

    def __init__(self, steps: Sequence[StepWay]) -> None:
        self._steps = {(step.node_id, step.run_index): step for step in steps}
        self._passages: dict[tuple[str, int], Passage[str]] = {}
        self._ancestors = Ancestors(self)
        self.nodes = frozenset(node for node, _run in self._steps)

    def passage(self, node: str, run: int) -> Passage[str] | None:
        """A step as the way from what it gave to what came in."""
        key = (node, run)
        found = self._passages.get(key)
        step = self._steps.get(key)
        if found is None and step is not None:
            found = self._passages[key] = Passage(self._given(step), decode(step.lineage))
        return found

    def has(self, node: str, run: int) -> bool:
        """Whether there is such a step."""
        return (node, run) in self._steps

    def gave(self, node: str, run: int, port: str) -> int:
        """How many items a step gave at a port."""
        step = self._steps.get((node, run))
        counts = jsontext.loads(step.counts)["output"] if step is not None and step.counts else {}
        size: int = counts.get(port, 0)
        return size

    def came_in(
        self, node: str, run: int, index: int, port: str | None = None
    ) -> Place[str] | None:
        """Where item number ``index`` came from that came into a step, of all ports or of one."""
        step = self._steps.get((node, run))
        return None if step is None else Passage(self._given(step, port), SAME).at(index)

    def nearest(self, start: Place[str] | None, node: str) -> list[Place[str]]:
        """The items of ``node`` that one came from, which is one itself: at most two."""
        return [] if start is None else sorted(self._ancestors.nearest(start, node))

    def history(self, start: Place[str], most: int) -> History:
        """This item and all that it came from."""
        return History(*history(self, [start], most))

    def _given(self, step: StepWay, port: str | None = None) -> list[Given[str]]:
        return [
            Given(node, run, from_port, self.gave(node, run, from_port))
            for node, run, from_port, to_port in jsontext.loads(step.sources)
            if port in (None, to_port)
        ]


def read_trail(connection: Connection, workspace_id: str, execution_id: str) -> RecordedTrail:
    """The steps of an execution; of one that is not there, none."""
    values = {"workspace_id": workspace_id, "id": execution_id}
    return RecordedTrail(list(connection.execute(READ_WAYS, values)))
