"""``/callbacks/…``: what ends the wait of a ``wait`` node with ``callback``.

``/callbacks/{execution}/{node}/{run}/{signature}`` is one wait's own address.
``/callbacks/{execution}/{signature}`` is an execution's, for whatever waits then: what executions
have been given before waits had their own, and what steps have whose node declares no rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from functions.http.hooks import call_page
from functions.http.hooks.call_body import checked
from functions.http.hooks.call_texts import GERMAN_REASONS, CallTexts, texts_for
from functions.http.hooks.hook_access import (
    PROVED_BY_HEADERS,
    SenderRefused,
    check_address,
    check_sender,
    secret_header,
)
from functions.http.hooks.hook_cors import allow_origin, allow_request
from functions.http.hooks.hook_facts import headers_of, query_of
from functions.http.hooks.hook_seal import PAGE
from functions.http.hooks.hooks import signed_by
from functions.http.incoming import (
    Content,
    Received,
    Spooled,
    arrive,
    keep_uploads,
    read_body,
)
from functions.http.problems import problem_response
from functions.parts import Parts
from layers import jsontext
from layers.contract import CallPage, CallRules, Item, Json
from layers.engine.callback_rows import (
    Ending,
    NoSuchCallback,
    Place,
    Target,
    end_wait,
    locate,
    payload_of,
)
from layers.engine.core.definition import NAME_PATTERN
from layers.engine.core.plan import Plan
from layers.errors import InvalidInput, TreadleError
from layers.ids import is_id
from layers.media import types
from layers.work import DATABASE

UNDECLARED = CallRules(methods=("POST", "PUT", "PATCH", "DELETE"))
"""For steps of nodes that do not say which calls end their waits."""
MOST_RUN = 10_000_000


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait that a request is for, with the rules of its node."""

    place: Place
    rules: CallRules
    credential_id: str | None

    @property
    def page(self) -> CallPage:
        """What its page says."""
        terms = self.place.detail.get("terms", {})
        return CallPage(str(terms.get("title", "")), str(terms.get("message", "")))

    @property
    def allow(self) -> tuple[str, ...]:
        """The methods that are answered."""
        asks = ("GET",) if self.rules.asks else ()
        return ("HEAD", "OPTIONS", *asks, *self.rules.methods)

    @property
    def allowed(self) -> str:
        """The same as ``Allow`` lists them."""
        return ", ".join(self.allow)


class MethodRefused(TreadleError):
    """This method does not end the wait."""

    status = HTTPStatus.METHOD_NOT_ALLOWED


