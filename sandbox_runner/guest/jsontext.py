"""JSON by the C functions that the standard library's json is made of.

That package brings re, enum and more along, which every job process would carry; and what a step
does to it has no effect in here.
"""

from __future__ import annotations

import _json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Reading:
    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}.get


def _refuse(value: object) -> None:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_scan = _json.make_scanner(_Reading)  # type: ignore[arg-type]
_make_encoder, _quote = _json.make_encoder, _json.encode_basestring


def loads(text: bytes) -> Any:
    """Read JSON in UTF-8."""
    return _scan(text.decode("utf-8", "surrogatepass").strip(" \t\r\n"), 0)[0]


def dumps(value: Any) -> str:
    """Write compact JSON; raises TypeError, ValueError or RecursionError for what is none."""
    write = _make_encoder({}, _refuse, _quote, None, ":", ",", False, False, False)
    return "".join(write(value, 0))
