"""Answering the webhook's caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from functions.nodes.flow.respond import node
from layers.contract import FileRef, Item, NodeError
from tests.nodes.context import NodeContext, read_params, run_node

ITEMS = [{"id": 7}, {"id": 8}]


def answer(
    params: dict[str, Any], items: Sequence[dict[str, Any]]
) -> tuple[int, dict[str, Any], Any]:
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
        {"X-Name": "smile ☺"},
        {"X Name": "a"},
        {"Set-Cookie": "session=1; Domain=example.org"},
        {"content-length": "{{ 5 }}"},
        {"": "a"},
    ],
)
def test_headers_that_would_break_the_answer_are_refused_when_saved(headers: Any) -> None:
    (name,) = headers
    with pytest.raises(ValidationError) as error:
        read_params(node, {"headers": headers})

    assert error.value.errors()[0]["loc"] == ("headers", name)


def test_headers_that_would_break_the_answer_are_refused_when_computed() -> None:
    with pytest.raises(NodeError, match="line break"):
        run_node(node, {"headers": {"X-Name": "{{ item.text }}"}}, [{"text": "a\r\nb: c"}])


def test_several_values_and_numbers_are_headers_as_well() -> None:
    headers = {"X-A": ["1", "{{ item.id }}"], "X-B": 5}
    assert answer({"headers": headers}, [{"id": 7}])[1] == {"X-A": ["1", "7"], "X-B": "5"}


def test_a_file_is_found_among_those_of_all_items() -> None:
    items = [Item({"id": 7}), Item({"id": 8})]
    items[1].files = (FileRef("a.png", "image/png", 3, "sha256:1"), FileRef("b", "x/y", 1, "k"))
    assert answer({"file": "first"}, items)[2] == items[1].files[0]
    assert answer({"file": "b"}, items)[2] == items[1].files[1]
    with pytest.raises(NodeError, match=r"no file 'c'.*'a\.png', 'b'"):
        answer({"file": "c"}, items)
    with pytest.raises(NodeError, match="no file 'first'"):
        answer({"file": "first"}, [{"id": 7}])


def test_text_becomes_bytes_where_another_charset_is_named() -> None:
    headers = {"Content-Type": "text/plain; charset=windows-1252"}
    assert answer({"headers": headers, "body": "10 €"}, ITEMS)[2] == b"10 \x80"
    with pytest.raises(NodeError, match=r"body: .*'☺'") as error:
        answer({"headers": headers, "body": "☺"}, ITEMS)
    assert error.value.kind == "not_in_charset"


@pytest.mark.parametrize("status", [100, 199, 600, "many"])
def test_the_status_is_one_of_http(status: Any) -> None:
    with pytest.raises(ValueError, match="status"):
        read_params(node, {"status": status})


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("image/png", True),
        ("application/pdf", True),
        ("application/json", False),
        ("text/html; charset=utf-8", False),
        (None, False),
    ],
)
def test_a_type_that_only_a_file_can_have_means_the_file(kind: str | None, sent: bool) -> None:
    item = Item(a=1)
    item.files = (FileRef("a.png", "image/png", 7, "key"),)
    headers = {} if kind is None else {"Content-Type": kind}
    found = answer({"headers": headers}, [item])[2]
    assert isinstance(found, FileRef) is sent
    assert answer({"headers": headers, "body": {"b": 1}}, [item])[2] is not item.files[0]
