"""``ANY /hooks/{path}``: the door for the world's events.

A plain ASGI endpoint, because this is the busiest path of all. It answers only after the event
is on disk.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from sqlalchemy import text
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.http.hook_access import check_address, check_sender, secret_header
from functions.http.hook_answer import Hook, respond
from functions.http.hook_body import body_of, headers_of, query_of
from functions.parts import Parts
from layers.contract import Item
from layers.engine.accept import Accepted, Incoming
from layers.errors import NotFound

FIND = text(
    "SELECT id, workspace_id, workflow_id, version_id, node_id FROM triggers"
    " WHERE route = :route AND state <> 'stopped'"
)


class NothingListens(NotFound):
    """No active workflow listens at this path and method; activate it, or check the address."""


class Hooks:
    """The endpoint. What is known of an address is kept; accepting checks that it still holds."""

    def __init__(self) -> None:
        self._known: dict[str, Hook] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        parts: Parts = scope["app"].state.parts
        response = await self._answer(request, parts)
        await response(scope, receive, send)

    async def _answer(self, request: Request, parts: Parts) -> ASGIApp:
        content = await request.body()
        path = request.path_params["path"].strip("/")
        for _attempt in range(5):
            hook = await self._find(parts, request.method, path)
            credential = await _credential(parts, hook)
            check_address(request, hook.params.allowed_ips)
            check_sender(request, content, hook.params.authentication, credential)
            item = Item(
                {
                    "body": body_of(request, content, parts.settings.limits),
                    "query": query_of(request.query_params),
                    "headers": headers_of(
                        request.headers, secret_header(hook.params.authentication, credential)
                    ),
                    "method": request.method,
                    "path": path,
                }
            )
            accepted = await _accept(parts, hook, request, item)
            if not accepted.stale:
                return await respond(request, parts, hook, accepted)
            self._known.pop(f"{request.method} {path}", None)
        raise NothingListens

    async def _find(self, parts: Parts, method: str, path: str) -> Hook:
        key = f"{method} {path}"
        known = self._known.get(key)
        if known is not None:
            return known
        for route in (key, f"ANY {path}"):
            row = await asyncio.to_thread(_look_up, parts, route)
            if row is not None:
                break
        else:
            raise NothingListens
        plan = await parts.engine.plan(row.version_id)
        node = plan.node(row.node_id)
        hook = Hook(
            row.id,
            row.workspace_id,
            row.workflow_id,
            row.version_id,
            row.node_id,
            node.params,
            node.definition.credential_id,
            plan,
        )
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[key] = hook
        return hook


def _look_up(parts: Parts, route: str) -> Any:
    with parts.database.reading() as connection:
        return connection.execute(FIND, {"route": route}).one_or_none()


async def _credential(parts: Parts, hook: Hook) -> dict[str, Any] | None:
    if hook.credential_id is None or hook.params.authentication == "none":
        return None
    return await parts.engine.services.credentials.load(hook.workspace_id, hook.credential_id)


async def _accept(parts: Parts, hook: Hook, request: Request, item: Item) -> Accepted:
    engine = parts.engine
    payload = await engine.texts.payload(hook.workspace_id, [item])
    header = hook.params.dedup_header
    incoming = Incoming(
        workspace_id=hook.workspace_id,
        workflow_id=hook.workflow_id,
        version_id=hook.version_id,
        source=hook.trigger_id,
        dedup_key=(request.headers.get(header) or None) if header else None,
        now=parts.clock.now(),
        trigger_id=hook.trigger_id,
        trigger_node_id=hook.node_id,
        max_concurrency=hook.plan.definition.settings.max_concurrency,
        may_wait=hook.params.respond == "received",
        **payload,
        **(engine.at_once() if hook.params.respond != "received" else {}),
    )
    return await engine.accept(incoming)


router = APIRouter()
router.routes.append(Route("/hooks/{path:path}", Hooks(), include_in_schema=False))
