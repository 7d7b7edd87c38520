"""What the steps of a running execution gave, and which way their items went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layers.contract import Item
from layers.engine.core.ancestry import Ancestors, Given, Passage, Place
from layers.engine.core.lineage import Lineage
from layers.engine.core.state import Activation, Key, Source

Outputs = Mapping[str, Sequence[Item]]


class RunTrail:
    """Remembers steps for expressions that look back; of a workflow that has none, nothing."""

    def __init__(self, *, keeps: bool) -> None:
        self._keeps = keeps
        self._outputs: dict[Key, Outputs] = {}
        self._ways: dict[Key, tuple[Sequence[Source], Lineage | None]] = {}
        self._passages: dict[Key, Passage[int]] = {}
        self._ancestors = Ancestors(self)
        self.latest: dict[int, Outputs] = {}
        """What each node gave when it ran last."""

    def add(self, activation: Activation, outputs: Outputs, lineage: Lineage | None) -> None:
        """A step has its outcome."""
        if self._keeps:
            self.latest[activation.node] = outputs
            self._outputs[activation.key] = outputs
            self._ways[activation.key] = activation.sources, lineage

    def passage(self, node: int, run: int) -> Passage[int] | None:
        """A step that has its outcome, as the way from what it gave to what came in."""
        key = (node, run)
        found = self._passages.get(key)
        if found is None and key in self._ways:
            sources, lineage = self._ways[key]
            found = self._passages[key] = Passage(self._given(sources), lineage)
        return found

    def nearest(self, activation: Activation, index: int, node: int) -> list[Item]:
        """The items of a node that item number ``index`` of a step came from: at most two."""
        came = Passage(self._given(activation.sources), {})
        start = came.at(activation.places[index] if activation.places is not None else index)
        if start is None:
            return []
        return [self._item(place) for place in sorted(self._ancestors.nearest(start, node))]

    def _given(self, sources: Sequence[Source]) -> list[Given[int]]:
        return [
            Given(one.node, one.run, one.port, len(self._gave(one.node, one.run, one.port)))
            for one in sources
        ]

    def _gave(self, node: int, run: int, port: str) -> Sequence[Item]:
        return self._outputs.get((node, run), {}).get(port, ())

    def _item(self, place: Place[int]) -> Item:
        return self._gave(place.node, place.run, place.port)[place.position]
