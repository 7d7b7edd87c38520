"""Doing the same to many executions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field, StringConstraints

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.executions.execution_filters import BulkFilter, filter_of
from functions.http.executions.executions import cancel, erase, look
from functions.http.executions.runs import begin_again
from functions.http.shapes import Identifier, In, Out, cursor_of, id_of
from functions.parts import Parts
from layers.database.repositories.executions import Executions
from layers.database.repositories.scope import Window
from layers.engine import control
from layers.errors import FieldError, InvalidInput, TreadleError
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.work import DATABASE

router = group("execution changes")

MOST = 500
GivenId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]


class BulkIn(In):
    """What to do, and to which: `ids`, or else all that `filter` finds (`{}`: every one)."""

    action: Literal["retry", "cancel", "delete"]
    ids: list[GivenId] | None = Field(default=None, max_length=MOST)
    filter: BulkFilter | None = None
    cursor: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{22}$",
        description="With `filter`: `next_cursor` of the answer before.",
    )


class SkippedOut(Out):
    """One that nothing was done to."""

    id: Identifier
    reason: str


class BulkOut(Out):
    """What was done."""

    done: int
    skipped: list[SkippedOut]
    more: bool = Field(description="Whether there may be others that `filter` finds.")
    next_cursor: str | None = Field(
        description="Ask again with it as `cursor` to go on with them; null at the end."
    )


@router.post("/execution-changes")
async def change_executions(
    body: BulkIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
) -> BulkOut:
    """Retry, cancel or delete executions; those that cannot be are named with the reason."""
    parts = parts_of(request)
    if body.ids is None and body.filter is None:
        message = "Name executions, or give a filter; `{}` is all of the workspace's."
        raise InvalidInput(errors=[FieldError("/ids", message)])
    ids, go_on = await DATABASE.run(_wanted, parts, caller, body)
    skipped = []
    for execution_id in ids:
        try:
            await _change(parts, caller, body.action, execution_id)
        except TreadleError as error:
            skipped.append(SkippedOut(id=execution_id, reason=error.detail))
    done = len(ids) - len(skipped)
    await DATABASE.run(_record_all, parts, caller, body.action, done)
    cursor = None if go_on is None else cursor_of(go_on)
    return BulkOut(done=done, skipped=skipped, more=cursor is not None, next_cursor=cursor)


def _wanted(parts: Parts, caller: Caller, body: BulkIn) -> tuple[list[str], str | None]:
    """The ids of this call, and the last one that was looked at, if there may be others."""
    if body.ids is not None:
        return list(dict.fromkeys(body.ids)), None
    found = filter_of(body.filter or BulkFilter())
    with parts.database.read() as session:
        executions = Executions(session, caller.workspace_id)
        before = None if body.cursor is None else id_of(body.cursor)
        page = executions.search(found, Window(MOST, before))
        return [row.id for row in page.rows], page.go_on


async def _change(parts: Parts, caller: Caller, action: str, execution_id: str) -> None:
    if action == "retry":
        row = (await look(parts, caller, execution_id))[0]
        await begin_again(parts, caller, row, control.Retry())
    elif action == "cancel":
        await cancel(parts, caller, execution_id)
    else:
        await DATABASE.run(erase, parts, caller, execution_id)


def _record_all(parts: Parts, caller: Caller, action: str, done: int) -> None:
    with parts.database.write() as session:
        told = {"action": action, "done": done}
        target = f"workspace:{caller.workspace_id}"
        record(session, caller.workspace_id, caller.actor, "executions.changed", target, told)
