"""The items that a run is handed, and what they know of those that are made of them."""

from __future__ import annotations

from sandbox_runner.guest import jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    Origin: TypeAlias = int | list[int] | None


class Item(dict):  # type: ignore[type-arg]
    """An item that came in: a dict, and a way to make others that say they came from it."""

    sources: tuple[Item, ...] | None = None

    def derive(self, values: dict[str, Any], *others: Item) -> Item:
        """Make an item of this one and of ``others``."""
        made = Item(values)
        made.sources = (self, *others)
        return made


def origins(came: Sequence[Item], given: Sequence[dict[str, Any]]) -> list[Origin] | None:
    """Where each item that ``run`` gave came from, None for one that says nothing.

    None in place of the list where it would say no more than is taken for granted.
    """
    places = {id(item): place for place, item in enumerate(came)}
    found = [_origin(one, places) for one in given]
    if all(origin is None for origin in found):
        return None
    if len(came) == len(given) and all(origin in (None, at) for at, origin in enumerate(found)):
        return None
    return found


def _origin(one: dict[str, Any], places: dict[int, int]) -> Origin:
    place = places.get(id(one))
    if place is not None:
        return place
    waiting = list(getattr(one, "sources", None) or ())
    found: set[int] = set()
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        place = places.get(id(item))
        if place is not None:
            found.add(place)
        else:
            waiting += getattr(item, "sources", None) or ()
    if not found:
        return None
    return found.pop() if len(found) == 1 else sorted(found)


def packed(items: bytes, lineage: list[Origin] | None) -> bytes:
    """An answer of items, as JSON text, with their lineage before them if there is any."""
    if lineage is None:
        return b"V" + items
    told = jsontext.dumps(lineage).encode()
    return b"L" + len(told).to_bytes(4, "little") + told + b"V" + items
