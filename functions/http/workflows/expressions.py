"""Trying out an expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Identifier, In, Out
from functions.parts import Parts
from layers.engine import extracts, history
from layers.engine.core.ancestry import Place
from layers.engine.execution.scope import NodeView
from layers.engine.extracts import NOTHING, Range
from layers.engine.recorded_trail import read_trail
from layers.errors import NotAllowed
from layers.expressions import (
    DateTime,
    ExpressionError,
    compile_expression,
    compile_template,
    is_template,
)
from layers.identity import Caller, Permission
from layers.work import PROCESSOR

router = group("expressions", "/expressions")


UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


class ItemPlace(In):
    """An item that came into a step: number `index` of all that came."""

    execution_id: Identifier = Field(pattern=UUID)
    node_id: str = Field(max_length=64)
    run_index: int = Field(default=0, ge=0, le=2_147_483_647)
    index: int = Field(default=0, ge=0, le=1_000_000_000)


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
    place: ItemPlace | None = Field(
        default=None,
        description=(
            "Where `item` was seen: `nodes.x.item` is then the item of `x` that it came from. "
            "Without it, `nodes` is what the context says."
        ),
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
async def preview_expression(
    body: PreviewIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> PreviewOut:
    """Evaluate an expression. A mistake in it is an answer, with its column, not a 4xx."""
    parts = parts_of(request)
    scope = {
        "index": 0,
        "now": DateTime.from_timestamp(parts.clock.now()),
        **body.context,
    }
    if body.place is not None and "nodes" in body.expression:
        if not caller.may(Permission.EXECUTION_READ):
            raise NotAllowed
        scope["nodes"] = await _nodes_seen_from(parts, caller, body.place, body)
    return await PROCESSOR.run(_evaluated, body.expression, scope)


async def _nodes_seen_from(
    parts: Parts, caller: Caller, place: ItemPlace, body: PreviewIn
) -> dict[str, Any]:
    """What the context says of other nodes, with the items that the one at hand came from."""
    known = body.context.get("nodes")
    nodes: dict[str, Any] = dict(known) if isinstance(known, dict) else {}
    asked = [name for name, shown in nodes.items() if name in body.expression and shown]
    places = await history.off_loop(parts.database, _nearest, caller.workspace_id, place, asked)
    for name, ways in places.items():
        items = [await _item(parts, caller.workspace_id, place.execution_id, one) for one in ways]
        shown = nodes[name].get("items") if isinstance(nodes[name], dict) else None
        nodes[name] = NodeView(name, {"main": shown or []}, items)
    return nodes


def _nearest(
    connection: Connection, workspace_id: str, place: ItemPlace, names: Sequence[str]
) -> dict[str, list[Place[str]]]:
    """The places of the items that one came from, of each of these nodes that has run."""
    trail = read_trail(connection, workspace_id, place.execution_id)
    start = trail.came_in(place.node_id, place.run_index, place.index)
    return {name: trail.nearest(start, name) for name in names if name in trail.nodes}


async def _item(parts: Parts, workspace_id: str, execution_id: str, place: Place[str]) -> Any:
    _row, step, _before = await history.off_loop(
        parts.database, history.read_step, workspace_id, execution_id, (place.node, place.run)
    )
    span = Range(place.position, place.position + 1)
    given = await extracts.given(parts.engine.payloads, step, span) or {}
    return next(iter(given.get(place.port, NOTHING).items), {})


def _evaluated(expression: str, scope: dict[str, Any]) -> PreviewOut:
    try:
        compiled = _compiler(expression)(expression)
        return PreviewOut(value=compiled.evaluate(scope))
    except ExpressionError as error:
        return PreviewOut(error=PreviewError(message=error.message, column=error.column))


def _compiler(source: str) -> Any:
    return compile_template if is_template(source) else compile_expression
