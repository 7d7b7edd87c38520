"""Functions on numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.registry import function
from layers.expressions.values import checked_number, comparable, in_words, is_number, ordered

GROUP = "Numbers"
_MAX_DIGITS = 30


@function(GROUP, "abs(-3)", "3", name="abs")
def absolute(run: Run, number: float) -> float:
    """The number without its sign."""
    return abs(number)


@function(GROUP, "round(3.14159, 2)", "3.14", name="round")
def rounded(run: Run, number: float, digits: int = 0) -> float:
    """The number rounded to that many digits, halves to the even neighbour."""
    if not -_MAX_DIGITS <= digits <= _MAX_DIGITS:
        raise ExpressionError(f"round() takes up to {_MAX_DIGITS} digits.")
    return _finite(round(number, digits) if digits else round(number))


@function(GROUP, "floor(2.7)", "2")
def floor(run: Run, number: float) -> float:
    """The next whole number below."""
    return _finite(math.floor(number))


@function(GROUP, "ceil(2.1)", "3")
def ceil(run: Run, number: float) -> float:
    """The next whole number above."""
    return _finite(math.ceil(number))


def _finite(number: float) -> float:
    checked_number(number)
    return number


@function(GROUP, "min(3, 1, 2)", "1", name="min")
def smallest(run: Run, values: Any, *more: Any, default: Any = None) -> Any:
    """The smallest of the values, or of the elements of a list; default for an empty list."""
    return _extreme(run, values, more, default, "<")


@function(GROUP, "max([3, 1, 2])", "3", name="max")
def largest(run: Run, values: Any, *more: Any, default: Any = None) -> Any:
    """The largest of the values, or of the elements of a list; default for an empty list."""
    return _extreme(run, values, more, default, ">")


def _extreme(run: Run, values: Any, more: Sequence[Any], default: Any, symbol: str) -> Any:
    if not more and not isinstance(values, (list, tuple)):
        raise ExpressionError(f"A list or several values are needed, not {in_words(values)}.")
    candidates = [values, *more] if more else values
    run.charge(len(candidates))
    if not candidates:
        if default is None:
            raise ExpressionError("The list is empty; give a default=… for that case.")
        return default
    best = candidates[0]
    if not comparable(best, best):
        raise ExpressionError(f"{in_words(best).capitalize()} has no order.")
    better = operator.lt if symbol == "<" else operator.gt
    for candidate in candidates:
        if ordered(candidate, best, better, symbol):
            best = candidate
    return best


@function(GROUP, "sum([1, 2, 3.5])", "6.5", name="sum")
def total(run: Run, numbers: list[Any]) -> Any:
    """The sum of a list of numbers; True counts as 1, so sum(x > 3 for x in list) counts."""
    run.charge(len(numbers))
    for number in numbers:
        if not isinstance(number, (int, float)):
            raise ExpressionError(
                f"The list holds {in_words(number)}; only numbers can be added up."
                " Convert with [float(x) for x in list]."
            )
    return checked_number(sum(numbers))


@function(GROUP, "average([1, 2, 6])", "3.0")
def average(run: Run, numbers: list[Any]) -> Any:
    """The mean of a list of numbers."""
    if not numbers:
        raise ExpressionError("The list is empty, so it has no average.")
    return checked_number(total(run, numbers) / len(numbers))


@function(GROUP, "clamp(12, 0, 10)", "10")
def clamp(run: Run, number: float, lowest: float, highest: float) -> float:
    """The number, kept between two bounds."""
    return max(lowest, min(number, highest))


@function(GROUP, 'number("12.5")', "12.5")
def number(run: Run, text: Any, default: float | None = None) -> float:
    """The number written in a text, whole if it can be; default for what is no number."""
    if is_number(text):
        return _finite(text)
    parsed = _parsed(text) if isinstance(text, str) else None
    if parsed is not None:
        return parsed
    if default is not None:
        return default
    shown = repr(text[:40]) if isinstance(text, str) else in_words(text)
    raise ExpressionError(f"{shown} is not a number; give a default, or replace(…) what is extra.")


def _parsed(text: str) -> float | None:
    if len(text) > 2_000:
        return None
    for kind in (int, float):
        try:
            return _finite(kind(text))
        except ValueError:
            continue
    return None


@function(GROUP, 'int("42")', "42", name="int")
def whole(run: Run, value: Any) -> Any:
    """A whole number from a text or a number; what follows the point is cut off."""
    if isinstance(value, bool):
        return int(value)
    return checked_number(int(number(run, value)))


@function(GROUP, 'float("2.5")', "2.5", name="float")
def decimal(run: Run, value: Any) -> Any:
    """A number with a fraction from a text or a number."""
    return checked_number(float(number(run, value)))
