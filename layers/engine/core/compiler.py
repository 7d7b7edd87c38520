"""Joins the contract's templates with the expression language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.contract import Json
from layers.contract.template import Program
from layers.expressions import ExpressionError, compile_expression, compile_template, is_template


class ExpressionCompiler:
    """The ``TemplateCompiler`` that validation of a workflow is handed."""

    def template(self, value: Json) -> Program | None:
        """Compile text, or a list or object with text anywhere within it."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            return self._list(value)
        return None

    def expression(self, source: str) -> Program:
        """Compile a bare expression, or a text that is exactly one ``{{ }}``."""
        try:
            if is_template(source):
                return compile_template(source.strip()).evaluate
            return compile_expression(source).evaluate
        except ExpressionError as error:
            raise ValueError(describe(error)) from error

    def _text(self, value: str) -> Program | None:
        if not is_template(value):
            return None
        try:
            return compile_template(value).evaluate
        except ExpressionError as error:
            raise ValueError(describe(error)) from error

    def _object(self, value: dict[str, Json]) -> Program | None:
        programs = {key: self.template(part) for key, part in value.items()}
        if not any(programs.values()):
            return None

        def run(scope: Mapping[str, Any]) -> Json:
            return {
                key: program(scope) if program else value[key] for key, program in programs.items()
            }

        return run

    def _list(self, value: list[Json]) -> Program | None:
        programs = [self.template(part) for part in value]
        if not any(programs):
            return None

        def run(scope: Mapping[str, Any]) -> Json:
            return [
                program(scope) if program else part
                for program, part in zip(programs, value, strict=True)
            ]

        return run


def describe(error: ExpressionError) -> str:
    """One line for the author: what is wrong and, if known, at which column."""
    where = f" (column {error.column})" if error.column is not None else ""
    return f"{error.message}{where}"
