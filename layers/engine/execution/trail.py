"""What the steps of a running execution gave, and which way their items went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layers.contract import Item
from layers.engine.core.ancestry import Ancestors, Given, Passage, Place
from layers.engine.core.beginnings import Beginnings
from layers.engine.core.lineage import Lineage, Origin, came_in
from layers.engine.core.state import Activation, Key, Leaf, Source

Outputs = Mapping[str, Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Way:
    """Where the items of a step came from, how many it gave at each port, and began with."""

    sources: Sequence[Source]
    lineage: Lineage | None
    sizes: Mapping[str, int]
    began: int


class RunTrail:
    """Remembers steps for whoever looks back; where nobody does, nothing."""

    def __init__(self, *, keeps_items: bool, keeps_ways: bool = False) -> None:
        """``keeps_items`` is for expressions that look back, ``keeps_ways`` for a caller."""
        self._keeps_items = keeps_items
        self._keeps_ways = keeps_ways or keeps_items
        self._outputs: dict[Key, Outputs] = {}
        self._ways: dict[Key, Way] = {}
        self._passages: dict[Key, Passage[int]] = {}
        self._ancestors = Ancestors(self)
        self._began = 0
        self.latest: dict[int, Outputs] = {}
        """What each node gave when it ran last."""

    def add(self, activation: Activation, outputs: Outputs, lineage: Lineage | None) -> None:
        """A step has its outcome."""
        if self._keeps_ways:
            sizes = {port: len(items) for port, items in outputs.items()}
            began = len(came_in(activation)) if not activation.sources else 0
            self._began = max(self._began, began)
            self._ways[activation.key] = Way(activation.sources, lineage, sizes, began)
        if self._keeps_items:
            self.latest[activation.node] = outputs
            self._outputs[activation.key] = outputs

    def passage(self, node: int, run: int) -> Passage[int] | None:
        """A step that has its outcome, as the way from what it gave to what came in."""
        key = (node, run)
        found = self._passages.get(key)
        way = self._ways.get(key)
        if found is None and way is not None:
            given = self._given(way.sources)
            found = self._passages[key] = Passage(given, way.lineage, way.began)
        return found

    def nearest(self, activation: Activation, index: int, node: int) -> list[Item]:
        """The items of a node that item number ``index`` of a step came from: at most two."""
        came = Passage(self._given(activation.sources), {})
        start = came.at(activation.places[index] if activation.places is not None else index)
        if start is None:
            return []
        return [self._item(place) for place in sorted(self._ancestors.nearest(start, node))]

    def beginnings(self, node: int, leaf: Leaf) -> list[Origin]:
        """Which items of the execution's event those came from that a step gave."""
        found = Beginnings(self, self._began)
        return [
            origin
            for port, items in leaf.ports.items()
            for origin in found.of(node, leaf.run, port, len(items))
        ]

    def _given(self, sources: Sequence[Source]) -> list[Given[int]]:
        return [
            Given(one.node, one.run, one.port, self._gave(one.node, one.run, one.port))
            for one in sources
        ]

    def _gave(self, node: int, run: int, port: str) -> int:
        way = self._ways.get((node, run))
        return 0 if way is None else way.sizes.get(port, 0)

    def _item(self, place: Place[int]) -> Item:
        return self._outputs[place.node, place.run][place.port][place.position]
