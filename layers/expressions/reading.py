"""Constants, names, `a.b`, `a[b]`, slices, and the literals of lists and objects."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.compiler import Compiler, Place, Step, handles
from layers.expressions.errors import ExpressionError
from layers.expressions.moments import PARTS, DateTime
from layers.expressions.registry import FUNCTIONS
from layers.expressions.values import in_words

_KEYS_SHOWN = 8
_KEYS_COMPARED = 200
_HABITS = {"true": "True", "false": "False", "null": "None", "undefined": "None", "this": "item"}


@handles(ast.Constant)
def constant(compiler: Compiler, node: ast.Constant) -> Step:
    """Compile a literal text, number, True, False or None."""
    value = node.value
    if not (value is None or isinstance(value, (str, int, float))):
        what = "Bytes" if isinstance(value, bytes) else "This"
        raise compiler.error(node, f"{what} cannot stand in an expression; values are JSON.")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise compiler.error(
                node, "The text holds half of a character (a lone surrogate)."
            ) from error
    if isinstance(value, (int, float)) and not -1e308 < value < 1e308:
        raise compiler.error(node, "The number is too large.")
    return lambda run: value


@handles(ast.Name)
def name(compiler: Compiler, node: ast.Name) -> Step:
    """Compile a name: a loop variable, or one of the scope."""
    identifier = node.id
    if identifier.startswith("__"):
        raise compiler.error(node, "Names do not begin with two underscores here.")
    slot = compiler.slot_of(identifier)
    if slot is not None:
        return lambda run: run.slots[slot]
    compiler.names.add(identifier)
    place = compiler.place(node)

    def read(run: Run) -> Any:
        try:
            return run.scope[identifier]
        except KeyError as error:
            raise unknown_name(run.scope, identifier, place) from error
        except ExpressionError as error:
            raise place.mark(error) from None

    return read


def unknown_name(scope: Mapping[str, Any], identifier: str, place: Place) -> ExpressionError:
    """Say that a name does not exist, and what was probably meant."""
    if identifier in FUNCTIONS:
        return place.error(f"'{identifier}' is a function: write {FUNCTIONS[identifier].signature}")
    meant = _HABITS.get(identifier)
    if meant is None:
        known = [str(key) for key in islice(scope, _KEYS_COMPARED)]
        meant = next(iter(get_close_matches(identifier, known, 1)), None)
    hint = f"; did you mean '{meant}'?" if meant else "."
    return place.error(f"There is no '{identifier}' here{hint} In scope: {_listed(scope)}.")


def _listed(keys: Iterable[Any]) -> str:
    shown = [repr(key)[:60] for key in islice(keys, _KEYS_SHOWN + 1)]
    if len(shown) > _KEYS_SHOWN:
        shown[-1] = "…"
    return ", ".join(shown) or "nothing"


@handles(ast.Attribute)
def attribute(compiler: Compiler, node: ast.Attribute) -> Step:
    """Compile `a.b`: the key 'b' of the object a, never an attribute of Python's."""
    key = node.attr
    if key.startswith("__"):
        raise compiler.error(
            node, f'Keys after a dot do not begin with two underscores; write ["{key}"] for a key.'
        )
    owner = compiler.step(node.value)
    place = compiler.place(node)

    def read(run: Run) -> Any:
        value = owner(run)
        if type(value) is dict and key in value:
            return value[key]
        return read_attribute(value, key, place)

    return read


def read_attribute(value: Any, key: str, place: Place) -> Any:
    """Read a key of an object, or a documented part of a date."""
    if isinstance(value, Mapping):
        return read_key(value, key, place)
    if isinstance(value, DateTime):
        if key in PARTS:
            return PARTS[key](value)
        raise place.missing(f"{place.text}: a date has no '{key}'; it has: {', '.join(PARTS)}.")
    owner = _owner(place)
    if value is None:
        raise place.missing(f"{place.text}: '{owner}' is nothing (None), so it has no '{key}'.")
    if isinstance(value, (list, tuple)):
        advice = f"Use {owner}[0].{key} for one element, or [x.{key} for x in {owner}] for all"
        raise place.missing(f"{place.text}: '{owner}' is a list and has no '{key}'. {advice}.")
    raise place.missing(
        f"{place.text}: '{owner}' is {in_words(value)} and has no '{key}';"
        " only objects have keys. Functions are called: len(value), upper(text)."
    )


