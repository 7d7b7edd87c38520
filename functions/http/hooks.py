"""``ANY /hooks/{path}``: the door for the world's events.

A plain ASGI endpoint, because this is the busiest path of all. It answers only after the event
is on disk.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from functions.http.hook_access import check_address, check_sender, secret_header
from functions.http.hook_body import body_of, headers_of, query_of
from functions.parts import Parts
from layers import jsontext
from layers.contract import Item, Json
from layers.engine.accept import Accepted, Incoming
from layers.engine.plan import Plan
from layers.engine.step import Answer
from layers.engine.waiting import End
from layers.errors import NotFound, TreadleError

FIND = text(
    "SELECT id, workspace_id, workflow_id, version_id, node_id FROM triggers"
    " WHERE route = :route AND state <> 'stopped'"
)
LONGEST_WAIT_S = 300.0
NO_BODY = frozenset({204, 304})


class WorkflowFailed(TreadleError):
    """The workflow failed before it could answer."""


class NothingListens(NotFound):
    """No active workflow listens at this path and method; activate it, or check the address."""


@dataclass(frozen=True, slots=True)
class Hook:
    """An active webhook."""

    trigger_id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    node_id: str
    params: Any
    credential_id: str | None
    plan: Plan


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

    async def _answer(self, request: Request, parts: Parts) -> Response:
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
                return await _respond(parts, hook, accepted)
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


async def _respond(parts: Parts, hook: Hook, accepted: Accepted) -> Response:
    if hook.params.respond == "received":
        return _json(hook, 202, {"execution_id": accepted.execution_id})
    by_node = hook.params.respond == "respond_node"
    seconds = min(hook.plan.definition.settings.timeout_s, LONGEST_WAIT_S)
    given = await parts.engine.waiting.first(accepted.execution_id, seconds, answer_counts=by_node)
    if given is None or (isinstance(given, End) and given.status == "interrupted"):
        return _json(hook, 202, {"execution_id": accepted.execution_id})
    if isinstance(given, Answer):
        return _given(hook, given)
    if given.status != "succeeded":
        raise WorkflowFailed(
            f"The workflow ended as {given.status} before it answered; its execution is "
            f"{accepted.execution_id}."
        )
    if by_node:
        return _json(hook, 200, {"execution_id": accepted.execution_id})
    return _json(hook, 200, given.items[0] if len(given.items) == 1 else given.items)


def _json(hook: Hook, status: int, body: Json) -> Response:
    return Response(
        jsontext.dumps(body),
        status,
        {"content-type": "application/json", **hook.params.response_headers},
    )


def _given(hook: Hook, answer: Answer) -> Response:
    headers = {**hook.params.response_headers, **answer.headers}
    if isinstance(answer.body, bytes):
        content: str | bytes = answer.body
    elif isinstance(answer.body, str) and _has_type(headers):
        content = answer.body
    else:
        content = jsontext.dumps(answer.body)
        if not _has_type(headers):
            headers["content-type"] = "application/json"
    if answer.status in NO_BODY:
        content = b""
    return Response(content, answer.status, headers)


def _has_type(headers: dict[str, str]) -> bool:
    return any(name.lower() == "content-type" for name in headers)


router = APIRouter()
router.routes.append(Route("/hooks/{path:path}", Hooks(), include_in_schema=False))
