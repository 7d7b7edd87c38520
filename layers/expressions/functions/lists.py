"""Functions on lists."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from layers import jsontext
from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError, MissingKey
from layers.expressions.registry import function
from layers.expressions.values import SCALARS, as_text, in_words, leave, ordered

GROUP = "Lists"
_MAX_DEPTH = 20


@function(GROUP, "len([1, 2, 3])", "3", name="len")
def length(run: Run, value: Any) -> int:
    """How many elements, characters or keys there are."""
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value)
    raise ExpressionError(f"len() counts a text, a list or an object, not {in_words(value)}.")


def _field(element: Any, path: str) -> Any:
    """Read a key, or keys joined by dots, out of an element; None where it has none."""
    if isinstance(element, Mapping) and path in element:
        return element[path]
    for key in path.split("."):
        if not isinstance(element, Mapping) or key not in element:
            return None
        element = element[key]
    return element


def _check_path(run: Run, path: str, length: int) -> None:
    depth = path.count(".") + 1
    if depth > _MAX_DEPTH:
        raise ExpressionError(f"A path has at most {_MAX_DEPTH} keys.")
    run.charge(length * depth)


@function(GROUP, 'sorted([{"n": 2}, {"n": 1}], "n")', '[{"n": 1}, {"n": 2}]', name="sorted")
def in_order(
    run: Run, values: list[Any], key: str | None = None, reverse: bool = False
) -> list[Any]:
    """The list in order, by itself or by a key or dotted path; what is None comes last."""
    run.take_list(len(values))
    if key is None:
        run.charge(len(values) * 2)
        pairs = [(value, value) for value in values]
    else:
        _check_path(run, key, len(values) * 2)
        pairs = [(_field(value, key), value) for value in values]
    known = [pair for pair in pairs if pair[0] is not None]
    for pair in known:
        # One kind throughout, or there is no order.
        ordered(known[0][0], pair[0], operator.lt, "sorted()")
    known.sort(key=operator.itemgetter(0), reverse=reverse)
    run.check()
    return [value for _, value in known] + [value for found, value in pairs if found is None]


@function(GROUP, "reversed([1, 2, 3])", "[3, 2, 1]", name="reversed")
def backwards(run: Run, values: list[Any] | str) -> Any:
    """The list, or the text, from its end to its start."""
    run.take_list(len(values))
    return values[::-1] if isinstance(values, str) else list(values)[::-1]


@function(GROUP, "unique([1, 2, 1])", "[1, 2]")
def unique(run: Run, values: list[Any], key: str | None = None) -> list[Any]:
    """The list without repetitions (of the value at a key), the first of each kept."""
    _check_path(run, key or "", len(values))
    seen: set[Any] = set()
    kept = []
    for value in values:
        mark = _mark(run, value if key is None else _field(value, key))
        if mark not in seen:
            seen.add(mark)
            kept.append(value)
    return kept


def _mark(run: Run, value: Any) -> Any:
    """Give something hashable that is equal for equal JSON, and keeps 1 apart from True."""
    if type(value) in SCALARS:
        return type(value) is bool, value
    plain = leave(run, value)
    run.charge(1)
    text = jsontext.dumps(_sorted_keys(plain))
    run.take(len(text))
    return text


def _sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted_keys(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted_keys(element) for element in value]
    return value


@function(GROUP, "first([1, 2, 3])", "1")
def first(run: Run, values: list[Any] | str, default: Any = None) -> Any:
    """The first element, or the default of an empty list."""
    return values[0] if values else default


@function(GROUP, "last([1, 2, 3])", "3")
def last(run: Run, values: list[Any] | str, default: Any = None) -> Any:
    """The last element, or the default of an empty list."""
    return values[-1] if values else default


@function(GROUP, "flatten([[1, 2], [3]])", "[1, 2, 3]")
def flatten(run: Run, values: list[Any], depth: int = 1) -> list[Any]:
    """The elements of the lists within the list, that many levels deep."""
    if not 0 <= depth <= _MAX_DEPTH:
        raise ExpressionError(f"flatten() goes up to {_MAX_DEPTH} levels deep.")
    flat = list(values)
    for _ in range(depth):
        run.charge(sum(len(one) if isinstance(one, (list, tuple)) else 1 for one in flat))
        flat = [
            inner for one in flat for inner in (one if isinstance(one, (list, tuple)) else (one,))
        ]
    return flat


@function(GROUP, "range(3)", "[0, 1, 2]", name="range")
def counted(run: Run, start: int, stop: int | None = None, step: int = 1) -> list[int]:
    """The whole numbers from start (or 0) up to, but without, stop."""
    if step == 0:
        raise ExpressionError("The step of range() is not 0.")
    window = range(start, stop, step) if stop is not None else range(0, start, step)
    # len() fails beyond a machine word, and nobody needs that many.
    size = (window.stop - window.start) // step
    run.charge(max(size, 0))
    return list(window)


@function(GROUP, 'zip([1, 2], ["a", "b"])', '[[1, "a"], [2, "b"]]', name="zip")
def paired(run: Run, *lists: list[Any]) -> list[list[Any]]:
    """The first elements of each list together, then the second ones, as far as the shortest."""
    run.charge(min((len(one) for one in lists), default=0) * (len(lists) + 1))
    return [list(row) for row in zip(*lists, strict=False)]


@function(GROUP, 'enumerate(["a", "b"])', '[[0, "a"], [1, "b"]]', name="enumerate")
def numbered(run: Run, values: list[Any], start: int = 0) -> list[list[Any]]:
    """Each element with its number before it."""
    run.charge(len(values) * 2)
    return [[number, value] for number, value in enumerate(values, start)]


@function(GROUP, "any([False, True])", "true", name="any")
def some(run: Run, values: list[Any]) -> bool:
    """Whether at least one element is true."""
    run.charge(len(values) >> 3)
    return any(values)


@function(GROUP, "all([True, False])", "false", name="all")
def every(run: Run, values: list[Any]) -> bool:
    """Whether no element is false."""
    run.charge(len(values) >> 3)
    return all(values)


@function(GROUP, "chunk([1, 2, 3], 2)", "[[1, 2], [3]]")
def chunk(run: Run, values: list[Any], size: int) -> list[list[Any]]:
    """The list cut into lists of that size; the last may be shorter."""
    if size < 1:
        raise ExpressionError("The size of a chunk is at least 1.")
    run.charge(len(values))
    return [list(values[start : start + size]) for start in range(0, len(values), size)]


@function(GROUP, 'pluck([{"id": 1}, {"id": 2}], "id")', "[1, 2]")
def pluck(run: Run, values: list[Any], key: str) -> list[Any]:
    """The value at a key or dotted path of each element, None where it is missing."""
    _check_path(run, key, len(values))
    return [_field(value, key) for value in values]


@function(GROUP, 'group_by([{"k": "a"}, {"k": "b"}], "k")["a"]', '[{"k": "a"}]')
def group_by(run: Run, values: list[Any], key: str) -> dict[str, list[Any]]:
    """An object of lists: the elements by the value they have at a key or dotted path."""
    groups: dict[str, list[Any]] = {}
    for value in _keyed(run, values, key):
        groups.setdefault(value[0], []).append(value[1])
    return groups


@function(GROUP, 'index_by([{"k": "a"}, {"k": "b"}], "k")', '{"a": {"k": "a"}, "b": {"k": "b"}}')
def index_by(run: Run, values: list[Any], key: str) -> dict[str, Any]:
    """An object of elements by the value they have at a key or dotted path; the last one wins."""
    return dict(_keyed(run, values, key))


def _keyed(run: Run, values: Sequence[Any], key: str) -> list[tuple[str, Any]]:
    _check_path(run, key, len(values) * 2)
    pairs = []
    for value in values:
        found = _field(value, key)
        if found is None:
            raise MissingKey(f"An element of the list has no '{key[:60]}'.")
        pairs.append((as_text(run, found), value))
    return pairs