def read_key(value: Mapping[str, Any], key: str, place: Place) -> Any:
    """Read a key of an object, or say which keys it has."""
    try:
        return value[key]
    except ExpressionError as error:
        raise place.mark(error) from None
    except KeyError as error:
        if place.brief:
            raise place.missing("missing") from error
        owner = _owner(place)
        keys = [str(one) for one in islice(value, _KEYS_COMPARED)]
        close = get_close_matches(key[:100], [one for one in keys if len(one) <= 100], 1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        name = owner.rpartition(".")[2]
        raise place.missing(
            f"{place.text}: '{name}' has no key '{key[:100]}'; it has: {_listed(value)}.{hint}"
            f" Use {owner}.get({key[:100]!r}, default) to go on without it."
        ) from error


def _owner(place: Place) -> str:
    text = place.text
    if text.endswith("]"):
        return text.rpartition("[")[0] or text
    return text.rpartition(".")[0].strip() or text


@handles(ast.Subscript)
def subscript(compiler: Compiler, node: ast.Subscript) -> Step:
    """Compile `a[b]` and `a[b:c]`."""
    if isinstance(node.slice, ast.Slice):
        return sliced(compiler, node, node.slice)
    owner = compiler.step(node.value)
    index = compiler.step(node.slice)
    place = compiler.place(node)

    def read(run: Run) -> Any:
        value = owner(run)
        key = index(run)
        if type(value) is dict and type(key) is str and key in value:
            return value[key]
        return read_element(value, key, place)

    return read


def read_element(value: Any, key: Any, place: Place) -> Any:
    """Read `value[key]`: a key of an object, or a position in a list or a text."""
    if isinstance(value, Mapping):
        if isinstance(key, str):
            return read_key(value, key, place)
        raise place.error(f"{place.text}: the keys of an object are text, not {in_words(key)}.")
    if not isinstance(value, (list, tuple, str)):
        raise place.missing(
            f"{place.text}: '{_owner(place)}' is {in_words(value)};"
            " only objects, lists and texts have elements."
        )
    if not isinstance(key, int) or isinstance(key, bool):
        raise place.error(
            f"{place.text}: a position in {in_words(value)} is a whole number, not {in_words(key)}."
        )
    if -len(value) <= key < len(value):
        return value[key]
    raise place.missing(
        f"{place.text}: there is no position {str(key)[:20]};"
        f" '{_owner(place)}' has {len(value)} elements (the first is 0)."
    )


def sliced(compiler: Compiler, node: ast.Subscript, bounds: ast.Slice) -> Step:
    """Compile `a[b:c:d]` over a list or a text."""
    owner = compiler.step(node.value)
    place = compiler.place(node)
    parts = [
        compiler.step(bound) if bound else (lambda run: None)
        for bound in (bounds.lower, bounds.upper, bounds.step)
    ]

    def read(run: Run) -> Any:
        value = owner(run)
        limits = [part(run) for part in parts]
        if not isinstance(value, (list, tuple, str)):
            raise place.error(
                f"{place.text}: a slice takes a piece of a list or a text, not of"
                f" {in_words(value)}."
            )
        if any(type(limit) not in (int, type(None)) for limit in limits) or limits[2] == 0:
            raise place.error(
                f"{place.text}: the bounds of a slice are whole numbers, its step is not 0."
            )
        window = slice(*limits)
        size = len(range(*window.indices(len(value))))
        if isinstance(value, str):
            run.take(size)
            return value[window]
        run.take_list(size)
        return list(value[window])

    return read


@handles(ast.List, ast.Tuple)
def sequence(compiler: Compiler, node: ast.List | ast.Tuple) -> Step:
    """Compile `[a, b]`; `(a, b)` is a list too, since JSON knows no other."""
    elements = [compiler.step(element) for element in node.elts]
    return lambda run: [element(run) for element in elements]


@handles(ast.Dict)
def mapping(compiler: Compiler, node: ast.Dict) -> Step:
    """Compile `{"key": value}`."""
    pairs: list[tuple[Step, Step]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            raise compiler.error(value, "'**' cannot unpack here; use merge(a, b).")
        pairs.append((compiler.step(key), compiler.step(value)))
    place = compiler.place(node)

    def build(run: Run) -> dict[str, Any]:
        return {object_key(key(run), place): value(run) for key, value in pairs}

    return build


def object_key(key: Any, place: Place) -> str:
    """Pass on a key that is text; raises ExpressionError for any other."""
    if isinstance(key, str):
        return key
    raise place.error(f"The keys of an object are text, not {in_words(key)}; use str(…).")
