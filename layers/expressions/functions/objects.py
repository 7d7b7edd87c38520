"""Functions on objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.registry import function

GROUP = "Objects"
# A rough size of one entry of a dictionary.
_ENTRY = 100


@function(GROUP, 'keys({"a": 1, "b": 2})', '["a", "b"]')
def keys(run: Run, value: Mapping[str, Any]) -> list[str]:
    """The keys of an object."""
    run.take_list(len(value))
    return list(value)


@function(GROUP, 'values({"a": 1, "b": 2})', "[1, 2]")
def values(run: Run, value: Mapping[str, Any]) -> list[Any]:
    """The values of an object."""
    run.take_list(len(value))
    return [value[key] for key in value]


@function(GROUP, 'entries({"a": 1})', '[["a", 1]]')
def entries(run: Run, value: Mapping[str, Any]) -> list[Any]:
    """The pairs of key and value of an object."""
    run.charge(len(value))
    return [[key, value[key]] for key in value]


@function(GROUP, 'merge({"a": 1}, {"b": 2})', '{"a": 1, "b": 2}')
def merge(run: Run, *objects: Mapping[str, Any]) -> dict[str, Any]:
    """One object with the keys of all; later ones win."""
    merged: dict[str, Any] = {}
    for one in objects:
        run.take(len(one) * _ENTRY)
        merged.update({key: one[key] for key in one})
    return merged


@function(GROUP, 'pick({"a": 1, "b": 2}, "a")', '{"a": 1}')
def pick(run: Run, value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The object with only these keys, where it has them."""
    return {name: value[name] for name in names if name in value}


@function(GROUP, 'omit({"a": 1, "b": 2}, "a")', '{"b": 2}')
def omit(run: Run, value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The object without these keys."""
    run.take(len(value) * _ENTRY)
    return {key: value[key] for key in value if key not in names}
