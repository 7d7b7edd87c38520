"""Writing, keeping and removing fields."""

from __future__ import annotations

import pytest

from functions.nodes.core.set import node
from layers.contract import FileRef, Item, NodeError
from tests.nodes.context import run_node


def test_only_the_fields_come_out_by_default() -> None:
    out = run_node(node, {"fields": {"label": "#{{ item.id }}"}}, [{"id": 7, "secret": "x"}])

    assert out == {"main": [{"label": "#7"}]}


def test_a_whole_expression_keeps_its_type_and_inner_values_are_evaluated() -> None:
    fields = {"n": "{{ item.id + index }}", "list": [1, {"id": "{{ item.id }}"}], "t": True}

    out = run_node(node, {"fields": fields}, [{"id": 1}, {"id": 2}])

    assert out["main"] == [
        {"n": 1, "list": [1, {"id": 1}], "t": True},
        {"n": 3, "list": [1, {"id": 2}], "t": True},
    ]


def test_dots_write_into_inner_objects_and_make_them() -> None:
    params = {"fields": {"a.b": 2, "x.y.z": 3}, "keep": True}

    out = run_node(node, params, [{"a": {"b": 1, "c": 1}}])

    assert out["main"] == [{"a": {"b": 2, "c": 1}, "x": {"y": {"z": 3}}}]


def test_removing_takes_inner_fields_and_ignores_missing_ones() -> None:
    params = {"keep": True, "remove": ["a.b", "gone", "a.gone.deep", "with.dot", "n.x"]}

    out = run_node(node, params, [{"a": {"b": 1, "c": 1}, "with.dot": 1, "n": 5}])

    assert out["main"] == [{"a": {"c": 1}, "n": 5}]


def test_writing_into_a_text_names_field_and_item() -> None:
    params = {"fields": {"a.b": 1}, "keep": True}

    with pytest.raises(NodeError, match=r"Item 1: 'a\.b' .* 'a' is a text") as error:
        run_node(node, params, [{"a": {}}, {"a": "text"}])

    assert error.value.item_index == 1


def test_a_missing_field_in_an_expression_names_field_and_item() -> None:
    with pytest.raises(NodeError, match="total") as error:
        run_node(node, {"fields": {"x": "{{ item.total }}"}}, [{"total": 1}, {}])

    assert error.value.item_index == 1


def test_data_that_looks_like_an_expression_is_not_evaluated() -> None:
    out = run_node(node, {"fields": {"x": "{{ item.text }}"}}, [{"text": "{{ 1 + 1 }}"}])

    assert out["main"] == [{"x": "{{ 1 + 1 }}"}]


def test_files_stay_with_the_item() -> None:
    item = Item(id=1)
    item.files = (FileRef("a.pdf", "application/pdf", 3, "key"),)

    (made,) = run_node(node, {"fields": {}}, [item])["main"]

    assert isinstance(made, Item)
    assert made.files == item.files


@pytest.mark.parametrize("path", ["", ".", "a..b", ".a", "a."])
def test_a_path_has_no_empty_parts(path: str) -> None:
    with pytest.raises(ValueError, match="remove"):
        run_node(node, {"remove": [path]})
