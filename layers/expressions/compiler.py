"""Turns a syntax tree into nested closures; what has no handler here does not exist.

The number of nodes on a straight path is known beforehand, so it is charged once for the whole
expression; loops charge their body for each turn, and functions charge for the size of their data.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError, MissingKey
from layers.expressions.source import Source

MAX_NESTING = 100

Step = Callable[[Run], Any]
Handler = Callable[["Compiler", Any], Step]
HandlerT = TypeVar("HandlerT", bound=Handler)

HANDLERS: dict[type[ast.AST], Handler] = {}

_REFUSALS: dict[type[ast.AST], str] = {
    ast.Lambda: "There is no 'lambda' here; use a comprehension, or sorted(list, key='path').",
    ast.NamedExpr: "An expression cannot assign with ':='.",
    ast.Await: "There is no 'await' in an expression.",
    ast.Yield: "There is no 'yield' in an expression.",
    ast.YieldFrom: "There is no 'yield' in an expression.",
    ast.Set: "There are no sets in JSON; write a list: […].",
    ast.SetComp: "There are no sets in JSON; write unique([… for … in …]).",
    ast.Starred: "'*' cannot unpack here; join lists with +, flatten(…).",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, for the errors that happen there."""

    column: int
    text: str
    # True where a missing key is expected, so that nobody reads its explanation.
    brief: bool

    def error(self, message: str) -> ExpressionError:
        """Make an error at this place."""
        return ExpressionError(message, column=self.column)

    def missing(self, message: str) -> MissingKey:
        """Make the error of a missing key at this place."""
        return MissingKey(message, column=self.column)

    def mark(self, error: ExpressionError) -> ExpressionError:
        """Give an error this place, unless it has one that is nearer to the cause."""
        if error.column is None:
            error.column = self.column
        return error


def handles(*kinds: type[ast.AST]) -> Callable[[HandlerT], HandlerT]:
    """Register the function that compiles these kinds of nodes."""

    def register(handler: HandlerT) -> HandlerT:
        for kind in kinds:
            HANDLERS[kind] = handler
        return handler

    return register


class Compiler:
    """Compiles one expression and remembers what it uses."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.names: set[str] = set()
        self.cost = 0
        self.slot_count = 0
        self._depth = 0
        self._local: list[dict[str, int]] = []
        self._forgiving = 0

    def step(self, node: ast.expr) -> Step:
        """Compile a node; raises ExpressionError for one that is not part of the language."""
        handler = HANDLERS.get(type(node))
        if handler is None:
            kind = type(node)
            raise self.error(node, _REFUSALS.get(kind, f"'{kind.__name__}' is not available here."))
        self.cost += 1
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self.error(node, "The expression is nested too deeply; simplify it.")
        step = handler(self, node)
        self._depth -= 1
        return step

    def place(self, node: ast.expr) -> Place:
        """Note where a node stands."""
        return Place(self.source.column(node), self.source.segment(node), self._forgiving > 0)

    def error(self, node: ast.expr, message: str) -> ExpressionError:
        """Make an error at a node."""
        return ExpressionError(message, column=self.source.column(node))

    def slot_of(self, name: str) -> int | None:
        """Find the slot of a loop variable, the innermost first; None for a name of the scope."""
        for names in reversed(self._local):
            if name in names:
                return names[name]
        return None

    def bind(self, name: ast.Name) -> int:
        """Give a loop variable its own slot in the innermost loop."""
        if name.id.startswith("__"):
            raise self.error(name, "Names do not begin with two underscores here.")
        self._local[-1][name.id] = self.slot_count
        self.slot_count += 1
        return self.slot_count - 1

    @contextmanager
    def loop(self) -> Iterator[None]:
        """Open the scope of a comprehension; names bound in it end with it."""
        self._local.append({})
        yield
        self._local.pop()

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """Open the arguments of default(…) and coalesce(…), where keys may be missing."""
        self._forgiving += 1
        yield
        self._forgiving -= 1
