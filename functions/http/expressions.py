"""Trying out an expression."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, StringConstraints

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import In, Out
from layers.expressions import (
    DateTime,
    ExpressionError,
    compile_expression,
    compile_template,
    is_template,
)
from layers.identity import Caller, Permission

router = group("expressions", "/expressions")


class PreviewIn(In):
    """A bare expression, or a text with `{{ }}`, and what it can see."""

    expression: Annotated[str, StringConstraints(max_length=1_000_000)] = Field(
        examples=["item.total * 2", "Order {{ item.id }}"]
    )
    context: dict[str, Any] = Field(
        default={},
        description="`item`, `items`, `index`, `nodes`, `vars`, `execution`, `workflow`, …",
        examples=[{"item": {"id": 7, "total": 20}}],
    )


class PreviewError(Out):
    """What is wrong with an expression, or with its evaluation."""

    message: str
    column: int | None = Field(description="Counted from 1; null where there is no place.")


class PreviewOut(Out):
    """The value, or the error."""

    value: Any = None
    error: PreviewError | None = None


@router.post("/preview", response_model_exclude_unset=True)
def preview_expression(
    body: PreviewIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> PreviewOut:
    """Evaluate an expression. A mistake in it is an answer, with its column, not a 4xx."""
    scope = {
        "index": 0,
        "now": DateTime.from_timestamp(parts_of(request).clock.now()),
        **body.context,
    }
    try:
        compiled = _compiler(body.expression)(body.expression)
        return PreviewOut(value=compiled.evaluate(scope))
    except ExpressionError as error:
        return PreviewOut(error=PreviewError(message=error.message, column=error.column))


def _compiler(source: str) -> Any:
    return compile_template if is_template(source) else compile_expression
