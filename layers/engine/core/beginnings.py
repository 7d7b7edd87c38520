"""Which items of an execution's event others came from: the whole way back through it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import reduce
from operator import or_
from typing import Generic, TypeVar

from layers.engine.core.ancestry import Place, Trail
from layers.engine.core.lineage import Origin

N = TypeVar("N", int, str)
MOST_PLACES = 100_000
"""So many items are looked at where ways fork; of what is not found by then all is said."""


class Beginnings(Generic[N]):
    """Finds the items of the event that others came from; sets of them are bits of a number."""

    def __init__(self, trail: Trail[N], size: int) -> None:
        """``size`` is how many items the event has."""
        self._trail: Trail[N] = trail
        self._all = (1 << size) - 1
        self._known: dict[Hashable, int] = {}
        self._origins: dict[int, Origin] = {0: ()}

    def of(self, node: N, run: int, port: str, size: int) -> Sequence[Origin]:
        """Where the ``size`` items came from that a step gave at a port, by their places there."""
        here: tuple[N, int, str] = (node, run, port)
        positions: Sequence[int] = range(size)
        # As long as each is made of one and all come from one step, they go back together.
        while positions:
            passage = self._trail.passage(here[0], here[1])
            each = None if passage is None else passage.each(here[2], positions)
            if passage is None or each is None:
                break
            if passage.began:
                return each
            straight = passage.straight(each)
            if straight is None:
                break
            given, positions = straight
            here = given.node, given.run, given.port
        return [self._origin(self._bits(Place(*here, position))) for position in positions]

    def _bits(self, start: Place[N]) -> int:
        known = self._known
        waiting: list[Place[N]] = [start]
        while waiting:
            if len(known) > MOST_PLACES:
                return known.get(start, self._all)
            if waiting[-1] in known:
                waiting.pop()
            else:
                waiting.extend(self._look(waiting[-1]))
        return known[start]

    def _look(self, place: Place[N]) -> Sequence[Place[N]]:
        """Find out about an item; gives those about which that has to be known before."""
        known = self._known
        passage = self._trail.passage(place.node, place.run)
        if passage is None:
            known[place] = self._all
            return ()
        origin = passage.origin(place.port, place.position)
        if passage.began:
            known[place] = self._began(origin)
            return ()
        # Many may have been made of the same many, which are put together once.
        together: Hashable = place
        if not isinstance(origin, int):
            together = (place.node, place.run, None if origin is None else id(origin))
        if together not in known:
            before = list(passage.before(place.port, place.position))
            unknown = [one for one in before if one not in known]
            if unknown:
                return unknown
            known[together] = reduce(or_, (known[one] for one in before), 0)
        known[place] = known[together]
        return ()

    def _began(self, origin: Origin) -> int:
        if origin is None:
            return self._all
        places = (origin,) if isinstance(origin, int) else origin
        return reduce(or_, (1 << place for place in places), 0)

    def _origin(self, bits: int) -> Origin:
        if bits not in self._origins:
            self._origins[bits] = self._read(bits)
        return self._origins[bits]

    def _read(self, bits: int) -> Origin:
        if bits & (bits - 1) == 0:
            return bits.bit_length() - 1
        if bits == self._all:
            return None
        return tuple(at for at, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")
