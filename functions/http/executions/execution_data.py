"""What came into the steps of an execution and went out: as much of it as a person looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Out, PathId
from functions.parts import Parts
from layers import jsontext
from layers.engine import extracts, history
from layers.engine.core.ancestry import Place
from layers.engine.extracts import NOTHING, Extract, Range
from layers.engine.recorded import RecordedExecution
from layers.engine.recorded_trail import read_trail
from layers.errors import NotFound
from layers.identity import Caller, Permission

router = group("execution data", "/executions")

PREVIEWED = 20
PREVIEW_BYTES = 64 << 10
MOST_ANCESTORS = 100
FIRST = Range(0, PREVIEWED)
WHOLE = Range(0, 0, whole=True)
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


class ItemFileOut(Out):
    """A file beside an item."""

    name: str
    media_type: str
    size: int = Field(description="In bytes.")
    key: str = Field(description="By which `/executions/{id}/files/{key}` gives it out.")


ItemFiles = Annotated[
    dict[str, list[ItemFileOut]],
    Field(description="Files beside the items, by their places in the port, where there are any."),
]


class ItemsOut(Out):
    """A part of the items of one port."""

    total: int
    offset: int
    items: list[dict[str, Any]]
    files: ItemFiles = {}


class AncestorOut(Out):
    """An item that another was made of: a step's, at which of its output ports and places."""

    node_id: str
    run_index: int
    port: str
    index: int


class AncestorsOut(Out):
    """The items that one came from, the nearest first."""

    items: list[AncestorOut]
    truncated: bool = Field(description="Whether there are more than `items`.")


class PreviewOut(Out):
    """The first items of a port, as far as they fit."""

    count: int
    items: list[dict[str, Any]]
    truncated: bool = Field(description="Whether `items` is not all of it.")
    files: ItemFiles = {}


@router.get("/{execution_id}/steps/{node_id}/items", response_model=ItemsOut)
async def read_step_items(
    execution_id: PathId,
    node_id: NodeId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    wanted: Annotated[Wanted, Depends()],
    part: Annotated[Part, Depends()],
) -> Response:
    """Read some of the items that came into a step or went out of it."""
    place = (execution_id, node_id, wanted.run_index)
    span = Range(part.offset, part.offset + part.limit)
    found = (await _ports(parts_of(request), caller, place, wanted.side, span)).get(wanted.port)
    shown = found or NOTHING
    files = {str(at): found for at, found in shown.files.items()}
    answer = {"total": shown.count, "offset": part.offset, "items": shown.items, "files": files}
    return Response(jsontext.dumps(answer), media_type="application/json")


@router.get("/{execution_id}/steps/{node_id}/ancestors")
async def read_ancestors(
    execution_id: PathId,
    node_id: NodeId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    wanted: Annotated[Wanted, Depends()],
    index: Annotated[int, Query(ge=0, le=1_000_000_000, description="Which of the items.")],
) -> AncestorsOut:
    """Read which items of earlier steps an item came from, step by step back to the beginning."""
    parts = parts_of(request)
    return await history.off_loop(
        parts.database, _ancestors, caller.workspace_id, execution_id, node_id, wanted, index
    )


def _ancestors(
    connection: Connection,
    workspace_id: str,
    execution_id: str,
    node_id: str,
    wanted: Wanted,
    index: int,
) -> AncestorsOut:
    trail = read_trail(connection, workspace_id, execution_id)
    run = wanted.run_index
    if not trail.has(node_id, run):
        raise NotFound("There is no such execution, or the node did not run in it.")
    start: Place[str] | None = Place(node_id, run, wanted.port, index)
    if wanted.side == "input":
        start = trail.came_in(node_id, run, index, wanted.port)
    elif index >= trail.gave(node_id, run, wanted.port):
        raise NotFound("The step gave no such item.")
    if start is None:
        return AncestorsOut(items=[], truncated=False)
    found = trail.history(start, MOST_ANCESTORS + 1)
    places = found.places if wanted.side == "input" else found.places[1:]
    return AncestorsOut(
        items=[
            AncestorOut(node_id=one.node, run_index=one.run, port=one.port, index=one.position)
            for one in places[:MOST_ANCESTORS]
        ],
        truncated=found.truncated or len(places) > MOST_ANCESTORS,
    )


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
    ports = await _ports(parts_of(request), caller, place, wanted.side, WHOLE)
    text = ports.get(wanted.port, NOTHING).text
    headers = {"content-disposition": 'attachment; filename="items.json"'}
    return Response(f"[{text}]", media_type="application/json", headers=headers)


async def _ports(
    parts: Parts, caller: Caller, place: tuple[str, str, int], side: str, span: Range
) -> dict[str, Extract]:
    execution_id, node_id, run_index = place
    row, step, before = await history.off_loop(
        parts.database,
        history.read_step,
        caller.workspace_id,
        execution_id,
        (node_id, run_index),
    )
    payloads = parts.engine.payloads
    if side == "input":
        return await extracts.came(payloads, row, step, before, span)
    return await extracts.given(payloads, step, span) or {}


def preview(ports: Mapping[str, Extract]) -> dict[str, PreviewOut]:
    """The first items of each port, as many as fit together."""
    left = PREVIEW_BYTES
    shown: dict[str, PreviewOut] = {}
    for port, extract in ports.items():
        kept: list[Any] = []
        for item in extract.items[:PREVIEWED]:
            left -= len(jsontext.dumps(item))
            if left < 0:
                break
            kept.append(item)
        cut = len(kept) < extract.count
        files = {
            str(at): [ItemFileOut(**one) for one in found]
            for at, found in extract.files.items()
            if at < len(kept)
        }
        shown[port] = PreviewOut(count=extract.count, items=kept, truncated=cut, files=files)
    return shown


async def previewed(
    parts: Parts, row: RecordedExecution, steps: Sequence[history.ShownStep]
) -> list[dict[str, Any]]:
    """All steps of an execution with previews in the place of their data."""
    payloads = parts.engine.payloads
    outputs = {
        (step.node_id, step.run_index): found
        for step in steps
        if (found := await extracts.given(payloads, step, FIRST)) is not None
    }
    began = await extracts.event(payloads, row, FIRST, extracts.began_with(steps))
    return [
        {
            **history.progress(step),
            "input_preview": preview(extracts.combined(step, outputs, began)),
            "output_preview": None
            if (found := outputs.get((step.node_id, step.run_index))) is None
            else preview(found),
        }
        for step in steps
    ]
