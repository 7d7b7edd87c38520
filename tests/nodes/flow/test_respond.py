"""Answering the webhook's caller."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.flow.respond import node
from layers.contract import NodeError
from tests.nodes.context import NodeContext, read_params, run_node

ITEMS = [{"id": 7}, {"id": 8}]


def answer(params: dict[str, Any], items: list[dict[str, Any]]) -> tuple[int, dict[str, str], Any]:
    context = NodeContext()
    run_node(node, params, items, context=context)
    (given,) = context.answers
    return given


def test_without_parameters_one_item_is_sent_as_an_object() -> None:
    assert answer({}, [{"id": 7}]) == (200, {}, {"id": 7})


@pytest.mark.parametrize("items", [ITEMS, []])
def test_without_parameters_other_numbers_of_items_are_a_list(items: list[dict[str, Any]]) -> None:
    assert answer({}, items) == (200, {}, items)


def test_everything_is_evaluated_for_the_first_item() -> None:
    params = {
        "status": "{{ 200 + 1 if item.id == 7 else 500 }}",
        "headers": {"Location": "/orders/{{ item.id }}"},
        "body": {"accepted": "{{ item.id }}", "all": "{{ len(items) }}"},
    }

    assert answer(params, ITEMS) == (201, {"Location": "/orders/7"}, {"accepted": 7, "all": 2})


def test_a_text_stays_a_text() -> None:
    assert answer({"body": "thanks, {{ item.id }}"}, ITEMS)[2] == "thanks, 7"


def test_the_items_go_on() -> None:
    assert run_node(node, {"body": "thanks"}, ITEMS) == {"main": ITEMS}
    assert node.responds


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Name": "{{ item.text }}"},
        {"X-Name": "smile ☺"},
        {"X Name": "a"},
        {"Set-Cookie": "session=1"},
        {"content-length": "5"},
        {"": "a"},
    ],
)
def test_headers_that_would_break_the_answer_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NodeError, match="headers:") as error:
        run_node(node, {"headers": headers}, [{"text": "a\r\nSet-Cookie: b=c"}])

    assert error.value.kind == "invalid_header"


@pytest.mark.parametrize("status", [100, 199, 600, "many"])
def test_the_status_is_one_of_http(status: Any) -> None:
    with pytest.raises(ValueError, match="status"):
        read_params(node, {"status": status})
