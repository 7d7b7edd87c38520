"""JSON in and out, in one place: fast where it can be, exact where it must be."""

from __future__ import annotations

import json
from typing import Any

import orjson


class InvalidJson(ValueError):
    """The text is not valid JSON."""


def dumps(value: Any) -> str:
    """Write a JSON value as compact text.

    Integers past 64 bits are written in full. Raises InvalidJson for what JSON cannot hold,
    halves of surrogate pairs among it: what is written here can be read again.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        try:
            text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
            text.encode()
            return text
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidJson(f"The value cannot be written as JSON: {error}.") from error


def loads(text: str | bytes) -> Any:
    """Read JSON text (RFC 8259); raises InvalidJson with the place of the mistake."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"Not valid JSON: {error}.") from error
