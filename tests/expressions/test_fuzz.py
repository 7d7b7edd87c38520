"""Whatever is written: JSON comes out, or an ExpressionError."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.expressions import (
    FUNCTIONS,
    Budget,
    DateTime,
    ExpressionError,
    compile_expression,
    compile_template,
)
from layers.expressions.methods import KNOWN

SMALL = Budget(steps=3_000, result_bytes=50_000, seconds=1.0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            "a",
            "a.b",
            "2025-01-31",
            "%Y-%m",
            "UTC",
            "Europe/Berlin",
            "days",
            "(a)|b",
            r"\1",
            "Q==",
            "{{7*7}}",
        ]
    ),
)
NUMBERS = st.one_of(st.integers(-5, 5), st.integers(), st.floats(0, 1e308))
NAMES = st.sampled_from(["item", "items", "now", "x", "y", "odd", "nothing"])
KEYS = st.sampled_from(["a", "b", "year", "id", "_c", "__class__", "items", "none"])


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make larger expressions of smaller ones."""
    some = st.lists(inner, max_size=3)
    operators = st.sampled_from(
        [
            "+",
            "-",
            "*",
            "/",
            "//",
            "%",
            "**",
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "in",
            "and",
            "or",
            "|",
            "<<",
            "is",
        ]
    )
    return st.one_of(
        st.tuples(inner, KEYS).map(lambda t: f"({t[0]}).{t[1]}"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]})[{t[1]}]"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]})[{t[1]}:{t[2]}]"),
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda one: f"not ({one})"),
        inner.map(lambda one: f"-({one})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}) if ({t[1]}) else ({t[2]})"),
        some.map(lambda many: f"[{', '.join(many)}]"),
        st.lists(st.tuples(inner, inner), max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"
        ),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), some).map(
            lambda t: f"{t[0]}({', '.join(t[1])})"
        ),
        st.tuples(inner, st.sampled_from(sorted(KNOWN)), some).map(
            lambda t: f"({t[0]}).{t[1]}({', '.join(t[2])})"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"[{t[0]} for x in {t[1]} if {t[2]}]"),
        st.tuples(inner, inner, inner).map(lambda t: f"{{str({t[0]}): {t[1]} for x, y in {t[2]}}}"),
        st.tuples(inner, inner).map(lambda t: f"sum({t[0]} for x in {t[1]})"),
    )


EXPRESSIONS = st.recursive(
    st.one_of(
        TEXTS.map(repr), NUMBERS.map(repr), NAMES, st.sampled_from(["None", "True", "False"])
    ),
    grow,
    max_leaves=12,
)


def check(compile_: Any, source: str, data: Any) -> None:
    scope = {
        "item": data,
        "items": [data, {"a": 1, "b": {"a": "x"}, "items": [1, 2]}],
        "now": DateTime.from_timestamp(1_700_000_000.25, "Europe/Berlin"),
        "odd": [float("nan"), 10**400, "\ud800", (1, 2), object(), b"x"],
    }
    try:
        found = compile_(source).evaluate(scope, SMALL)
    except ExpressionError as error:
        assert_helpful(error, source)
        return
    assert_plain(found)
    json.dumps(found, allow_nan=False).encode()


def assert_helpful(error: ExpressionError, source: str) -> None:
    assert error.message
    assert error.expression in (source, source[:200])
    assert error.column is None or 1 <= error.column <= len(source) + 1


def assert_plain(value: Any) -> None:
    assert type(value) in (dict, list, str, int, float, bool, type(None))
    if type(value) is dict:
        assert all(type(key) is str for key in value)
        value = list(value.values())
    for element in value if type(value) is list else ():
        assert_plain(element)


def check_expression(source: str, data: Any) -> None:
    check(compile_expression, source, data)


def check_both(source: str, data: Any) -> None:
    check_expression(source, data)
    check(compile_template, source, data)


def check_all(source: str, data: Any) -> None:
    check_both(source, data)
    check(compile_template, "{{" + source + "}}", data)


CALLS = st.tuples(
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(st.one_of(TEXTS.map(repr), NUMBERS.map(repr), NAMES, st.just("[1, 2]")), max_size=4),
).map(lambda t: f"{t[0]}({', '.join(t[1])})")


CALLS = st.tuples(
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(st.one_of(TEXTS.map(repr), NUMBERS.map(repr), NAMES, st.just("[1, 2]")), max_size=4),
).map(lambda t: f"{t[0]}({', '.join(t[1])})")
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *"()[]{}.,:'\"\\#=*-+ \n",
            "{{",
            "}}",
            "item",
            "x",
            "for",
            "in",
            "if",
            "else",
            "f'",
            "1",
            "lambda",
            "__class__",
            "é",
            "\uff45",
        ]
    ),
    max_size=25,
).map("".join)
SOURCES: dict[str, tuple[st.SearchStrategy[str], Callable[[str, Any], None]]] = {
    "well-formed expressions": (EXPRESSIONS, check_expression),
    "functions called with anything": (CALLS, check_expression),
    "any text at all": (st.text(max_size=60), check_all),
    "heaps of fragments": (FRAGMENTS, check_both),
}


@pytest.mark.parametrize("examples", [100, pytest.param(600, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", SOURCES)
def test_it_gives_json_or_an_expression_error(kind: str, examples: int) -> None:
    sources, check_one = SOURCES[kind]
    quiet = settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    quiet(given(sources, JSON)(check_one))()
