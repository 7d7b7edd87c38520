"""``ANY /hooks/{path}``: the door for the world's events.

A plain ASGI endpoint, because this is the busiest path of all. It answers only after the event
is on disk.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.http.hooks.hook_access import (
    PROVED_BY_HEADERS,
    check_address,
    check_sender,
    secret_header,
)
from functions.http.hooks.hook_answer import Hook, respond
from functions.http.hooks.hook_cors import allow_origin, allow_request, allowing, is_preflight
from functions.http.hooks.hook_facts import headers_of, query_of
from functions.http.hooks.hook_table import (
    Address,
    Found,
    HookTable,
    Listening,
    NothingListens,
    OtherMethod,
    chosen,
    is_fresh,
    load,
    methods_of,
)
from functions.http.hooks.refusals import Refusals
from functions.http.incoming import (
    Content,
    Received,
    Spooled,
    arrive,
    keep_uploads,
    read_body,
)
from functions.http.incoming.refused import body_too_large
from functions.http.problems import on_treadle_error
from functions.parts import Parts
from layers.contract import Item, Json
from layers.credentials.hmac_signature import Signed
from layers.engine.accept import Accepted, Incoming
from layers.errors import TreadleError
from layers.settings import LimitSettings

PREFIX = b"/hooks/"
TRIES = 5
SHORT = 300
"""Bytes of an address that is kept, because it is likely to come again."""


@dataclass(slots=True)
class Call:
    """One request on its way in."""

    request: Request
    parts: Parts
    address: Address
    table: HookTable
    hook: Hook | None = None
    """Whose refusals and allowed origins count, as soon as that is known."""
    accepted: bool = False
    content: Content | None = None
    """The body, once it has come in."""

    def close(self) -> None:
        """Give back where the body is, if it was too large for the memory."""
        if isinstance(self.content, Spooled):
            self.content.close()


class Hooks:
    """The endpoint. What is known of an address is kept; accepting checks that it still holds."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        parts: Parts = scope["app"].state.parts
        call = Call(request, parts, _address_of(request), scope["app"].state.hook_table)
        try:
            answer = await self._answer(call)
        except TreadleError as error:
            answer = await _refused(call, error)
        finally:
            call.close()
        if call.hook is not None and call.hook.params.allowed_origins:
            send = allowing(request.headers, call.hook.params.allowed_origins, send)
        await answer(scope, receive, send)

    async def _answer(self, call: Call) -> ASGIApp:
        method = call.request.method
        if method == "OPTIONS":
            return await self._options(call)
        table = call.table
        for _try in range(TRIES):
            call.hook = None
            found = await table.find(call.parts, method, call.address)
            if found is None or (method == "HEAD" and found.hook.params.method != "HEAD"):
                return await self._not_listened_for(call)
            call.hook = found.hook
            was_fresh = is_fresh(call.parts, found)
            try:
                item = await _item(call, found)
            except TreadleError:
                if was_fresh:
                    raise
                # It may be refused by rules that hold no more.
                table.forget(method, call.address)
                continue
            accepted = await _accept(call.parts, found.hook, call.request, item)
            if not accepted.stale:
                call.accepted = True
                return await respond(call.request, call.parts, found.hook, accepted)
            table.forget(method, call.address)
        raise NothingListens

    async def _options(self, call: Call) -> Response:
        """Tell what is possible here; that starts nothing, whatever method is listened for."""
        sent = call.request.headers
        listening = await call.table.at(call.parts, call.address)
        wanted = sent.get("access-control-request-method", "") if is_preflight(sent) else ""
        hook = await _first(call.parts, listening, wanted)
        methods = methods_of(listening)
        response = Response(status_code=204, headers={"Allow": ", ".join(methods)})
        if is_preflight(sent) and allow_origin(sent, response.headers, hook.params.allowed_origins):
            allow_request(sent, response.headers, methods)
        return response

    async def _not_listened_for(self, call: Call) -> Response:
        """Answer a question by HEAD; raises OtherMethod or NothingListens."""
        listening = await call.table.at(call.parts, call.address)
        call.hook = await _first(call.parts, listening, call.request.method)
        if call.request.method == "HEAD":
            return Response()
        raise OtherMethod(call.request.method, methods_of(listening))


async def _refused(call: Call, error: TreadleError) -> Response:
    """Answer an error; where the event was not taken, that counts."""
    if call.hook is not None and not call.accepted:
        refusals: Refusals = call.request.app.state.refusals
        refusals.note(call.hook.trigger_id, error)
    answer = await on_treadle_error(call.request, error)
    if isinstance(error, OtherMethod):
        answer.headers["Allow"] = error.allow
    return answer


async def _first(parts: Parts, listening: list[Listening], method: str) -> Hook:
    """The webhook that a method is meant for, or else any there; raises NothingListens."""
    if not listening:
        raise NothingListens
    return await load(parts, chosen(listening, method) or listening[0])


def _address_of(request: Request) -> Address:
    """The path as it was sent: only there an encoded slash can be told from a slash."""
    raw: bytes = request.scope.get("raw_path") or b""
    if not raw.startswith(PREFIX):
        return Address.of(request.path_params["path"])
    return _read_address(raw) if len(raw) <= SHORT else _read_address.__wrapped__(raw)


@lru_cache(maxsize=1024)
def _read_address(raw: bytes) -> Address:
    return Address.of(raw.partition(b"?")[0].removeprefix(PREFIX))


async def _item(call: Call, found: Found) -> Item:
    """Check the sender, and make an item of what came; its files are on disk then."""
    request, parts, hook = call.request, call.parts, found.hook
    credential = await _credential(parts, hook)
    authentication = hook.params.authentication
    check_address(request, hook.params.allowed_ips)
    now = parts.clock.now()
    if authentication in PROVED_BY_HEADERS:
        await check_sender(signed_by(parts, request, b""), authentication, credential, now)
    if call.content is None:
        limits = parts.settings.limits
        call.content = await arrive(request, limits, in_memory=hook.params.raw_body)
    content = call.content
    if authentication != "none" and authentication not in PROVED_BY_HEADERS:
        await check_sender(signed_by(parts, request, content), authentication, credential, now)
    received = Received(request.headers, content, call.address.path)
    body = await read_body(received, parts.settings.limits)
    item = Item(
        {
            "body": body.value,
            "query": query_of(request.query_params) if request.scope["query_string"] else {},
            "headers": headers_of(request.headers, secret_header(authentication, credential)),
            "method": request.method,
            "path": call.address.path,
            "params": dict(found.params),
        }
    )
    if hook.params.raw_body:
        item["raw_body"] = _raw(content, parts.settings.limits)
    if body.files:
        item.files = await keep_uploads(parts.engine.services.files(hook.workspace_id), body.files)
    return item


def signed_by(parts: Parts, request: Request, content: Content) -> Signed:
    """The request as its sender may have signed it."""
    path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    url = f"{parts.settings.server.hooks_url}{path}" + (f"?{query}" if query else "")
    return Signed(content, request.headers, request.method, url, path, query)


def _raw(content: Content, limits: LimitSettings) -> Json:
    if isinstance(content, Spooled):
        raise body_too_large(limits.body_bytes)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


async def _credential(parts: Parts, hook: Hook) -> dict[str, Any] | None:
    if hook.credential_id is None or hook.params.authentication == "none":
        return None
    return await parts.engine.services.credentials.load(hook.workspace_id, hook.credential_id)


async def _accept(parts: Parts, hook: Hook, request: Request, item: Item) -> Accepted:
    engine = parts.engine
    payload = await engine.payloads.payload(hook.workspace_id, [item])
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
