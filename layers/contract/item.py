"""What flows between nodes: items, which are JSON objects with files beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict with text keys."""


@dataclass(frozen=True)
class FileRef:
    """A file that travels with an item; its bytes stay in the artifact store.

    ``size`` is in bytes; ``key`` is what the artifact store knows it by.
    """

    name: str
    media_type: str
    size: int
    key: str


class Item(dict[str, Json]):
    """One JSON object, with ``files`` kept beside the JSON.

    An item that a node passes on as it is, or makes by ``derive`` or ``combine``, says by that
    what it was made of. Of any other the engine takes it to be made of the item that came in at
    the same place, if as many go out as came in, and else of all that came in.
    """

    files: tuple[FileRef, ...] = ()
    sources: tuple[Item, ...] | None = None
    """The items that it was made of, where that was said; the engine forgets it with the step."""
    is_placeholder: bool = False
    """True for the one empty item that stands for none, see ``if_empty``; never of other items."""

    def derive(self, values: Mapping[str, Json], *others: Item) -> Item:
        """Make a new item of this one, and of ``others``; it keeps this item's files."""
        made = Item(values)
        made.sources = (self, *others)
        if self.files:
            made.files = self.files
        return made


def combine(values: Mapping[str, Json], sources: Sequence[Item]) -> Item:
    """Make an item of several, or of none; it keeps the files of all, each file once."""
    made = Item(values)
    made.sources = tuple(sources)
    files: dict[FileRef, None] = dict.fromkeys(file for item in sources for file in item.files)
    if files:
        made.files = tuple(files)
    return made


def made_of(source: Item, items: Sequence[Mapping[str, Json]]) -> list[Item]:
    """What was made of one item, each of them saying so unless it says of what."""
    return [_made_of(source, one) for one in items]


def _made_of(source: Item, one: Mapping[str, Json]) -> Item:
    if type(one) is Item and (one is source or one.sources is not None):
        return one
    # A copy: the same object may be what several items give.
    made = source.derive(one)
    made.files = one.files if isinstance(one, Item) else ()
    return made


def files_in_scope(item: Item) -> list[Json]:
    """What expressions see as ``files`` of an item: name, media type and size of each."""
    return [
        {"name": one.name, "media_type": one.media_type, "size": one.size} for one in item.files
    ]


def placeholder() -> Item:
    """Make the empty item that goes on where there are no items."""
    made = Item()
    made.is_placeholder = True
    return made


def stands_for_none(items: Sequence[Item]) -> bool:
    """Whether these items are the one empty item that stands for none."""
    return len(items) == 1 and getattr(items[0], "is_placeholder", False)


Items: TypeAlias = Sequence[Item]
Outputs: TypeAlias = Mapping[str, Sequence[Item]]
"""What a node gives: a list of items for each output port that has any."""
