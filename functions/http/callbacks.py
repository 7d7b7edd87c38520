"""``ANY /callbacks/{execution}/{signature}``: what wakes a ``wait`` node with ``callback``."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from functions.http.hook_body import body_of, headers_of, query_of
from functions.parts import Parts
from layers import jsontext
from layers.errors import Conflict, NotFound
from layers.ids import is_id, new_id

FIND = text("SELECT workspace_id, status FROM executions WHERE id = :id")
UNTAKEN = text("SELECT count(*) FROM callbacks WHERE execution_id = :id AND NOT taken")
PUT = text(
    "INSERT INTO callbacks (id, workspace_id, execution_id, node_id, payload, taken, created_at)"
    " VALUES (:callback_id, :workspace_id, :id, :node_id, :payload, :taken, :now)"
)
WAKE = text("UPDATE executions SET due_at = :now WHERE id = :id AND status = 'waiting'")
OVER = frozenset({"succeeded", "failed", "cancelled"})


class NoSuchCallback(NotFound):
    """This callback address does not exist."""


class Callbacks:
    """The endpoint; it answers 202 once the call is on disk."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        response = await self._answer(request, scope["app"].state.parts)
        await response(scope, receive, send)

    async def _answer(self, request: Request, parts: Parts) -> Response:
        execution_id = request.path_params["execution_id"]
        signature = request.path_params["signature"]
        if not is_id(execution_id) or not parts.engine.callback_is_genuine(execution_id, signature):
            raise NoSuchCallback
        content = await request.body()
        item = {
            "body": body_of(request, content, parts.settings.limits),
            "query": query_of(request.query_params),
            "headers": headers_of(request.headers, None),
            "method": request.method,
        }
        await asyncio.to_thread(
            _keep, parts, execution_id, request.query_params.get("node"), jsontext.dumps(item)
        )
        parts.engine.pick_up((execution_id,))
        return Response(
            jsontext.dumps({"execution_id": execution_id}),
            202,
            {"content-type": "application/json"},
        )


def _keep(parts: Parts, execution_id: str, node_id: str | None, payload: str) -> None:
    with parts.database.writing() as connection:
        values: dict[str, Any] = {"id": execution_id}
        found = connection.execute(FIND, values).one_or_none()
        if found is None:
            raise NoSuchCallback
        if found.status in OVER or connection.execute(UNTAKEN, values).scalar_one():
            raise Conflict("The execution does not wait for a callback any more.")
        values |= {
            "callback_id": new_id(),
            "workspace_id": found.workspace_id,
            "node_id": node_id,
            "payload": payload,
            "taken": False,
            "now": parts.clock.now(),
        }
        connection.execute(PUT, values)
        connection.execute(WAKE, values)


router = APIRouter()
router.routes.append(
    Route("/callbacks/{execution_id}/{signature}", Callbacks(), include_in_schema=False)
)
