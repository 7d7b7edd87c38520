"""What came into the steps of an execution and went out: as much of it as a person looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Out, PathId
from functions.parts import Parts
from layers import jsontext
from layers.contract import Json
from layers.engine import history
from layers.errors import NotFound
from layers.identity import Caller, Permission

router = group("execution data", "/executions")

PREVIEWED = 20
PREVIEW_BYTES = 64 << 10
NodeId = Annotated[str, Path(max_length=64, description="The node's id in its workflow.")]
Side = Annotated[Literal["input", "output"], Query(description="What came in, or went out.")]
Port = Annotated[str, Query(max_length=64)]
RunIndex = Annotated[int, Query(ge=0, le=2_147_483_647, description="Which run of the node.")]


@dataclass(frozen=True)
class Wanted:
    """Which data of a step are wanted."""

    side: Side = "output"
    port: Port = "main"
    run_index: RunIndex = 0


@dataclass(frozen=True)
class Part:
    """Which of the items."""

    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0
    limit: Annotated[int, Query(ge=1, le=1000)] = 100


class ItemsOut(Out):
    """A part of the items of one port."""

    total: int
    offset: int
    items: list[dict[str, Any]]


class PreviewOut(Out):
    """The first items of a port, as far as they fit."""

    count: int
    items: list[dict[str, Any]]
    truncated: bool = Field(description="Whether `items` is not all of it.")


@router.get("/{execution_id}/steps/{node_id}/items")
async def read_step_items(
    execution_id: PathId,
    node_id: NodeId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    wanted: Annotated[Wanted, Depends()],
    part: Annotated[Part, Depends()],
) -> ItemsOut:
    """Read some of the items that came into a step or went out of it."""
    place = (execution_id, node_id, wanted.run_index)
    ports = await _ports(parts_of(request), caller, place, wanted.side)
    items: list[Any] = ports.get(wanted.port, [])
    end = part.offset + part.limit
    return ItemsOut(total=len(items), offset=part.offset, items=items[part.offset : end])


@router.get(
    "/{execution_id}/steps/{node_id}/download",
    response_class=Response,
    responses={
        200: {
            "description": "All items of the port, as a JSON file.",
            "content": {"application/json": {"schema": {"type": "array"}}},
        }
    },
)
async def download_step_items(
    execution_id: PathId,
    node_id: NodeId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    wanted: Annotated[Wanted, Depends()],
) -> Response:
    """Download all items of a port."""
    place = (execution_id, node_id, wanted.run_index)
    ports = await _ports(parts_of(request), caller, place, wanted.side)
    text = jsontext.dumps(ports.get(wanted.port, []))
    headers = {"content-disposition": 'attachment; filename="items.json"'}
    return Response(text, media_type="application/json", headers=headers)


async def _ports(
    parts: Parts, caller: Caller, place: tuple[str, str, int], side: str
) -> history.Ports:
    execution_id, node_id, run_index = place
    row, steps = await history.off_loop(
        parts.database, history.read, caller.workspace_id, execution_id
    )
    step = next((s for s in steps if (s.node_id, s.run_index) == (node_id, run_index)), None)
    if step is None:
        raise NotFound("The node did not run in this execution.")
    return await ports_of(parts, row, steps, step, side)


async def ports_of(parts: Parts, row: Any, steps: Any, step: Any, side: str) -> history.Ports:
    """One side of a step, reading no more than it takes."""
    texts = parts.engine.texts
    if side == "output":
        outputs = await history.outputs_of(texts, [step])
        return outputs.get((step.node_id, step.run_index), {})
    wanted = history.sources_of(step)
    given = [one for one in steps if (one.node_id, one.run_index) in wanted]
    outputs = await history.outputs_of(texts, given)
    event: list[Json] = []
    if not wanted:
        stored = await texts.read(row.workspace_id, row.payload, row.artifact)
        event = jsontext.loads(stored)["items"]
    return history.input_of(step, outputs, event)


def preview(ports: Mapping[str, list[Any]] | None) -> dict[str, PreviewOut] | None:
    """The first items of each port, as many as fit together."""
    if ports is None:
        return None
    left = PREVIEW_BYTES
    shown: dict[str, PreviewOut] = {}
    for port, items in ports.items():
        kept: list[Any] = []
        for item in items[:PREVIEWED]:
            left -= len(jsontext.dumps(item))
            if left < 0:
                break
            kept.append(item)
        cut = len(kept) < len(items)
        shown[port] = PreviewOut(count=len(items), items=kept, truncated=cut)
    return shown


async def previewed(parts: Parts, row: Any, steps: Any) -> list[dict[str, Any]]:
    """All steps of an execution with previews in the place of their data."""
    texts = parts.engine.texts
    outputs = await history.outputs_of(texts, steps)
    event = jsontext.loads(await texts.read(row.workspace_id, row.payload, row.artifact))["items"]
    return [
        {
            **history.progress(step),
            "input_preview": preview(history.input_of(step, outputs, event)),
            "output_preview": preview(outputs.get((step.node_id, step.run_index))),
        }
        for step in steps
    ]
