"""Dotted paths into items: ``order.lines.0.sku`` reads objects by key and lists by position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from layers.contract import Json, NodeError

Path = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^.]+(\.[^.]+)*$")]
"""A parameter that names a field; never evaluated."""


class Missing:
    """Stands for a field that is not there, which is not the same as null."""

    def __repr__(self) -> str:
        return "missing"


MISSING: Final = Missing()


def find(value: Json, path: str) -> Json | Missing:
    """Return what stands at the path, or MISSING; a key that holds dots itself goes first."""
    if isinstance(value, Mapping) and path in value:
        return value[path]
    for name in path.split("."):
        value = _step(value, name)
        if value is MISSING:
            return MISSING
    return value


def need(item: Mapping[str, Json], path: str, index: int, where: str = "") -> Json:
    """Return what stands at the path, or raise a NodeError that names field and item."""
    value = find(item, path)
    if value is MISSING:
        fields = ", ".join(list(item)[:10]) or "no fields"
        raise NodeError(
            f"Item {index}{where} has no field '{path}' (it has: {fields}). "
            "Name a field that every item has, or set it in a node before.",
            item_index=index,
            kind="missing_field",
            detail={"field": path},
        )
    return value


def put(values: dict[str, Json], path: str, value: Json, index: int) -> None:
    """Write into ``values``; objects on the way are made or copied, never changed in place."""
    *way, name = path.split(".")
    for passed, step in enumerate(way, start=1):
        inner = values.get(step, {})
        if not isinstance(inner, dict):
            raise NodeError(
                f"Item {index}: '{path}' cannot be written because "
                f"'{'.'.join(way[:passed])}' is {kind_of(inner)}, not an object.",
                item_index=index,
                kind="wrong_type",
                detail={"field": path},
            )
        values[step] = dict(inner)
        values = values[step]
    values[name] = value


def drop(values: dict[str, Json], path: str) -> None:
    """Take a field out of ``values``, if it is there; nested objects are copied, not changed."""
    if path in values:
        del values[path]
        return
    *way, name = path.split(".")
    if find(values, path) is MISSING:
        return
    for step in way:
        if not isinstance(values[step], dict):
            return
        values[step] = dict(values[step])
        values = values[step]
    del values[name]


def last_name(path: str) -> str:
    """Return the last part of the path, the natural name for what it leads to."""
    return path.rpartition(".")[2]


def kind_of(value: Json) -> str:
    """Say in words what kind of JSON value this is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "an object" if isinstance(value, Mapping) else "a list"


def identity(value: Json) -> Any:
    """Return a hashable stand-in that is equal for equal JSON values; 1 equals 1.0, not true."""
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, Mapping):
        return (dict, frozenset((name, identity(inner)) for name, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return (list, tuple(identity(inner) for inner in value))
    return value


def _step(value: Json, name: str) -> Json | Missing:
    if isinstance(value, Mapping):
        return value.get(name, MISSING)
    if isinstance(value, list) and name.isdecimal() and len(name) < 10:
        position = int(name)
        return value[position] if position < len(value) else MISSING
    return MISSING
