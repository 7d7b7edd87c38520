"""Nodes that choose a way: if, switch, loop."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.flow import if_, loop, switch
from layers.contract import NodeError
from tests.nodes.context import read_params, run_node


def cases(**conditions: str) -> dict[str, Any]:
    return {"cases": [{"port": port, "condition": text} for port, text in conditions.items()]}


def test_if_sends_each_item_one_way() -> None:
    out = run_node(if_.node, {"condition": "item.n > 1"}, [{"n": 1}, {"n": 2}])

    assert out == {"true": [{"n": 2}], "false": [{"n": 1}]}


@pytest.mark.parametrize("value", [0, "", None, [], {}])
def test_what_is_empty_counts_as_false(value: Any) -> None:
    assert run_node(if_.node, {"condition": "item.n"}, [{"n": value}]) == {"false": [{"n": value}]}


def test_if_names_the_item_whose_field_is_missing() -> None:
    with pytest.raises(NodeError, match="n") as error:
        run_node(if_.node, {"condition": "item.n > 1"}, [{"n": 1}, {}])

    assert error.value.item_index == 1


def test_if_of_nothing_gives_nothing() -> None:
    assert run_node(if_.node, {"condition": "item.n > 1"}) == {}


def test_a_broken_condition_is_refused_when_saved() -> None:
    with pytest.raises(ValueError, match="condition"):
        read_params(if_.node, {"condition": "item.n >"})


def test_switch_takes_the_first_way_that_fits() -> None:
    params = cases(large="item.n > 100", medium="item.n > 10")

    out = run_node(switch.node, params, [{"n": 500}, {"n": 50}, {"n": 5}])

    assert out == {"large": [{"n": 500}], "medium": [{"n": 50}], "default": [{"n": 5}]}


def test_switch_can_take_every_way_that_fits() -> None:
    params = cases(large="item.n > 100", medium="item.n > 10") | {"all_matches": True}

    out = run_node(switch.node, params, [{"n": 500}, {"n": 5}])

    assert out == {"large": [{"n": 500}], "medium": [{"n": 500}], "default": [{"n": 5}]}


def test_switch_does_not_look_at_conditions_after_the_first_match() -> None:
    params = cases(known="item.n == 1", broken="item.gone == 1")

    assert run_node(switch.node, params, [{"n": 1}]) == {"known": [{"n": 1}]}


def test_switch_has_a_port_for_each_case_and_the_default() -> None:
    params = read_params(switch.node, cases(b="True", a="True"))

    assert switch.node.traits(params).outputs == ("b", "a", "default")


@pytest.mark.parametrize("port", ["error", "default", "", "a b", "ä", "x" * 41, "a\n"])
def test_switch_ports_have_plain_names_of_their_own(port: str) -> None:
    with pytest.raises(ValueError, match="cases"):
        read_params(switch.node, {"cases": [{"port": port, "condition": "True"}]})


def test_switch_ports_are_unique() -> None:
    case = {"port": "a", "condition": "True"}

    with pytest.raises(ValueError, match="Two cases have the port 'a'"):
        read_params(switch.node, {"cases": [case, case]})


def test_switch_needs_a_case() -> None:
    with pytest.raises(ValueError, match="cases"):
        read_params(switch.node, {"cases": []})


@pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 2), (9, 3)])
def test_loop_hands_out_the_next_batch(size: int, count: int) -> None:
    items = [{"n": number} for number in range(3)]

    assert run_node(loop.node, {"batch_size": size}, items) == {"batch": items[:count]}


def test_loop_needs_a_batch_of_at_least_one() -> None:
    with pytest.raises(ValueError, match="batch_size"):
        read_params(loop.node, {"batch_size": 0})
