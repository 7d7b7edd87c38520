"""The values of the language: JSON and dates; how they are named, compared, and let out."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from layers import jsontext
from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError, OverBudget
from layers.expressions.moments import DateTime

MAX_DEPTH = 200
MAX_BITS = 4096
# Numbers within this range need no closer look.
COMMON = 1 << 63
# An empty list is two bytes of JSON, but far more in memory.
_CONTAINER = 16

SCALARS = frozenset({str, int, float, bool, type(None)})


def is_number(value: Any) -> bool:
    """Say whether the value is a number; True and False are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def type_name(value: Any) -> str:
    """Name the type as JSON does: string, number, boolean, null, list, object, or date."""
    if value is None:
        return "null"
    for kind, name in _TYPE_NAMES:
        if isinstance(value, kind):
            return name
    return type(value).__name__


_TYPE_NAMES: tuple[tuple[Any, str], ...] = (
    (str, "string"),
    (bool, "boolean"),
    ((int, float), "number"),
    ((list, tuple), "list"),
    (Mapping, "object"),
    (DateTime, "date"),
)
_WORDS = {
    "string": "text",
    "boolean": "true/false",
    "number": "a number",
    "null": "nothing (None)",
    "list": "a list",
    "object": "an object",
    "date": "a date",
}


def in_words(value: Any) -> str:
    """Name the kind of a value as one would say it: 'text', 'a number', 'an object'."""
    name = type_name(value)
    return _WORDS.get(name, f"a {name}, which is not JSON")


def checked_number(value: Any) -> Any:
    """Pass a number on, or say why it is none that JSON (or this machine) should carry."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and value.bit_length() <= MAX_BITS:
        return value
    if isinstance(value, complex):
        raise ExpressionError("A power of a negative number with a fraction is not a real number.")
    if isinstance(value, int):
        raise ExpressionError("The number is too large: whole numbers have at most 1,200 digits.")
    raise ExpressionError("The result is not a finite number (infinity, or not a number at all).")


def leave(run: Run, value: Any) -> Any:
    """Turn a value into pure JSON of its own: a copy, within the budget of the result."""
    kind = type(value)
    if kind is bool or value is None:
        return value
    if kind is str and value.isascii() and len(value) <= run.budget.result_bytes:
        return value
    if (kind is int or kind is float) and -COMMON < value < COMMON:
        return value
    return _Departure(run).copy(value, 0)


class _Departure:
    """Copies a value out; shared lists become separate ones, so their size is counted each time."""

    __slots__ = ("left", "next_check", "run")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.left = run.budget.result_bytes
        self.next_check = self.left

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < self.next_check:
            if self.left < 0:
                raise OverBudget(
                    f"The result is larger than {self.run.budget.result_bytes:,} bytes."
                )
            self.run.check()
            self.next_check = max(self.left - 65_536, 0)

    def copy(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return self.text(value)
        if kind is int or kind is float:
            self.spend(4)
            return value if -COMMON < value < COMMON else checked_number(value)
        if value is None or kind is bool:
            self.spend(4)
            return value
        return self.container(value, depth)

    def text(self, value: str) -> str:
        if value.isascii():
            self.spend(len(value) + 2)
            return value
        try:
            self.spend(len(value.encode()) + 2)
        except UnicodeEncodeError as error:
            raise ExpressionError(
                "The text holds half of a character (a lone surrogate), which JSON cannot carry."
            ) from error
        return value

    def container(self, value: Any, depth: int) -> Any:
        if depth >= MAX_DEPTH:
            raise ExpressionError(f"The value is nested more than {MAX_DEPTH} levels deep.")
        if isinstance(value, Mapping):
            return self.object(value, depth)
        if isinstance(value, (list, tuple)):
            self.spend(_CONTAINER)
            return [self.copy(element, depth + 1) for element in value]
        return self.other(value)

    def object(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        self.spend(_CONTAINER)
        copied: dict[str, Any] = {}
        for key in value:
            if not isinstance(key, str):
                raise ExpressionError(f"The keys of an object are text, not {in_words(key)}.")
            copied[self.text(str(key))] = self.copy(value[key], depth + 1)
        return copied

    def other(self, value: Any) -> Any:
        if isinstance(value, (DateTime, str)):
            return self.text(str(value))
        if isinstance(value, int):
            return checked_number(int(value))
        if isinstance(value, float):
            return checked_number(float(value))
        raise ExpressionError(f"The value is {in_words(value)}.")


def as_text(run: Run, value: Any) -> str:
    """Write a value as it appears inside a text: None as nothing, objects and lists as JSON."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, DateTime):
        return str(value)
    if type(value) is int:
        return str(checked_number(value))
    text = jsontext.dumps(leave(run, value))
    run.take(len(text))
    return text


def same(run: Run, left: Any, right: Any, depth: int = 0) -> bool:
    """Compare two values of any kind; each element compared is a step."""
    run.charge(1)
    if left is right:
        return True
    if depth > MAX_DEPTH:
        raise ExpressionError(f"A value is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return len(left) == len(right) and all(
            key in right and same(run, left[key], right[key], depth + 1) for key in left
        )
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(
            same(run, one, other, depth + 1) for one, other in zip(left, right, strict=True)
        )
    if type(left) in SCALARS or isinstance(left, DateTime):
        return bool(left == right)
    return False


def comparable(left: Any, right: Any) -> bool:
    """Say whether one can be smaller than the other: two numbers, two texts, or two dates."""
    if is_number(left):
        return is_number(right)
    return (isinstance(left, str) and isinstance(right, str)) or (
        isinstance(left, DateTime) and isinstance(right, DateTime)
    )


def ordered(left: Any, right: Any, compare: Callable[[Any, Any], Any], symbol: str) -> bool:
    """Order two values of one kind, or say that they have no order."""
    if comparable(left, right):
        return bool(compare(left, right))
    raise ExpressionError(
        f"'{symbol}' cannot compare {in_words(left)} with {in_words(right)}."
        " Convert one of them first, for example with float(…), str(…) or parse_date(…)."
    )


def contained(run: Run, value: Any, container: Any) -> bool:
    """Answer `value in container` for a text, a list, or the keys of an object."""
    if isinstance(container, str):
        if not isinstance(value, str):
            raise ExpressionError(f"'in' looks for text in a text, not for {in_words(value)}.")
        run.take(len(container) >> 3)
        return value in container
    if isinstance(container, Mapping):
        return isinstance(value, str) and value in container
    if not isinstance(container, (list, tuple)):
        raise ExpressionError(
            f"'in' looks into a text, a list or an object, not into {in_words(container)}."
        )
    if type(value) in SCALARS:
        run.charge(len(container) >> 3)
        return operator.contains(container, value)
    return any(same(run, value, element) for element in container)
