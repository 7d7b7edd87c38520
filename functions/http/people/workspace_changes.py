"""What a workspace's lists show has changed: those who look at them are told to look again."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import Request
from fastapi.responses import StreamingResponse

from functions.http import event_stream
from functions.http.access import may_still, parts_of, require
from functions.http.endpoint import group
from functions.http.event_stream import Nudge, quiet, rung_at_end
from functions.parts import Parts
from layers import jsontext
from layers.channel.followed import RENEW_S
from layers.database.changes import Kind, ListOf
from layers.database.repositories.executions import any_runs
from layers.identity import Caller, Permission
from layers.work import DATABASE

router = group("workspace-changes")

EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "event": {"enum": ["changed"]},
        "data": {"type": "string"},
    },
    "required": ["event", "data"],
}
NEEDED = {
    Kind.EXECUTIONS: Permission.EXECUTION_READ,
    Kind.TRIGGERS: Permission.WORKFLOW_READ,
    Kind.BILLING: Permission.BILLING_READ,
}
"""What one has to be allowed to hear of a kind."""
PACE_S = 1.0
"""At least so long is between two events: each has lists read again."""
ONCE_MORE_S = 2.0
"""After a workspace was not followed: until then every process knows that it is."""


@router.get(
    "/workspace/changes",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": (
                "Events `changed` with `{kinds}`: of `executions`, `triggers` and `billing` those "
                "whose lists may show something else than before, once a second at most. The first "
                "one comes at once and names all: whoever was cut off has missed nothing."
            ),
            "content": {"text/event-stream": {"schema": EVENT_SCHEMA}},
        }
    },
)
async def follow_workspace(
    request: Request, caller: Annotated[Caller, require(Permission.EXECUTION_READ)]
) -> StreamingResponse:
    """Be told when the workspace's lists change (server-sent events)."""
    return StreamingResponse(
        _events(parts_of(request), caller, request),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(parts: Parts, caller: Caller, request: Request) -> AsyncIterator[str]:
    bell = asyncio.Event()
    rights = Nudge(bell)
    kinds = {kind: Nudge(bell) for kind, needed in NEEDED.items() if caller.may(needed)}
    async with AsyncExitStack() as stack:
        stack.enter_context(rung_at_end(request, bell))
        for name in (caller.user_id, caller.proof_id):
            await stack.enter_async_context(parts.channel.following(name, rights))
        for kind, nudge in kinds.items():
            name = ListOf(kind, caller.workspace_id).name
            await stack.enter_async_context(parts.channel.following(name, nudge))
        looks = _Looks(parts, caller.workspace_id)
        await looks.begin()
        told = set(kinds)
        while True:
            bell.clear()
            if await request.is_disconnected():
                return
            anew = rights.is_set()
            rights.clear()
            changed = _heard(kinds) | told
            # It lasts as long as a tab is open; whoever is put out meanwhile is told no more.
            if (changed or anew) and not await may_still(
                request, caller, Permission.EXECUTION_READ, anew=anew
            ):
                return
            if changed:
                looks.told()
                yield _event(kind for kind in kinds if kind in changed)
            async for sign in quiet(bell, looks_in_s=looks.next_in_s(), pace_s=PACE_S):
                yield sign
            told = await looks.look()


class _Looks:
    """When one who follows a workspace looks without having been told, and what they look for.

    While nothing happens that is once an hour, to say that somebody follows it still.
    """

    def __init__(self, parts: Parts, workspace_id: str) -> None:
        self._parts = parts
        self._workspace_id = workspace_id
        self._now = asyncio.get_running_loop().time
        self._renews_at = math.inf
        self._once_more_at = math.inf
        self._looks_at = math.inf

    async def begin(self) -> None:
        """Say that somebody follows the workspace."""
        follow = await self._parts.followed.follow(self._workspace_id)
        # All those who follow it do not come at the same moment.
        spare_s = RENEW_S * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._renews_at = self._now() + follow.seconds_left - spare_s
        if follow.is_new:
            self._once_more_at = self._now() + ONCE_MORE_S

    def told(self) -> None:
        """Something has happened: see a minute later whether something runs, of which a word may
        have been lost."""
        self._looks_at = self._now() + event_stream.LOOK_ANYWAY_S

    def next_in_s(self) -> float:
        """How long it is until the next look."""
        return max(0.0, min(self._renews_at, self._once_more_at, self._looks_at) - self._now())

    async def look(self) -> set[Kind]:
        """Do what it is time for; returns what is to be told."""
        now = self._now()
        found: set[Kind] = set()
        if now >= self._once_more_at:
            self._once_more_at = math.inf
            found |= set(Kind)
        if now >= self._looks_at:
            self._looks_at = math.inf
            if await DATABASE.run(self._any_runs):
                found.add(Kind.EXECUTIONS)
        if now >= self._renews_at:
            await self.begin()
        return found

    def _any_runs(self) -> bool:
        with self._parts.database.asking() as connection:
            return any_runs(connection, self._workspace_id)


def _heard(kinds: dict[Kind, Nudge]) -> set[Kind]:
    found = {kind for kind, nudge in kinds.items() if nudge.is_set()}
    for kind in found:
        kinds[kind].clear()
    return found


def _event(kinds: Iterable[Kind]) -> str:
    names: Sequence[str] = [str(kind) for kind in kinds]
    return f"event: changed\ndata: {jsontext.dumps({'kinds': names})}\n\n"
