"""What a called workflow gave, as items that were made of those of its caller's step."""

from __future__ import annotations

from collections.abc import Sequence

from layers.contract import Item
from layers.engine.core.lineage import Lineage, Origin, came_in, told_apart
from layers.engine.core.state import Activation


def credit(
    items: Sequence[Item], origins: Sequence[Origin], activation: Activation, sent: Lineage | None
) -> None:
    """Let what a called workflow gave say of which items of its caller's step it was made.

    ``origins`` are places among the items that were sent to it, and ``sent`` says where those
    came from.
    """
    told_apart(activation)
    came = came_in(activation)
    if len(origins) != len(items):
        return
    senders = _senders(came, activation.places, sent)
    everything = tuple({id(one): one for ones in senders for one in ones}.values())
    together: dict[int, tuple[Item, ...]] = {}
    for item, origin in zip(items, origins, strict=True):
        if origin is None:
            item.sources = everything
        elif isinstance(origin, int):
            item.sources = senders[origin]
        else:
            if id(origin) not in together:
                found = {id(one): one for place in origin for one in senders[place]}
                together[id(origin)] = tuple(found.values())
            item.sources = together[id(origin)]


def _senders(
    came: Sequence[Item], places: Sequence[int] | None, sent: Lineage | None
) -> list[tuple[Item, ...]]:
    """Of each item that was sent to a called workflow the items that it was made of."""
    origins = (sent or {}).get("main")
    if origins is None:
        return [(one,) for one in came]
    by_place = dict(zip(places or range(len(came)), came, strict=True))
    everything = tuple(came)
    return [
        everything
        if origin is None
        else tuple(by_place[place] for place in ((origin,) if isinstance(origin, int) else origin))
        for origin in origins
    ]
