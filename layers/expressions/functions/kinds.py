"""Functions that change or tell the kind of a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.registry import function
from layers.expressions.values import as_text, in_words, type_name

GROUP = "Values"


@function(GROUP, "str(12)", '"12"', name="str")
def text(run: Run, value: Any) -> str:
    """The value as it would appear in a text: None as nothing, objects and lists as JSON."""
    return as_text(run, value)


@function(GROUP, 'bool("x")', "true", name="bool")
def truth(run: Run, value: Any) -> bool:
    """False for None, 0, and an empty text, list or object; else True."""
    return bool(value)


@function(GROUP, 'list("ab")', '["a", "b"]', name="list")
def elements(run: Run, value: Any) -> list[Any]:
    """The characters of a text, the keys of an object, or a copy of a list."""
    if not isinstance(value, (str, list, tuple, Mapping)):
        raise ExpressionError(f"list() needs a text, a list or an object, not {in_words(value)}.")
    run.charge(len(value))
    return list(value)


@function(GROUP, "type([1, 2])", '"list"', name="type")
def kind(run: Run, value: Any) -> str:
    """The kind: "string", "number", "boolean", "null", "list", "object" or "date"."""
    return type_name(value)


@function(GROUP, 'default(item.phone, "none")', '"none"')
def default(run: Run, value: Any, fallback: Any) -> Any:
    """The value, or the fallback where it is None or its key is missing."""
    return fallback if value is None else value


@function(GROUP, 'coalesce(item.phone, None, "none")', '"none"')
def coalesce(run: Run, *values: Any) -> Any:
    """The first of the values that exists and is not None."""
    return next((value for value in values if value is not None), None)
