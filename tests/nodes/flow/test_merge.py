"""How branches come together."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.flow import merge
from layers.contract import FileRef, Item, Join, NodeError
from tests.nodes.context import NodeContext, read_params, run_join


def merged(arrivals: dict[str, list[dict[str, Any]]], **params: Any) -> list[dict[str, Any]]:
    return run_join(merge.node, params, arrivals).get("main", [])


def test_append_goes_by_port_not_by_arrival() -> None:
    assert merged({"b": [{"n": 2}], "a": [{"n": 1}], "c": []}) == [{"n": 1}, {"n": 2}]


def test_position_puts_items_side_by_side_and_keeps_the_rest() -> None:
    arrivals = {"a": [{"x": 1}, {"x": 2}, {"x": 3}], "b": [{"y": 1}], "c": [{"z": 1}, {"z": 2}]}

    assert merged(arrivals, mode="position") == [
        {"x": 1, "y": 1, "z": 1},
        {"x": 2, "z": 2},
        {"x": 3},
    ]


CLASHES = [
    ("prefer_last", {"id": 1, "n": "b", "only": 1, "too": 2}),
    ("prefer_first", {"id": 1, "n": "a", "only": 1, "too": 2}),
    ("prefix", {"id": 1, "a_n": "a", "b_n": "b", "only": 1, "too": 2}),
]


@pytest.mark.parametrize(("clash", "expected"), CLASHES)
def test_same_fields(clash: str, expected: dict[str, Any]) -> None:
    arrivals = {"a": [{"id": 1, "n": "a", "only": 1}], "b": [{"id": 1, "n": "b", "too": 2}]}

    assert merged(arrivals, mode="key", key="id", clash=clash) == [expected]


JOINS = [
    ("inner", [{"id": 2, "x": 2, "y": 2}]),
    ("left", [{"id": 1, "x": 1}, {"id": 2, "x": 2, "y": 2}]),
    ("outer", [{"id": 1, "x": 1}, {"id": 2, "x": 2, "y": 2}, {"id": 3, "y": 3}]),
]


@pytest.mark.parametrize(("kind", "expected"), JOINS)
def test_kinds_of_join(kind: str, expected: list[dict[str, Any]]) -> None:
    arrivals = {"a": [{"id": 1, "x": 1}, {"id": 2, "x": 2}], "b": [{"id": 2, "y": 2}]}
    arrivals["b"].append({"id": 3, "y": 3})

    assert merged(arrivals, mode="key", key="id", kind=kind) == expected


def test_three_branches_meet_over_one_key() -> None:
    arrivals = {"a": [{"id": 1}, {"id": 2}], "b": [{"id": 2, "y": 2}], "c": [{"id": 2, "z": 2}]}
    arrivals["c"].append({"id": 9, "z": 9})

    assert merged(arrivals, mode="key", key="id") == [{"id": 2, "y": 2, "z": 2}]
    assert merged(arrivals, mode="key", key="id", kind="outer") == [
        {"id": 1},
        {"id": 2, "y": 2, "z": 2},
        {"id": 9, "z": 9},
    ]


def test_several_items_of_a_key_meet_all_others() -> None:
    arrivals = {"a": [{"id": 1, "x": 1}, {"id": 1, "x": 2}], "b": [{"id": 1, "y": 1}]}
    arrivals["b"].append({"id": 1, "y": 2})

    pairs = [(row["x"], row["y"]) for row in merged(arrivals, mode="key", key="id")]

    assert pairs == [(1, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.parametrize("kind", ["inner", "left", "outer"])
@pytest.mark.parametrize("full", ["a", "b"])
def test_a_branch_in_which_nothing_arrived(kind: str, full: str) -> None:
    arrivals: dict[str, list[dict[str, Any]]] = {"a": [], "b": []}
    arrivals[full] = [{"id": 1}]

    kept = kind == "outer" or (kind == "left" and full == "a")

    assert merged(arrivals, mode="key", key="id", kind=kind) == ([{"id": 1}] if kept else [])


def test_keys_compare_as_values_and_may_lie_deeper() -> None:
    arrivals: dict[str, list[dict[str, Any]]] = {
        "a": [{"who": {"id": 1}}, {"who": {"id": "1"}}, {"who": {"id": True}}],
        "b": [{"who": {"id": 1.0}, "y": 1}],
    }

    assert merged(arrivals, mode="key", key="who.id") == [{"who": {"id": 1.0}, "y": 1}]


def test_an_item_without_the_key_is_named_with_its_port() -> None:
    arrivals = {"a": [{"id": 1}], "b": [{"id": 1}, {"n": 1}]}

    with pytest.raises(NodeError, match=r"Item 1 of port 'b' has no field 'id'") as error:
        merged(arrivals, mode="key", key="id")

    assert error.value.item_index == 1


def test_a_key_that_tells_nothing_apart_is_stopped() -> None:
    many = [{"id": 1}] * 1000

    with pytest.raises(NodeError, match="more than 100000 items") as error:
        merged({"a": many, "b": many}, mode="key", key="id")

    assert error.value.kind == "too_many_items"


def test_the_mode_key_needs_one() -> None:
    with pytest.raises(ValueError, match=r"customer\.id"):
        read_params(merge.node, {"mode": "key"})


def test_a_merged_item_has_the_files_of_both() -> None:
    one, two = Item(id=1), Item(id=1)
    one.files = (FileRef("a.txt", "text/plain", 1, "1"),)
    two.files = (FileRef("b.txt", "text/plain", 1, "2"),)

    (made,) = merged({"a": [one], "b": [two]}, mode="position")

    assert isinstance(made, Item)
    assert made.files == one.files + two.files


@pytest.mark.parametrize(
    ("mode", "join"), [("append", Join.ALL), ("position", Join.ALL), ("any", Join.ANY)]
)
def test_only_the_mode_any_does_not_wait(mode: Any, join: Join) -> None:
    assert merge.node.join_of is not None
    assert merge.node.join_of(merge.MergeParams(mode=mode)) is join


def test_any_passes_on_what_came() -> None:
    assert merged({"b": [{"n": 1}]}, mode="any") == [{"n": 1}]


def test_it_has_a_port_for_each_letter() -> None:
    ports = merge.node.traits(read_params(merge.node, {})).inputs

    assert (ports[0], ports[-1], len(ports)) == ("a", "z", 26)


SAME = [
    ("exact", 1, 1.0, True),
    ("exact", 1, "1", False),
    ("loose", 1, "1", True),
    ("loose", 1.0, "1", True),
    ("loose", "1.50", 1.5, True),
    ("loose", " 1 ", 1, True),
    ("loose", "-0.0", 0, True),
    ("loose", "1e3", 1000, True),
    ("loose", 12345678901234567890123456789012, "12345678901234567890123456789012", True),
    ("loose", 12345678901234567890123456789012, "12345678901234567890123456789013", False),
    ("loose", "007", 7, False),
    ("loose", "1_000", 1000, False),
    ("loose", "1e999999999", "1e999999998", False),
    ("loose", True, "true", True),
    ("loose", None, "null", False),
    ("loose", "Zoe\u0308", "Zoë", True),
    ("loose", "Zoë", "zoë", False),
    ("ignore_case", "Straße ", "STRASSE", True),
    ("loose", {"a": [1]}, {"a": ["1"]}, True),
]


@pytest.mark.parametrize(("compare", "a", "b", "same"), SAME)
def test_keys_of_other_types(compare: str, a: Any, b: Any, same: bool) -> None:
    found = merged({"a": [{"id": a}], "b": [{"id": b}]}, mode="key", key="id", compare=compare)
    assert len(found) == same


def test_the_key_may_have_another_name_in_the_other_branches() -> None:
    arrivals = {"a": [{"id": 1}], "b": [{"customer": {"id": "1"}, "n": 2}]}
    found = merged(arrivals, mode="key", key="id", key_b="customer.id", compare="loose")
    assert found == [{"id": 1, "customer": {"id": "1"}, "n": 2}]


def test_a_join_of_nothing_says_why() -> None:
    ctx = NodeContext()
    params = read_params(merge.node, {"mode": "key", "key": "id"})
    arrivals = {"a": [Item(id=1)], "b": [Item(id="1"), Item(id="2")]}
    assert merge.run_ports(params, arrivals, ctx) == {"main": []}
    assert ctx.lines == [
        "0 of 2 items of 'b' joined; keys are: a number on a; a text on b. Set 'compare' to "
        "'loose' to join 1 with \"1\"."
    ]
