"""What goes wrong in an expression, told so that its author can put it right."""

from __future__ import annotations

from layers.errors import InvalidInput


class ExpressionError(InvalidInput):
    """The expression cannot be evaluated.

    `message` says what is wrong and what to do; `column` is the 1-based position of the character
    in `expression` (for a text with `{{ }}`: in the whole text), or None where there is no place.
    """

    def __init__(
        self, message: str | None = None, *, column: int | None = None, expression: str = ""
    ) -> None:
        super().__init__(message)
        self.message = self.detail
        self.column = column
        self.expression = expression


class MissingKey(ExpressionError):
    """There is no such key, element or name; `default(…)` and `coalesce(…)` catch this one."""


class OverBudget(ExpressionError):
    """The evaluation took more steps, memory or time than it may."""
