"""Where the items that a step gave came from: found out, and written down.

Items that come in are counted through all arrivals, in the order of the step's sources; of each
source all its items count, also those that a loop hands on in another round. An item that went out
at place *i* of its port and was made of the item that came in at place *i* needs no word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import is_
from typing import Any, TypeAlias

from layers import jsontext
from layers.contract import Item, Json
from layers.engine.core.state import Activation

Origin: TypeAlias = int | tuple[int, ...] | None
"""The items that one was made of, by their places: one, several or none; None stands for all."""
Lineage: TypeAlias = Mapping[str, Sequence[Origin]]
"""By port; a port that is not there has items that each came from the same place."""

SAME: Lineage = {}
UNKNOWN = "unknown"
"""What stands in steps that are older than their lineage."""
SHORTEST_RUN = 3


def trace(activation: Activation, outputs: Mapping[str, Sequence[Item]]) -> Lineage:
    """Where the items of a step came from; what they said themselves is forgotten."""
    came = came_in(activation)
    changed = [items for items in outputs.values() if not _is_passed_on(items, came)]
    if not changed and activation.places is None:
        return SAME
    found: dict[str, list[Origin]] = {}
    if activation.places is not None or not all(_stays(items, came) for items in changed):
        places = activation.places or range(len(came))
        by_place = {id(item): place for item, place in zip(came, places, strict=True)}
        for port, items in outputs.items():
            origins = _origins(items, by_place, places, joins=len(activation.arrivals) > 1)
            if any(origin != at for at, origin in enumerate(origins)):
                found[port] = origins
            _separate(items)
    for items in changed:
        _forget(items)
    return found


def came_in(activation: Activation) -> Sequence[Item]:
    """All items that came into a step, in the order in which they are counted."""
    ports = list(activation.arrivals.values())
    return ports[0] if len(ports) == 1 else [item for items in ports for item in items]


def told_apart(activation: Activation) -> None:
    """Make sure that no item came in twice: on several ways the same one may have come.

    An item is known again by its being the same object, and each way is a history of its own.
    """
    seen: set[int] = set()
    for port, items in activation.arrivals.items():
        here = {id(item) for item in items}
        if len(here) < len(items) or not seen.isdisjoint(here):
            activation.arrivals[port] = [_known_once(item, seen) for item in items]
        seen |= here


def _known_once(item: Item, seen: set[int]) -> Item:
    if id(item) not in seen:
        seen.add(id(item))
        return item
    return again(item)


def again(item: Item) -> Item:
    """The same item as another object."""
    made = Item(item)
    if item.files:
        made.files = item.files
    if item.is_placeholder:
        made.is_placeholder = True
    made.sources = item.sources
    return made


def _is_passed_on(items: Sequence[Item], came: Sequence[Item]) -> bool:
    return len(items) <= len(came) and all(map(is_, items, came))


def _stays(items: Sequence[Item], came: Sequence[Item]) -> bool:
    """Whether each item is, or was made of, the one that came in at its place."""
    if len(items) > len(came):
        return False
    for made, item in zip(items, came, strict=False):
        if made is not item and (
            made.sources is None or len(made.sources) != 1 or made.sources[0] is not item
        ):
            return False
    return True


def _separate(items: Sequence[Item]) -> None:
    """Make what is in a list twice two items, which the next step can tell apart."""
    if isinstance(items, list) and len({id(item) for item in items}) < len(items):
        seen: set[int] = set()
        items[:] = [_known_once(item, seen) for item in items]


def _forget(items: Iterable[Item]) -> None:
    for item in items:
        if item.sources is not None:
            item.sources = None


def _origins(
    items: Sequence[Item], by_place: Mapping[int, int], places: Sequence[int], *, joins: bool
) -> list[Origin]:
    in_order = len(items) == len(places) and not joins
    origins: list[Origin] = []
    together: dict[int, Origin] = {}
    for at, made in enumerate(items):
        place = by_place.get(id(made))
        if place is not None:
            origins.append(place)
        elif made.sources is None:
            origins.append(places[at] if in_order else None)
        elif len(made.sources) < 2:
            origins.append(_said(made, by_place))
        else:
            # Many may have been made of the same many.
            known = id(made.sources)
            if known not in together:
                together[known] = _said(made, by_place)
            origins.append(together[known])
    return origins


def _said(made: Item, by_place: Mapping[int, int]) -> Origin:
    """The places of the items that one says it was made of, in one step or in several."""
    found: set[int] = set()
    waiting = list(made.sources or ())
    is_foreign = False
    while waiting:
        item = waiting.pop()
        place = by_place.get(id(item))
        if place is not None:
            found.add(place)
        elif item.sources is not None:
            waiting.extend(item.sources)
        else:
            is_foreign = True
    if len(found) == 1:
        return found.pop()
    # What is made of items that never came in says nothing that could be followed.
    return None if is_foreign and not found else tuple(sorted(found))


# As text


def encode(lineage: Lineage) -> str | None:
    """Write it as JSON, ``{port: [part, …]}``; None where there is nothing to say.

    A part is a place; or ``[place, count, step]`` for so many items, the places ``step`` apart,
    the last left out where it is 1; or ``{"of": [part, …], "count": n}`` for as many items that
    were each made of all these; ``of`` is null for all that came in.
    """
    if not lineage:
        return None
    return jsontext.dumps({port: packed(origins) for port, origins in lineage.items()})


def decode(text: str | None) -> Lineage | None:
    """Read what ``encode`` wrote; None where nothing is known."""
    if text is None:
        return SAME
    if text == UNKNOWN:
        return None
    return {port: unpacked(parts) for port, parts in jsontext.loads(text).items()}


def packed(origins: Sequence[Origin]) -> list[Json]:
    """The parts of ``encode`` that say where so many items came from."""
    parts: list[Json] = []
    at = 0
    while at < len(origins):
        origin = origins[at]
        end = at + 1
        if isinstance(origin, int):
            end = _end_of_run(origins, at)
            parts.extend(_run(origins, at, end))
        else:
            while end < len(origins) and (origins[end] is origin or origins[end] == origin):
                end += 1
            of = None if origin is None else packed(origin)
            parts.append({"of": of, "count": end - at})
        at = end
    return parts


def _end_of_run(origins: Sequence[Origin], at: int) -> int:
    """Where places end that are equally far apart."""
    first = origins[at]
    second = origins[at + 1] if at + 1 < len(origins) else None
    if not isinstance(first, int) or not isinstance(second, int):
        return at + 1
    step = second - first
    end = at + 2
    wanted = second + step
    while end < len(origins) and type(origins[end]) is int and origins[end] == wanted:
        end += 1
        wanted += step
    return end if end - at >= SHORTEST_RUN else at + 1


def _run(origins: Sequence[Any], at: int, end: int) -> list[Json]:
    if end - at == 1:
        return [origins[at]]
    step = origins[at + 1] - origins[at]
    return [[origins[at], end - at] if step == 1 else [origins[at], end - at, step]]


def unpacked(parts: Sequence[Json]) -> list[Origin]:
    """Read what ``packed`` wrote."""
    origins: list[Origin] = []
    for part in parts:
        if isinstance(part, dict):
            of = part["of"]
            origin = None if of is None else tuple(_places(of))
            origins.extend([origin] * part["count"])
        else:
            origins.extend(_places([part]))
    return origins


def _places(parts: Sequence[Json]) -> Iterator[int]:
    for part in parts:
        if isinstance(part, int):
            yield part
        else:
            place, count, step = (*part, 1)[:3]
            for number in range(count):
                yield place + step * number
