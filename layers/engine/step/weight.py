"""Whether items are so much that working on them would hold up everybody else on the event loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layers.contract import Item, Json

MANY_ITEMS = 2000
MANY_BYTES = 256 * 1024
"""About as many bytes of text as are sorted, parsed or copied within a few milliseconds."""
_A_VALUE = 8
"""What a number, a key or the place of an element counts beside its text."""


def is_heavy(arrivals: Iterable[Sequence[Item]]) -> bool:
    """Whether there are so many items or so many bytes in them; looks no further than it must."""
    lists = list(arrivals)
    if sum(map(len, lists)) >= MANY_ITEMS:
        return True
    left = MANY_BYTES
    waiting: list[Json] = [item for items in lists for item in items]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            left -= len(value)
        elif isinstance(value, dict):
            left -= sum(map(len, value)) + _A_VALUE * len(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            left -= _A_VALUE * len(value)
            if left > 0:
                waiting.extend(value)
        if left <= 0:
            return True
    return False
