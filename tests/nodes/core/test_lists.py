"""Nodes between items and lists: split_out and aggregate."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.core import aggregate, split_out
from layers.contract import FileRef, Item, NodeError
from tests.nodes.context import run_node


def with_file(item: dict[str, Any], name: str) -> Item:
    made = Item(item)
    made.files = (FileRef(name, "text/plain", 1, f"key of {name}"),)
    return made


@pytest.mark.parametrize(
    ("params", "item", "expected"),
    [
        pytest.param(
            {"field": "body.orders"},
            {"body": {"orders": [{"id": 1}, 2, None, [3]]}},
            [{"id": 1}, {"orders": 2}, {"orders": None}, {"orders": [3]}],
            id="objects as they are, the rest under the last name",
        ),
        pytest.param(
            {"field": "orders", "keep": "all"},
            {"by": "Ada", "orders": [{"id": 1}, 2]},
            [{"by": "Ada", "orders": {"id": 1}}, {"by": "Ada", "orders": 2}],
            id="keep all",
        ),
        pytest.param(
            {"field": "body.orders", "keep": "all"},
            {"body": {"by": "Ada", "orders": [1]}},
            [{"body": {"by": "Ada"}, "orders": 1}],
            id="keep all takes the inner list out",
        ),
        pytest.param(
            {"field": "orders", "into": "order.line"},
            {"orders": [{"id": 1}]},
            [{"order": {"line": {"id": 1}}}],
            id="into",
        ),
        pytest.param(
            {"field": "rows.1"}, {"rows": [[1], [2, 3]]}, [{"1": 2}, {"1": 3}], id="position"
        ),
        pytest.param({"field": "a.b"}, {"a.b": [1]}, [{"b": 1}], id="a key that holds dots"),
    ],
)
def test_split_out(
    params: dict[str, Any], item: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    assert run_node(split_out.node, params, [item]) == {"main": expected}


@pytest.mark.parametrize("value", [[], None])
def test_an_empty_list_gives_no_items(value: Any) -> None:
    assert run_node(split_out.node, {"field": "orders"}, [{"orders": value}]) == {}


def test_every_element_keeps_the_items_files() -> None:
    item = with_file({"orders": [1, {"id": 2}]}, "a.txt")

    out = run_node(split_out.node, {"field": "orders"}, [item])["main"]

    assert [made.files for made in out if isinstance(made, Item)] == [item.files, item.files]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"orders": "1,2"}, "Item 1: 'orders' is a text, but split_out needs a list"),
        ({"orders": {"id": 1}}, "'orders' is an object"),
        ({"orders": 5}, "'orders' is a number"),
        ({"other": []}, "Item 1 has no field 'orders'"),
    ],
)
def test_what_is_no_list_is_named(item: dict[str, Any], says: str) -> None:
    with pytest.raises(NodeError, match=says) as error:
        run_node(split_out.node, {"field": "orders"}, [{"orders": []}, item])

    assert error.value.item_index == 1


def test_aggregate_gathers_whole_items_under_items() -> None:
    out = run_node(aggregate.node, {}, [{"n": 1}, {"n": 2}])

    assert out == {"main": [{"items": [{"n": 1}, {"n": 2}]}]}


def test_aggregate_gathers_a_field_into_an_inner_one() -> None:
    params = {"field": "a.n", "into": "all.numbers"}

    out = run_node(aggregate.node, params, [{"a": {"n": 1}}, {"a": {"n": None}}])

    assert out == {"main": [{"all": {"numbers": [1, None]}}]}


def test_aggregate_of_nothing_is_an_empty_list() -> None:
    assert run_node(aggregate.node, {}) == {"main": [{"items": []}]}


def test_aggregate_keeps_all_files_once() -> None:
    one, two = with_file({"n": 1}, "a.txt"), with_file({"n": 2}, "b.txt")

    (made,) = run_node(aggregate.node, {}, [one, two, with_file({"n": 3}, "a.txt")])["main"]

    assert isinstance(made, Item)
    assert [file.name for file in made.files] == ["a.txt", "b.txt"]


def test_aggregate_names_the_item_without_the_field() -> None:
    with pytest.raises(NodeError, match="Item 1 has no field 'n'") as error:
        run_node(aggregate.node, {"field": "n"}, [{"n": 1}, {}])

    assert error.value.item_index == 1
