"""Nodes that keep some items and leave others: filter, limit, remove_duplicates."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.core import filter as filtering
from functions.nodes.core import limit, remove_duplicates
from layers.contract import NodeError
from tests.nodes.context import run_node


def numbers(*values: Any) -> list[dict[str, Any]]:
    return [{"n": value} for value in values]


def test_filter_sends_each_item_one_way() -> None:
    out = run_node(filtering.node, {"condition": "item.n > 1"}, numbers(1, 2, 3))

    assert out == {"kept": numbers(2, 3), "dropped": numbers(1)}


def test_filter_of_nothing_gives_nothing() -> None:
    assert run_node(filtering.node, {"condition": "item.n > 1"}) == {}


def test_filter_names_the_item_whose_field_is_missing() -> None:
    with pytest.raises(NodeError, match="n") as error:
        run_node(filtering.node, {"condition": "item.n > 1"}, [{"n": 1}, {"m": 1}])

    assert error.value.item_index == 1


def test_a_condition_may_be_a_constant() -> None:
    assert run_node(filtering.node, {"condition": True}, numbers(1)) == {"kept": numbers(1)}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"count": 2}, (1, 2)),
        ({"count": 2, "from": "last"}, (2, 3)),
        ({"count": 4}, (1, 2, 3)),
        ({"count": 4, "from": "last"}, (1, 2, 3)),
        ({"count": "{{ item.n + 1 }}"}, (1, 2)),
        ({}, (1,)),
    ],
)
def test_limit(params: dict[str, Any], expected: tuple[int, ...]) -> None:
    assert run_node(limit.node, params, numbers(1, 2, 3)) == {"main": numbers(*expected)}


@pytest.mark.parametrize("end", ["first", "last"])
def test_limit_zero_lets_nothing_through(end: str) -> None:
    assert run_node(limit.node, {"count": 0, "from": end}, numbers(1, 2)) == {}


@pytest.mark.parametrize("count", [-1, "many", 1.5])
def test_limit_needs_a_whole_number(count: Any) -> None:
    with pytest.raises(ValueError, match="count"):
        run_node(limit.node, {"count": count}, numbers(1))


def test_a_calculated_limit_is_checked_too() -> None:
    with pytest.raises(NodeError, match="greater than or equal to 0"):
        run_node(limit.node, {"count": "{{ item.n - 5 }}"}, numbers(1))


def test_limit_of_nothing_does_not_look_at_an_item() -> None:
    assert run_node(limit.node, {"count": "{{ item.n }}"}) == {}


def test_equal_items_are_let_through_once() -> None:
    items: list[dict[str, Any]] = [
        {"a": 1, "b": [1, {"x": 2}]},
        {"b": [1.0, {"x": 2}], "a": 1},
        {"a": True},
        {"a": 1},
    ]

    out = run_node(remove_duplicates.node, {}, items)

    assert out["main"] == [items[0], items[2], items[3]]


def test_kinds_that_look_alike_are_not_equal() -> None:
    items = numbers(1, "1", True, None, [1], [], {}, 0, False, "")

    assert run_node(remove_duplicates.node, {}, items)["main"] == items


def test_only_the_named_fields_count() -> None:
    items = [{"who": {"id": 1}, "n": 1}, {"who": {"id": 1}, "n": 2}, {"who": {"id": 2}, "n": 3}]

    out = run_node(remove_duplicates.node, {"fields": ["who.id"]}, items)

    assert out["main"] == [items[0], items[2]]


def test_a_missing_field_is_named_with_its_item() -> None:
    with pytest.raises(NodeError, match=r"Item 1 has no field 'id' \(it has: n\)") as error:
        run_node(remove_duplicates.node, {"fields": ["id"]}, [{"id": 1}, {"n": 1}])

    assert (error.value.item_index, error.value.kind) == (1, "missing_field")
