"""Texts with expressions in them."""

from __future__ import annotations

from typing import Any

import pytest

from layers.expressions import ExpressionError, compile_template, is_template

SCOPE: dict[str, Any] = {
    "item": {"id": 7, "none": None, "yes": True, "half": 0.5, "list": [1, "a"], "body": {"a": 1}}
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Order {{ item.id }}", "Order 7"),
        ("{{ item.id }}", 7),
        ("{{item.list}}", [1, "a"]),
        ("{{ item.none }}", None),
        (" {{ item.id }}", " 7"),
        ("{{ item.id }}\n", "7\n"),
        ("{{ item.none }}|{{ item.yes }}|{{ item.half }}", "|true|0.5"),
        ("x{{ item.list }}{{ item.body }}", 'x[1,"a"]{"a":1}'),
        ("{{ item.id }}{{ item.id }}", "77"),
        ('{{ {"a": {"b": item.id}} }}', {"a": {"b": 7}}),
        ('{{ {"a": {"b": item.id}}}}', {"a": {"b": 7}}),
        ("{{ '}}' }}", "}}"),
        ("{{ 'it\\'s }}' }}!", "it's }}!"),
        ('{{ """}}"" """ }}', '}}"" '),
        ('{{ "{{" }} is how it begins', "{{ is how it begins"),
        ("{{ [\n  x\n  for x in item.list\n] }}", [1, "a"]),
        ("a { b } c }} d", "a { b } c }} d"),
        ("", ""),
        ("été {{ item.id }}", "été 7"),
        ("{{ [x for x in item.list] }}{{ [y for y in item.list] }}", '[1,"a"][1,"a"]'),
    ],
)
def test_a_text_is_filled_in(source: str, expected: Any) -> None:
    found = compile_template(source).evaluate(SCOPE)
    assert found == expected
    assert type(found) is type(expected)


def test_a_text_without_expressions_is_constant() -> None:
    assert compile_template("plain").constant
    assert not compile_template("{{ 1 }}").constant
    assert not is_template("plain { text }")
    assert is_template("a {{ b }}")


def test_the_names_of_all_pieces_are_known() -> None:
    assert compile_template("{{ item.id }} {{ [x for x in items] }}").names == {"item", "items"}


@pytest.mark.parametrize(
    "text",
    ["{{7*7}}", "{{ 7*7 }}", "{{ item.id }}", "${7*7}", "{% if 1 %}", "item.id", "__class__"],
)
def test_data_is_never_evaluated(text: str) -> None:
    scope = {"item": {"body": text, text: text, "all": [{"x": text}]}}
    assert compile_template("{{ item.body }}").evaluate(scope) == text
    assert compile_template("> {{ item.body }}").evaluate(scope) == f"> {text}"
    assert compile_template("{{ item.body }}{{ item.body }}").evaluate(scope) == text * 2
    assert compile_template("{{ f'{item.body}' + item.body }}").evaluate(scope) == text * 2
    assert compile_template("{{ item.all }}").evaluate(scope) == [{"x": text}]
    assert compile_template("{{ str(item.all) }}").evaluate(scope) == f'[{{"x":"{text}"}}]'
    assert compile_template("{{ item[item.body] }}").evaluate(scope) == text


@pytest.mark.parametrize(
    ("source", "column", "part"),
    [
        ("Order {{ item.zip }}", 15, "item.zip"),
        ("{{ item.id }} and {{ item.zip }}", 27, "item.zip"),
        ("Order {{ item.id", 7, "not closed"),
        ("Order {{ 'a }}", 7, "not closed"),
        ("Order {{ }}", 9, "empty"),
        ("Order {{ 1 + }}", 13, "not a valid expression"),
        ("é {{ item.zip }}", 11, "item.zip"),
    ],
)
def test_an_error_counts_its_column_in_the_whole_text(source: str, column: int, part: str) -> None:
    with pytest.raises(ExpressionError, match=part) as caught:
        compile_template(source).evaluate(SCOPE)
    assert caught.value.column == column
    assert caught.value.expression == source


def test_many_large_pieces_are_refused_before_they_are_joined() -> None:
    scope = {"item": {"long": "a" * 4_000_000}}
    with pytest.raises(ExpressionError, match="too much memory"):
        compile_template("{{ item.long }}-" * 20).evaluate(scope)
