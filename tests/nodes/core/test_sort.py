"""The order of items."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.core.sort import node
from tests.nodes.context import run_node


def ordered(values: list[Any], **key: Any) -> list[Any]:
    items = [{"n": value} for value in values]
    out = run_node(node, {"by": [{"field": "n", **key}]}, items)
    return [item["n"] for item in out.get("main", [])]


def test_mixed_kinds_have_an_order_and_null_is_last() -> None:
    mixed = [None, "b", {"x": 1}, 10, True, "a", 9.5, [2], False]

    assert ordered(mixed) == [9.5, 10, "a", "b", False, True, [2], {"x": 1}, None]


def test_null_is_last_in_the_other_order_too() -> None:
    assert ordered([None, 1, 3, 2], order="desc") == [3, 2, 1, None]


def test_texts_are_numbers_only_on_request() -> None:
    texts = ["10", "9", "x", "1e1", 9.5, "nan"]

    assert ordered(texts) == [9.5, "10", "1e1", "9", "nan", "x"]
    assert ordered(texts, numeric=True) == ["9", 9.5, "10", "1e1", "nan", "x"]


def test_numbers_past_64_bits_compare_exactly() -> None:
    assert ordered([2**70 + 1, 2**70, 1.5]) == [1.5, 2**70, 2**70 + 1]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_equal_items_keep_their_order(order: str) -> None:
    items = [{"n": 1, "at": at} for at in range(5)]

    assert run_node(node, {"by": [{"field": "n", "order": order}]}, items)["main"] == items


def test_later_fields_decide_between_equals() -> None:
    items: list[dict[str, Any]] = [
        {"a": 1, "b": {"c": 1}},
        {"a": 2, "b": {"c": 0}},
        {"a": 1, "b": {"c": 2}},
        {"a": 1},
    ]
    by = [{"field": "a"}, {"field": "b.c", "order": "desc"}]

    out = run_node(node, {"by": by}, items)

    assert out["main"] == [items[2], items[0], items[3], items[1]]


def test_nothing_stays_nothing() -> None:
    assert ordered([]) == []


def test_a_field_is_needed() -> None:
    with pytest.raises(ValueError, match="by"):
        run_node(node, {"by": []})
