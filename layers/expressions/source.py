"""From text to a syntax tree, with the columns a person counts."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from threading import Lock

from layers.expressions.errors import ExpressionError

MAX_SOURCE = 10_000
_SHOWN = 60

# The warning filters are one list for the whole process.
_filters = Lock()

_HABITS = (
    ("===", "write '=='"),
    ("&&", "write 'and'"),
    ("||", "write 'or'"),
    ("=>", "write a comprehension: [x.id for x in items]"),
    ("?", 'write "yes" if condition else "no"'),
    ("!", "write 'not'"),
    ("=", "write '==' to compare"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """An expression's text and tree; `offset` is where the text begins within a template."""

    text: str
    offset: int
    tree: ast.expr
    shift: int

    def position(self, line: int, column: int) -> int:
        """Turn a line (from 1) and a column in UTF-8 bytes into a character of the text."""
        lines = self.text.split("\n")
        before = sum(len(one) + 1 for one in lines[: line - 1])
        if line == 1:
            column = max(column - self.shift, 0)
        within = lines[min(line, len(lines)) - 1].encode("utf-8", "replace")[:column]
        return min(before + len(within.decode("utf-8", "replace")), len(self.text))

    def column(self, node: ast.expr) -> int:
        """Give the 1-based column of a node: for `a.b` that of `b`, else that of its start."""
        if isinstance(node, ast.Attribute) and node.end_lineno and node.end_col_offset:
            width = len(node.attr.encode())
            place = self.position(node.end_lineno, node.end_col_offset - width)
        else:
            place = self.position(node.lineno, node.col_offset)
        return self.offset + place + 1

    def segment(self, node: ast.expr) -> str:
        """Give the piece of the text that a node stands for, shortened if it is long."""
        start = self.position(node.lineno, node.col_offset)
        end = self.position(node.end_lineno or node.lineno, node.end_col_offset or 0)
        piece = " ".join(self.text[start:end].split())
        return piece if len(piece) <= _SHOWN else piece[: _SHOWN - 1] + "…"


def parse(text: str, offset: int = 0) -> Source:
    """Read an expression; raises ExpressionError with the column of the mistake."""
    if len(text) > MAX_SOURCE:
        raise ExpressionError(
            f"The expression has {len(text):,} characters; at most {MAX_SOURCE:,} are allowed."
            " Move longer logic to a python node.",
            column=offset + 1,
        )
    lead = len(text) - len(text.lstrip())
    body = text.strip().replace("\r", " ")
    if not body:
        raise ExpressionError(
            "The expression is empty; write for example item.name.", column=offset + 1
        )
    # Brackets let an expression run over several lines, as it may in an editor.
    several = "\n" in body
    tree = _tree(f"({body}\n)" if several else body, body, offset + lead, shift=int(several))
    return Source(body, offset + lead, tree, int(several))


def _tree(code: str, body: str, offset: int, shift: int) -> ast.expr:
    try:
        # Python would warn about "\d" in a pattern, which is meant as it stands, and about "1in x".
        with _filters, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code, mode="eval").body
    except SyntaxError as error:
        source = Source(body, offset, ast.Constant(None), shift)
        place = len(body)
        if error.lineno and error.offset:
            # Python counts characters here, and bytes in its trees.
            line = code.split("\n")[error.lineno - 1]
            place = source.position(error.lineno, len(line[: error.offset - 1].encode()))
        raise ExpressionError(_syntax_message(error, body), column=offset + place + 1) from error
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        message = (
            "The expression is nested too deeply; simplify it."
            if isinstance(error, (MemoryError, RecursionError))
            else "The expression holds a character that cannot stand in one."
        )
        raise ExpressionError(message, column=offset + 1) from error


def _syntax_message(error: SyntaxError, body: str) -> str:
    reason = (error.msg or "invalid syntax").split(" (<")[0].rstrip(".")
    if "4300" in reason:
        return "The number is too large: whole numbers have at most 1,200 digits."
    if "too many nested" in reason:
        return "The expression is nested too deeply; simplify it."
    hints = [
        f"instead of '{sign}' {advice}"
        for sign, advice in _HABITS
        if sign in body.replace("==", "" if sign == "=" else "==").replace("!=", "")
    ]
    remedy = f"; {hints[0]}" if hints else ""
    return f"This is not a valid expression: {reason}{remedy}."
