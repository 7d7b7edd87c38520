"""What is too much for the event loop: by items, and by bytes wherever they are."""

from __future__ import annotations

from typing import Any

import pytest

from layers.contract import Item
from layers.engine.step.weight import MANY_BYTES, MANY_ITEMS, is_heavy

TEXT = "x" * MANY_BYTES


@pytest.mark.parametrize(
    "arrivals",
    [
        [[{}] * MANY_ITEMS],
        [[{}] * (MANY_ITEMS // 2), [{}] * (MANY_ITEMS // 2)],
        [[{"a": TEXT}]],
        [[{"a": [{"b": [TEXT]}]}]],
        [[{TEXT: 1}]],
        [[{"a": list(range(MANY_BYTES))}]],
        [[{"a": "x" * (MANY_BYTES // 2)}], [{"b": "x" * (MANY_BYTES // 2)}]],
    ],
    ids=["items", "items of ports", "text", "deep", "key", "list", "ports"],
)
def test_much(arrivals: Any) -> None:
    assert is_heavy([[Item(one) for one in items] for items in arrivals])


@pytest.mark.parametrize(
    "arrivals",
    [[], [[]], [[{}]], [[{"a": "x" * 1000, "b": [1, None, {"c": 2.5}]}] * 100]],
    ids=["nothing", "no items", "empty", "some"],
)
def test_little(arrivals: Any) -> None:
    assert not is_heavy([[Item(one) for one in items] for items in arrivals])
