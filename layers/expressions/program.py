"""A compiled expression or text, ready to be evaluated any number of times, from any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# Importing them registers what the language has.
from layers.expressions import calling, comprehensions, formatting, operators, reading
from layers.expressions.budget import Budget, Run
from layers.expressions.compiler import Compiler, Step
from layers.expressions.errors import ExpressionError
from layers.expressions.source import MAX_SOURCE, parse
from layers.expressions.template import Piece, pieces_of
from layers.expressions.values import as_text, leave

GRAMMAR = (calling, comprehensions, formatting, operators, reading)

_DEFAULT = Budget()
_CACHED = 512
_SHOWN = 200


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """An expression (or a text with `{{ … }}`) that was read and checked.

    `names` are the names of the scope that it uses; `constant` is True for a text without any
    expression.
    """

    source: str
    constant: bool
    names: frozenset[str]
    _step: Step
    _cost: int
    _slots: int

    def evaluate(self, scope: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """Give the value as JSON of its own; raises ExpressionError with the column.

        The scope holds JSON values, DateTimes, and mappings that find their values when asked.
        What such a mapping raises on its own account (other than KeyError) passes through.
        """
        run = Run(scope, budget or _DEFAULT)
        try:
            run.charge(self._cost)
            if self._slots:
                run.slots = [None] * self._slots
            return leave(run, self._step(run))
        except ExpressionError as error:
            error.expression = self.source
            raise
        except (RecursionError, MemoryError) as error:
            raise ExpressionError(
                "The values are nested too deeply or are too large.", expression=self.source
            ) from error


@dataclass(slots=True)
class _Part:
    step: Step
    cost: int
    slots: int
    names: frozenset[str]


def _part(text: str, offset: int = 0, first_slot: int = 0) -> _Part:
    source = parse(text, offset)
    compiler = Compiler(source)
    compiler.slot_count = first_slot
    try:
        step = compiler.step(source.tree)
    except RecursionError as error:
        raise ExpressionError(
            "The expression is nested too deeply; simplify it.", column=offset + 1
        ) from error
    return _Part(step, compiler.cost, compiler.slot_count, frozenset(compiler.names))


def compile_expression(source: str) -> Compiled:
    """Read a bare expression such as `item.total > 100`; raises ExpressionError."""
    return _expression(source) if len(source) <= MAX_SOURCE else _build_expression(source)


def _build_expression(source: str) -> Compiled:
    try:
        part = _part(source)
    except ExpressionError as error:
        error.expression = source if len(source) <= MAX_SOURCE else source[:_SHOWN]
        raise
    return Compiled(source, False, part.names, part.step, part.cost, part.slots)


def compile_template(source: str) -> Compiled:
    """Read a text with any number of `{{ … }}`; raises ExpressionError.

    A text that is exactly one `{{ … }}` keeps the value's type; otherwise the result is text.
    """
    return _template(source) if len(source) <= MAX_SOURCE else _build_template(source)


def _build_template(source: str) -> Compiled:
    try:
        pieces = pieces_of(source)
        parts: list[_Part | str] = []
        slots = 0
        for piece in pieces:
            if isinstance(piece, Piece):
                part = _part(piece.text, piece.offset, slots)
                slots = part.slots
                parts.append(part)
            else:
                parts.append(piece)
    except ExpressionError as error:
        error.expression = source
        raise
    compiled = [part for part in parts if isinstance(part, _Part)]
    names = frozenset().union(*(part.names for part in compiled))
    cost = sum(part.cost for part in compiled)
    return Compiled(source, not compiled, names, _joining(parts), cost, slots)


def _joining(parts: Sequence[_Part | str]) -> Step:
    if len(parts) == 1 and isinstance(parts[0], _Part):
        return parts[0].step
    if all(isinstance(part, str) for part in parts):
        text = "".join(part for part in parts if isinstance(part, str))
        return lambda run: text
    steps = [part if isinstance(part, str) else part.step for part in parts]

    def build(run: Run) -> str:
        texts = [step if isinstance(step, str) else as_text(run, step(run)) for step in steps]
        run.take(sum(map(len, texts)))
        return "".join(texts)

    return build


_expression = lru_cache(maxsize=_CACHED)(_build_expression)
_template = lru_cache(maxsize=_CACHED)(_build_template)