class Callbacks:
    """The endpoint; it answers 202 once what ends the wait is on disk."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        response = await self._guarded(request, scope["app"].state.parts)
        if response.media_type == call_page.MEDIA_TYPE:
            scope[PAGE] = call_page.POLICY.encode()
        else:
            response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)

    async def _guarded(self, request: Request, parts: Parts) -> Response:
        try:
            target = _target(request, parts)
            wait = await _find(parts, target)
        except TreadleError as error:
            return _refused(request, error)
        try:
            response = await _answer(request, parts, target, wait)
        except TreadleError as error:
            response = _refused(request, error, wait)
        return _shared(request, response, wait)


def _target(request: Request, parts: Parts) -> Target:
    """The wait that an address means; raises NoSuchCallback for one that is not ours."""
    given = request.path_params
    execution_id, signature = given["execution_id"], given["signature"]
    node_id, run = given.get("node_id"), given.get("run", 0)
    if (
        not is_id(execution_id)
        or run > MOST_RUN
        or not parts.engine.callbacks.is_genuine(execution_id, signature, node_id, run)
    ):
        raise NoSuchCallback
    if node_id is None:
        named = request.query_params.get("node")
        if named is not None and re.fullmatch(NAME_PATTERN, named) is None:
            raise NoSuchCallback
        return Target(execution_id, named)
    return Target(execution_id, node_id, run)


async def _find(parts: Parts, target: Target) -> Wait:
    now = parts.clock.now()

    def look() -> Place:
        with parts.database.reading() as connection:
            return locate(connection, target, now)

    place = await DATABASE.run(look)
    plan = await parts.engine.plan(place.row.version_id)
    node = plan.node(place.node_id) if place.node_id in plan.index_of else None
    rules = rules_of(plan, place.node_id)
    if target.run_index is None and "POST" in rules.methods:
        # Links of these stand in mails that were written when a GET still went on.
        rules = replace(rules, asks=True)
    return Wait(place, rules, None if node is None else node.credentials.of())


def rules_of(plan: Plan, node_id: str | None) -> CallRules:
    """Which calls end the waits of a node."""
    node = plan.node(node_id) if node_id in plan.index_of else None
    rules = None if node is None else node.traits.call_rules
    return rules or UNDECLARED


async def _answer(request: Request, parts: Parts, target: Target, wait: Wait) -> Response:
    rules = wait.rules
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": wait.allowed})
    if request.method == "HEAD":
        return Response(status_code=200, headers={"allow": wait.allowed})
    check_address(request, list(rules.allowed_ips))
    if request.method != "GET" and request.method not in rules.methods:
        raise MethodRefused(f"{request.method} is not possible here; {wait.allowed} is.")
    if request.method == "GET" and not rules.asks:
        raise MethodRefused(f"GET does not end the wait; {', '.join(rules.methods)} does.")
    credential = await _credential(parts, wait)
    now = parts.clock.now()
    if rules.authentication in PROVED_BY_HEADERS:
        await check_sender(signed_by(parts, request, b""), rules.authentication, credential, now)
    content = await arrive(request, parts.settings.limits)
    try:
        if rules.authentication not in PROVED_BY_HEADERS:
            signed = signed_by(parts, request, content)
            await check_sender(signed, rules.authentication, credential, now)
        return await _take(request, parts, target, wait, content, credential)
    finally:
        if isinstance(content, Spooled):
            content.close()


async def _take(
    request: Request,
    parts: Parts,
    target: Target,
    wait: Wait,
    content: Content,
    credential: dict[str, Any] | None,
) -> Response:
    """End the wait with what a known sender sent."""
    rules = wait.rules
    if wait.place.refused is not None:
        raise wait.place.refused
    if request.method == "GET":
        return call_page.asking(_texts(request), wait.page, rules)
    came = Received(request.headers, content, request.url.path)
    read = await read_body(came, parts.settings.limits)
    body = checked(read.value, rules, from_form=_is_form(request))
    item = Item(
        {
            "body": body,
            "query": query_of(request.query_params),
            "headers": headers_of(request.headers, secret_header(rules.authentication, credential)),
            "method": request.method,
        }
    )
    if read.files:
        files = parts.engine.services.files(wait.place.row.workspace_id)
        item.files = await keep_uploads(files, read.files)
    await _keep(parts, target, payload_of(item))
    if _is_person(request):
        return call_page.thanking(_texts(request), _chosen(body, rules))
    return Response(
        jsontext.dumps({"execution_id": target.execution_id}),
        202,
        {"content-type": "application/json"},
    )


async def _keep(parts: Parts, target: Target, payload: str) -> None:
    """End the wait, or keep the call until it is reached; raises what refuses it."""

    def keep() -> Place:
        return parts.database.transact(
            lambda connection: end_wait(connection, target, Ending(payload), parts.clock.now())
        )

    place = await DATABASE.run(keep)
    parts.engine.pick_up((target.execution_id,))
    if place.refused is not None:
        raise place.refused


async def _credential(parts: Parts, wait: Wait) -> dict[str, Any] | None:
    if wait.credential_id is None or wait.rules.authentication == "none":
        return None
    workspace_id = wait.place.row.workspace_id
    return await parts.engine.services.credentials.load(workspace_id, wait.credential_id)


def _refused(request: Request, error: TreadleError, wait: Wait | None = None) -> Response:
    """A problem for programs; for people, a page."""
    headers = {}
    if isinstance(error, MethodRefused) and wait is not None:
        headers["allow"] = wait.allowed
    if isinstance(error, SenderRefused) and wait is not None:
        scheme = "Basic" if wait.rules.authentication == "basic" else "Treadle"
        headers["www-authenticate"] = f'{scheme} realm="callback", charset="UTF-8"'
    if not _is_person(request):
        response = problem_response(error)
    elif isinstance(error, InvalidInput) and wait is not None and wait.rules.asks:
        texts = _texts(request)
        response = call_page.asking(texts, wait.page, wait.rules, error.errors)
    else:
        texts = _texts(request)
        reason = error.detail
        if texts.language == "de":
            reason = GERMAN_REASONS.get(type(error).__name__, reason)
        response = call_page.refusing(texts, int(error.status), reason)
    response.headers.update(headers)
    return response


def _shared(request: Request, response: Response, wait: Wait) -> Response:
    """Let the pages that the wait allows read the answer."""
    sent = request.headers
    allowed = allow_origin(sent, response.headers, wait.rules.allowed_origins)
    if allowed and request.method == "OPTIONS":
        allow_request(sent, response.headers, wait.allow)
    return response


def _texts(request: Request) -> CallTexts:
    return texts_for(request.headers.get("accept-language", ""))


def _is_person(request: Request) -> bool:
    """Say whether a browser shows the answer to somebody: programs do not ask for HTML."""
    return "text/html" in request.headers.get("accept", "").lower()


def _is_form(request: Request) -> bool:
    kind = types.media_type(request.headers.get("content-type", ""))
    return types.is_form(kind) or types.is_multipart(kind)


def _chosen(body: Json, rules: CallRules) -> str | None:
    if not isinstance(body, dict):
        return None
    titles = {choice.value: choice.title for choice in rules.choices}
    return titles.get(str(body.get("choice")))


router = APIRouter()
router.routes.extend(
    [
        Route("/callbacks/{execution_id}/{signature}", Callbacks(), include_in_schema=False),
        Route(
            "/callbacks/{execution_id}/{node_id}/{run:int}/{signature}",
            Callbacks(),
            include_in_schema=False,
        ),
    ]
)
