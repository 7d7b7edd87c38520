"""Items that code in the sandbox gave, with what it says of where they came from."""

from __future__ import annotations

from collections.abc import Sequence

from layers.contract import FileRef, Item
from layers.sandbox.port import SandboxResult

Said = Sequence[int | Sequence[int] | None]


def items_of(result: SandboxResult, items: Sequence[Item], *, with_files: bool) -> list[Item]:
    """The items of a result, made of those of ``items`` that it names, whose files they keep.

    What code says that took the sandbox over may be anything: a place where no item is makes all
    that it says count for nothing.
    """
    given = [Item(values) for values in result.items or []]
    said = _believed(result.lineage, len(given), len(items))
    for at, item in enumerate(given):
        places = _places(said[at] if said is not None else None)
        if places is not None:
            item.sources = tuple(items[place] for place in places)
        elif len(given) == len(items):
            places = (at,)
        if with_files:
            _keep_files(item, [items[place] for place in places or ()])
    return given


def _believed(said: Said | None, given: int, came: int) -> Said | None:
    if said is None or len(said) != given:
        return None
    known = range(came)
    return said if all(place in known for one in said for place in _places(one) or ()) else None


def _places(said: int | Sequence[int] | None) -> Sequence[int] | None:
    return (said,) if isinstance(said, int) else said


def _keep_files(item: Item, sources: Sequence[Item]) -> None:
    files: dict[FileRef, None] = dict.fromkeys(file for one in sources for file in one.files)
    if files:
        item.files = tuple(files)
