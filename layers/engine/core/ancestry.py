"""Which items an item came from, step by step back through an execution."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Generic, NamedTuple, Protocol, TypeVar

from layers.engine.core.lineage import Lineage, Origin

N = TypeVar("N", int, str)
"""What names a node: its index in a plan, or its id."""


class Place(NamedTuple, Generic[N]):
    """An item that a step gave: at which of the node's ports, and which of the items there."""

    node: N
    run: int
    port: str
    position: int


class Given(NamedTuple, Generic[N]):
    """What came into a step from one other: all that it gave at a port, of ``size`` items."""

    node: N
    run: int
    port: str
    size: int


class Passage(Generic[N]):
    """A step as the way from what it gave to what came in."""

    __slots__ = ("_given", "_lineage", "_starts", "began")

    def __init__(self, given: Sequence[Given[N]], lineage: Lineage | None, began: int = 0) -> None:
        """Where there is no ``lineage``, items may have come from any that came in.

        ``began`` items came with the execution's event, where nothing came from other steps.
        """
        self._given: Sequence[Given[N]] = given
        self._lineage = lineage
        self._starts = list(accumulate((one.size for one in given), initial=0))
        self.began = began

    def single(self, port: str, position: int) -> Place[N] | None:
        """The one item that an item was made of; None where there is not just one."""
        origin = self.origin(port, position)
        return self.at(origin) if isinstance(origin, int) else None

    def before(self, port: str, position: int) -> Iterator[Place[N]]:
        """The items that an item was made of."""
        origin = self.origin(port, position)
        if origin is None:
            origin = tuple(range(self._starts[-1]))
        for place in (origin,) if isinstance(origin, int) else origin:
            found = self.at(place)
            if found is not None:
                yield found

    def origin(self, port: str, position: int) -> Origin:
        """Which of the items that came in an item was made of."""
        if self._lineage is None:
            return None
        origins = self._lineage.get(port)
        return position if origins is None else origins[position]

    def each(self, port: str, positions: Sequence[int]) -> Sequence[int] | None:
        """The same of several, where each was made of one; else None."""
        if self._lineage is None:
            return None
        origins = self._lineage.get(port)
        if origins is None:
            return positions
        found = [origin for at in positions if isinstance(origin := origins[at], int)]
        return found if len(found) == len(positions) else None

    def straight(self, places: Sequence[int]) -> tuple[Given[N], Sequence[int]] | None:
        """The one step that all these came from, and their positions there; else None."""
        number = bisect_right(self._starts, min(places)) - 1
        if number >= len(self._given) or max(places) >= self._starts[number + 1]:
            return None
        begin = self._starts[number]
        return self._given[number], [place - begin for place in places] if begin else places

    def at(self, place: int) -> Place[N] | None:
        """The item that came in as number ``place``; None if it came with the execution's event."""
        if not 0 <= place < self._starts[-1]:
            return None
        number = bisect_right(self._starts, place) - 1
        one = self._given[number]
        return Place(one.node, one.run, one.port, place - self._starts[number])


class Trail(Protocol[N]):
    """The steps of an execution that have an outcome."""

    def passage(self, node: N, run: int) -> Passage[N] | None:
        """One of them; None where nothing is known of it."""
        ...


class Ancestors(Generic[N]):
    """Finds the item of a node that another item came from, and remembers what it found."""

    def __init__(self, trail: Trail[N]) -> None:
        self._trail: Trail[N] = trail
        self._known: dict[tuple[N, Place[N]], frozenset[Place[N]]] = {}

    def nearest(self, start: Place[N], node: N) -> frozenset[Place[N]]:
        """The last items of ``node`` on the ways to this one: none, one, or two of several."""
        place: Place[N] | None = start
        while place is not None:
            if place.node == node:
                return frozenset((place,))
            passage = self._trail.passage(place.node, place.run)
            if passage is None:
                return frozenset()
            before = passage.single(place.port, place.position)
            if before is None:
                return self._of_several(place, node)
            place = before
        return frozenset()

    def _of_several(self, start: Place[N], node: N) -> frozenset[Place[N]]:
        """The same where the way forks, or ends."""
        known = self._known.get((node, start))
        if known is None:
            known = self._known[node, start] = frozenset(self._search(start, node))
        return known

    def _search(self, start: Place[N], node: N) -> set[Place[N]]:
        found: set[Place[N]] = set()
        seen: set[Place[N]] = set()
        waiting = [start]
        while waiting and len(found) < 2:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            if place.node == node:
                found.add(place)
            elif (known := self._known.get((node, place))) is not None:
                found |= known
            else:
                waiting.extend(self._before(place))
        return set(sorted(found)[:2])

    def _before(self, place: Place[N]) -> Iterable[Place[N]]:
        passage = self._trail.passage(place.node, place.run)
        return () if passage is None else passage.before(place.port, place.position)


def history(trail: Trail[N], start: Iterable[Place[N]], most: int) -> tuple[list[Place[N]], bool]:
    """The items that others came from, nearest first, and whether there are more than ``most``."""
    found: dict[Place[N], None] = {}
    level = list(dict.fromkeys(start))
    while level:
        following: dict[Place[N], None] = {}
        for place in level:
            if place in found:
                continue
            if len(found) == most:
                return list(found), True
            found[place] = None
            passage = trail.passage(place.node, place.run)
            if passage is not None:
                following.update(dict.fromkeys(passage.before(place.port, place.position)))
        level = list(following)
    return list(found), False
