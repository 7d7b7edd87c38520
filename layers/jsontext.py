"""JSON in and out, in one place: fast where it can be, exact where it must be."""

from __future__ import annotations

import json
import math
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
    """Read JSON text (RFC 8259); raises InvalidJson with the place of the mistake.

    Integers are exact, up to the 4300 digits that Python reads.
    """
    if may_hold_long_integer(text):
        return _exact(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"Not valid JSON: {error}.") from error


# orjson makes floats of integers past 64 bits, which have 20 digits, or 19 below zero. Looking for
# so many in a row costs a fraction of parsing.
_DIGITS = bytes(48 if 48 <= byte <= 57 else 45 if byte == 45 else 32 for byte in range(256))
_LONG = b"0" * 20
_LONG_NEGATIVE = b"-" + b"0" * 19


def may_hold_long_integer(text: str | bytes) -> bool:
    """Whether so many digits stand in a row that ``loads`` takes the slow way, to be exact."""
    if len(text) < len(_LONG):
        return False
    if isinstance(text, str):
        text = text.encode("utf-8", "replace")
    digits = text.translate(_DIGITS)
    return _LONG in digits or _LONG_NEGATIVE in digits


def _exact(text: str | bytes) -> Any:
    try:
        written = text if isinstance(text, str) else text.decode()
        value = json.loads(written, parse_float=_finite, parse_constant=_refuse)
        # Python's parser lets halves of surrogate pairs through, which nothing can write again.
        if "\\u" in written:
            dumps(value)
        return value
    except RecursionError as error:
        raise InvalidJson("Not valid JSON: depth limit reached.") from error
    except ValueError as error:
        raise InvalidJson(f"Not valid JSON: {error}.") from error


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise InvalidJson("number is infinity when parsed as double")
    return number


def _refuse(name: str) -> Any:
    raise InvalidJson(f"{name} is no JSON")
