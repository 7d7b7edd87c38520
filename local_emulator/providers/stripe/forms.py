"""Stripe's form encoding: ``items[0][price]=price_1`` and ``expand[]=customer``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"\[([^\]]*)\]")


def read_form(text: str) -> dict[str, Any]:
    """The parameters as nested dicts and lists; an empty text means null, as with Stripe."""
    found: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        name = key.partition("[")[0]
        _put(found, [name, *_PART.findall(key)], value)
    whole: dict[str, Any] = _lists(found)
    return whole


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        into = into.setdefault(step, {})
    last = path[-1] or str(len(into))
    into[last] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return None if value == "" else value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(one) for key, one in value.items()}


def number(value: Any, default: int = 0) -> int:
    """A whole number of a form."""
    return default if value is None else int(value)


def truth(value: Any, default: bool = False) -> bool:
    """A truth value of a form."""
    return default if value is None else str(value).lower() in {"true", "1"}
