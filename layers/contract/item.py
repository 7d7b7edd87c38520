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
    """One JSON object, with ``files`` kept beside the JSON."""

    files: tuple[FileRef, ...] = ()
    is_placeholder: bool = False
    """True for the one empty item that stands for none, see ``if_empty``; never of other items."""

    def derive(self, values: Mapping[str, Json]) -> Item:
        """Make a new item of other values that keeps this item's files."""
        made = Item(values)
        if self.files:
            made.files = self.files
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
