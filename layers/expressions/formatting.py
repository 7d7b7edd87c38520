"""f-strings: `f"{item.total:.2f}"`, with a bounded set of simple formats."""

from __future__ import annotations

import ast
import re
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.compiler import Compiler, Place, Step, handles
from layers.expressions.errors import ExpressionError
from layers.expressions.functions.dates import format_date
from layers.expressions.moments import DateTime
from layers.expressions.values import as_text, in_words, is_number

# Fill and alignment, sign, zeros, a width below 1000, grouping, a precision below 100, a type.
_SPEC = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?\d{0,3}[,_]?(?:\.\d{1,2})?[bdeEfFgGosxX%]?", re.DOTALL)


@handles(ast.JoinedStr)
def joined(compiler: Compiler, node: ast.JoinedStr) -> Step:
    """Compile an f-string."""
    pieces = [
        formatted(compiler, part) if isinstance(part, ast.FormattedValue) else compiler.step(part)
        for part in node.values
    ]

    def build(run: Run) -> str:
        texts = [piece(run) for piece in pieces]
        run.take(sum(map(len, texts)))
        return "".join(texts)

    return build


def formatted(compiler: Compiler, node: ast.FormattedValue) -> Step:
    """Compile one `{value:spec}` of an f-string."""
    if node.conversion not in (-1, ord("s")):
        raise compiler.error(node.value, "'!r' and '!a' are not available; use json_dump(value).")
    value = compiler.step(node.value)
    spec = _spec(compiler, node)
    if not spec:
        return lambda run: as_text(run, value(run))
    place = compiler.place(node.value)
    return lambda run: _apply(run, value(run), spec, place)


def _spec(compiler: Compiler, node: ast.FormattedValue) -> str:
    if node.format_spec is None:
        return ""
    parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
    if not all(isinstance(part, ast.Constant) for part in parts):
        raise compiler.error(node.value, "A format is written out; it holds no { }.")
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


def _apply(run: Run, value: Any, spec: str, place: Place) -> str:
    try:
        if isinstance(value, DateTime):
            return format_date(run, value, spec)
        if not _SPEC.fullmatch(spec) or not spec.isascii():
            raise place.error(
                f"The format ':{spec[:40]}' is not available; for example :.2f :, :>10 :05d :.0%"
            )
        if not (is_number(value) or isinstance(value, str)):
            raise place.error(f"A format applies to a number or a text, not to {in_words(value)}.")
        run.take(len(value) if isinstance(value, str) else 1000)
        return format(value, spec)
    except ExpressionError as error:
        raise place.mark(error) from None
    except (ValueError, OverflowError) as error:
        raise place.error(
            f"The format ':{spec[:40]}' does not suit {in_words(value)}: {error}."
        ) from error
