"""When two values count as the same: exactly, or as a person would take them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from functions.nodes.paths import identity
from layers.contract import Json

Comparison = Literal["exact", "loose", "ignore_case"]
COMPARISON_DESCRIPTION = (
    "'exact': 1 is 1.0, but not \"1\". 'loose': a number is the text that writes it (1, 1.0 and "
    "\"1\"), spaces around texts do not count, nor how an accent is encoded. 'ignore_case': loose, "
    "and capital letters are small ones."
)
# Beyond it a text is hardly a number that is meant as one.
_LONGEST_NUMBER = 40


def compared(value: Json, how: Comparison) -> Any:
    """A hashable stand-in that is equal for values that are the same."""
    return identity(value if how == "exact" else _loosened(value, how))


def _loosened(value: Json, how: Comparison) -> Json:
    if isinstance(value, Mapping):
        return {name: _loosened(inner, how) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_loosened(inner, how) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(str(value)) or str(value)
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value.strip())
        return _number(text) or (text.casefold() if how == "ignore_case" else text)
    return value


def _number(text: str) -> str | None:
    """A number in the one form that all that write it share: 1 of "1", "1.0" and "+1e0".

    Leading zeros belong to codes, which are no numbers: "007" is not 7.
    """
    digits = text.lstrip("+-")
    if not text.isascii() or not digits[:1].isdecimal() or len(text) > _LONGEST_NUMBER:
        return None
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdecimal():
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if "_" in text or abs(number.adjusted()) > _LONGEST_NUMBER:
        return None
    written = format(number, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.removeprefix("-") if not number else written
