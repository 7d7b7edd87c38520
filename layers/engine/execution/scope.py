"""What expressions can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from layers.contract import Json
from layers.engine.core.emptiness import real
from layers.engine.core.plan import Plan
from layers.engine.core.state import Activation
from layers.engine.execution.callback_addresses import CallbackAddresses
from layers.engine.execution.progress import Progress
from layers.engine.execution.trail import RunTrail
from layers.engine.rows import ExecutionRow
from layers.expressions import DateTime
from layers.expressions.errors import MissingKey

CallbackUrl = Callable[[str, str | None, int], str]


class LazyMapping(Mapping[str, Any]):
    """A mapping each of whose values is made when an expression looks at it."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers

    def __getitem__(self, key: str) -> Any:
        return self._makers[key]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class NodesView(Mapping[str, Any]):
    """``nodes.NAME``: what every node gave that has run, as an item of one step sees it."""

    def __init__(self, plan: Plan, trail: RunTrail, activation: Activation) -> None:
        self._plan = plan
        self._trail = trail
        self._activation = activation
        self.place: int | None = None
        """Which of the items that came into the step is at hand; None: there is none."""

    def __getitem__(self, key: str) -> Any:
        node = self._plan.index_of[key]
        outputs = self._trail.latest[node]
        place = self.place
        found = [] if place is None else self._trail.nearest(self._activation, place, node)
        return NodeView(key, outputs, found)

    def __iter__(self) -> Iterator[str]:
        return (self._plan.nodes[index].id for index in self._trail.latest)

    def __len__(self) -> int:
        return len(self._trail.latest)


class NodeView(Mapping[str, Any]):
    """What a node gave: ``items``, ``outputs`` by port, and the ``item`` that another came from."""

    def __init__(
        self, name: str, outputs: Mapping[str, Sequence[Json]], found: Sequence[Json]
    ) -> None:
        """``found`` are the items of the node that the one at hand came from, two of several."""
        self._name = name
        self._outputs = outputs
        self._found = found

    def __getitem__(self, key: str) -> Any:
        if key == "outputs":
            return dict(self._outputs)
        if key == "items":
            return real(next((items for items in self._outputs.values() if items), []))
        if key != "item":
            raise KeyError(key)
        if len(self._found) == 1:
            return self._found[0]
        raise MissingKey(self._why_none())

    def _why_none(self) -> str:
        if self._found:
            return (
                f"This item was made of several items of '{self._name}', so nodes.{self._name}.item"
                f" could be any of them. Use nodes.{self._name}.items, the list of all."
            )
        return (
            f"This item came from no item of '{self._name}', so there is no nodes.{self._name}.item"
            f" for it. Use nodes.{self._name}.items, the list of all that the node gave."
        )

    def __contains__(self, key: object) -> bool:
        return key in list(self)

    def __iter__(self) -> Iterator[str]:
        yield from ("items", "outputs", "item") if len(self._found) == 1 else ("items", "outputs")

    def __len__(self) -> int:
        return len(list(self))


class RunScope:
    """The names that the expressions of a run see, ``item`` and ``items`` aside."""

    def __init__(self, row: ExecutionRow, progress: Progress, callback_url: CallbackUrl) -> None:
        self._row = row
        self._progress = progress
        self._callback_url = callback_url
        self.variables: Mapping[str, Json] = {}
        plan = progress.plan
        self._workflow = {"id": row.workflow_id, "name": plan.definition.name}

    def of(self, now: float, activation: Activation) -> dict[str, Any]:
        """The names for one step that began at ``now``."""
        plan = self._progress.plan
        zone = plan.definition.settings.timezone
        return {
            "nodes": NodesView(plan, self._progress.trail, activation),
            "workflow": self._workflow,
            "vars": self.variables,
            "execution": self._execution(activation),
            "now": DateTime.from_timestamp(now, zone),
        }

    def _execution(self, activation: Activation) -> LazyMapping:
        addresses = CallbackAddresses(self._progress.state, activation, self._url)
        return LazyMapping(
            {
                "id": lambda: self._row.id,
                "mode": lambda: "manual" if self._row.manual else "production",
                "callback_url": addresses.nearest,
                "callback_urls": lambda: addresses,
            }
        )

    def _url(self, node_id: str | None, run: int) -> str:
        return self._callback_url(self._row.id, node_id, run)
