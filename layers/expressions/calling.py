"""Calls: of a documented function by its name, or of a documented method on a value."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import Any

from layers.expressions import methods
from layers.expressions.budget import Run
from layers.expressions.compiler import Compiler, Place, Step, handles
from layers.expressions.errors import ExpressionError, MissingKey
from layers.expressions.registry import FUNCTIONS, Function

# These evaluate one argument after the other, and pass over one whose key is missing.
_FORGIVING = ("default", "coalesce")


@handles(ast.Call)
def call(compiler: Compiler, node: ast.Call) -> Step:
    """Compile a call."""
    for keyword in node.keywords:
        if keyword.arg is None:
            raise compiler.error(keyword.value, "'**' cannot unpack here; name each argument.")
    if isinstance(node.func, ast.Name):
        return function_call(compiler, node, node.func)
    if isinstance(node.func, ast.Attribute):
        return method_call(compiler, node, node.func)
    raise compiler.error(node, "Only functions and methods can be called, by their name.")


def _keywords(compiler: Compiler, node: ast.Call) -> list[tuple[str, Step]]:
    return [(one.arg or "", compiler.step(one.value)) for one in node.keywords]


def function_call(compiler: Compiler, node: ast.Call, called: ast.Name) -> Step:
    """Compile `name(…)`; the name is one of the documented functions, never one of the scope."""
    known = FUNCTIONS.get(called.id)
    if known is None:
        close = get_close_matches(called.id[:60], FUNCTIONS, 1)
        hint = f"; did you mean {FUNCTIONS[close[0]].signature}?" if close else "."
        raise compiler.error(called, f"There is no function '{called.id[:60]}'{hint}")
    misuse = known.misuse(len(node.args), [keyword.arg or "" for keyword in node.keywords])
    if misuse:
        raise compiler.error(node, f"{misuse}. Usage: {known.signature}")
    if known.name in _FORGIVING and not node.keywords:
        with compiler.forgiving():
            return forgiving([compiler.step(argument) for argument in node.args])
    arguments = [compiler.step(argument) for argument in node.args]
    keywords = _keywords(compiler, node)
    place = compiler.place(node)

    def invoke(run: Run) -> Any:
        values = [argument(run) for argument in arguments]
        return _invoke(run, known, values, {name: step(run) for name, step in keywords}, place)

    return invoke


def _invoke(
    run: Run, known: Function, values: list[Any], keywords: dict[str, Any], place: Place
) -> Any:
    try:
        return known.call(run, values, keywords)
    except ExpressionError as error:
        raise place.mark(error) from None
    except OverflowError as error:
        raise place.error(f"{place.text}: the number is too large.") from error
    except UnicodeEncodeError as error:
        raise place.error(
            f"{place.text}: a text holds half of a character (a lone surrogate)."
        ) from error


def forgiving(arguments: list[Step]) -> Step:
    """Compile default(…) and coalesce(…): the first argument that exists and is not None."""

    def choose(run: Run) -> Any:
        for argument in arguments:
            try:
                value = argument(run)
            except MissingKey:
                continue
            if value is not None:
                return value
        return None

    return choose


def method_call(compiler: Compiler, node: ast.Call, called: ast.Attribute) -> Step:
    """Compile `value.name(…)`: always the method of that name, never a key."""
    name = called.attr
    if name not in methods.KNOWN:
        raise compiler.error(called, methods.no_such_method(name))
    owner = compiler.step(called.value)
    arguments = [compiler.step(argument) for argument in node.args]
    keywords = _keywords(compiler, node)
    place = compiler.place(called)
    label = compiler.source.segment(called.value)

    def invoke(run: Run) -> Any:
        value = owner(run)
        known = methods.table_of(value).get(name)
        if known is None:
            kind = MissingKey if value is None else ExpressionError
            raise kind(methods.not_a_method_of(name, value, label), column=place.column)
        misuse = known.misuse(len(arguments) + 1, [keyword for keyword, _ in keywords])
        if misuse:
            raise place.error(f"{misuse}.")
        values = [value, *[argument(run) for argument in arguments]]
        return _invoke(run, known, values, {key: step(run) for key, step in keywords}, place)

    return invoke
