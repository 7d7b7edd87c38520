"""Finds the `{{ … }}` in a text, minding quotes and brackets within them."""

from __future__ import annotations

from dataclasses import dataclass

from layers.expressions.errors import ExpressionError

MAX_TEMPLATE = 1_000_000
MAX_PIECES = 500
_OPEN, _CLOSE = "{{", "}}"


@dataclass(frozen=True, slots=True)
class Piece:
    """The inside of one `{{ … }}`, and where it begins in the text."""

    text: str
    offset: int


def is_template(source: str) -> bool:
    """Say whether a text holds `{{ … }}`, so that it has to be compiled.

    A text with `{{` that is never closed counts: compiling it tells its author so.
    """
    return _OPEN in source


def pieces_of(source: str) -> list[Piece | str]:
    """Cut a text into plain texts and expressions; raises ExpressionError for a `{{` left open."""
    if len(source) > MAX_TEMPLATE:
        raise ExpressionError(f"A text with expressions has at most {MAX_TEMPLATE:,} characters.")
    pieces: list[Piece | str] = []
    place = 0
    while (start := source.find(_OPEN, place)) >= 0:
        if start > place:
            pieces.append(source[place:start])
        end = _end_of(source, start + 2)
        pieces.append(Piece(source[start + 2 : end], start + 2))
        if len(pieces) > MAX_PIECES:
            raise ExpressionError(f"A text has at most {MAX_PIECES} pieces.", column=start + 1)
        place = end + 2
    if place < len(source) or not pieces:
        pieces.append(source[place:])
    return pieces


def _end_of(source: str, start: int) -> int:
    """Find the `}}` that closes an expression: outside of quotes and of its own brackets."""
    depth = 0
    place = start
    while place < len(source):
        character = source[place]
        if character in "\"'":
            place = _after_quotes(source, place)
            continue
        if character == "}" and depth == 0 and source.startswith(_CLOSE, place):
            return place
        depth += (character in "([{") - (character in ")]}")
        depth = max(depth, 0)
        place += 1
    raise ExpressionError(
        "'{{' is not closed; write '}}' after the expression,"
        ' or {{ "{{" }} for the two brackets themselves.',
        column=start - 1,
    )


def _after_quotes(source: str, start: int) -> int:
    quote = source[start]
    if source.startswith(quote * 3, start):
        quote *= 3
    place = start + len(quote)
    while place < len(source):
        if source[place] == "\\":
            place += 2
        elif source.startswith(quote, place):
            return place + len(quote)
        else:
            place += 1
    return len(source)
