"""Every function by name, and any one of them served alone by functions-framework."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.alone import ALONE, Call, Loan, call_node, call_trigger
from functions.capabilities import open_lent
from functions.http.edge import Edge
from functions.http.hosts import Hosts, OwnHosts
from functions.http.instance.gateway_metrics import GatewayMetrics
from functions.http.json_body import is_json, read_json
from functions.http.problems import (
    field_error,
    on_database_error,
    on_http_exception,
    on_treadle_error,
)
from functions.main import GROUPS, build_app, running
from layers.artifacts import StoredFiles, open_store
from layers.catalogue import NO_WORKSPACE, Catalogue, NodeType, TriggerType, catalogue_of
from layers.errors import InvalidInput, NotFound, TreadleError
from layers.jsontext import dumps
from layers.outbound import AddressPolicy, OutboundClient
from layers.packages.policies import Policies
from layers.registry import Registry, installed
from layers.sandbox import RunnerClient
from layers.settings import Settings, load_settings
from layers.settings.environment import environment_with
from layers.settings.functions import NAME
from layers.vault import Vault

NODE, TRIGGER = "node.", "trigger."
HOST = "127.0.0.1"
Answer = Callable[[Call], Awaitable[dict[str, Any]]]


def list_functions(catalogue: Catalogue | None = None) -> dict[str, str]:
    """All functions by name, with one line about each."""
    catalogue = catalogue or catalogue_of(installed())
    groups = {name: f"The HTTP endpoints of {name}." for name in GROUPS}
    listed = catalogue.listed(NO_WORKSPACE)
    nodes = {NODE + one.spec.type: one.spec.summary for one in listed if isinstance(one, NodeType)}
    triggers = {
        TRIGGER + one.spec.type: one.spec.summary for one in listed if isinstance(one, TriggerType)
    }
    return {**groups, **nodes, **triggers}


def serve(name: str, port: int, host: str = HOST) -> None:
    """Become functions-framework, serving one function on ``host``; does not return.

    Raises NotFound for an unknown name, SetupError where a setting is missing.
    """
    if name not in list_functions():
        raise NotFound(f"There is no function {name!r}; 'treadle functions list' shows them.")
    settings = load_settings()
    if name in GROUPS:
        Vault(settings.secrets.keys)
    arguments = [
        *(sys.executable, "-m", "functions_framework", "--asgi", "--target", "serve"),
        *("--source", str(Path(__file__).parent / "target" / "main.py")),
        *("--host", host, "--port", str(port)),
    ]
    os.execve(sys.executable, arguments, environment_with({NAME: name}))  # noqa: S606


class Target(Response):
    """A response that is an app: it hands the request on to the function's own.

    The app is built at the first request, because functions-framework forks after it has loaded
    its target, and neither threads nor connections survive that.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._app: ASGIApp | None = None
        self._lock = asyncio.Lock()
        self._lifespan: AbstractAsyncContextManager[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            app = await self._started()
        except (TreadleError, SQLAlchemyError) as error:
            # There is no app yet that would render it; the next request tries again.
            ours = isinstance(error, TreadleError)
            render = on_treadle_error if ours else on_database_error
            answer = await render(Request(scope), error)
            await answer(scope, receive, send)
            return
        await app(scope, receive, send)

    async def _started(self) -> ASGIApp:
        async with self._lock:
            if self._app is None:
                self._app = await self._start(load_settings())
            return self._app

    async def _start(self, settings: Settings) -> ASGIApp:
        if self._name not in GROUPS:
            return function_app(self._name, installed(), settings)
        from functions.assembly import build_parts

        parts = build_parts(settings)
        app = build_app(parts, groups=[self._name])
        lifespan = running(parts)(app)
        try:
            await lifespan.__aenter__()
        except BaseException:
            await parts.close()
            raise
        self._lifespan = lifespan
        return app


def function_app(name: str, registry: Registry, settings: Settings) -> ASGIApp:
    """The app of one node or trigger: ``POST`` a Call as JSON anywhere."""
    store = open_store(settings.storage.artifacts_url)
    http = OutboundClient(AddressPolicy(settings.network.allow_private))
    loan = Loan(
        http=http,
        files=StoredFiles(store, ALONE),
        sandbox=RunnerClient(settings.runner.url, settings.runner.token),
        capabilities=open_lent(settings, http).capabilities,
        policies=Policies(instance=settings.packages),
        credential_types=registry.credentials,
    )
    answer = _answering(name, catalogue_of(registry), loan)

    async def endpoint(request: Request) -> Response:
        if not is_json(request.headers.get("content-type", "")):
            raise HTTPException(415, "Send JSON, with 'Content-Type: application/json'.")
        try:
            call = Call.model_validate(read_json(await request.body(), settings.limits))
        except ValidationError as error:
            mistakes = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
            raise InvalidInput(errors=[field_error(one) for one in mistakes]) from error
        return Response(dumps(await answer(call)), media_type="application/json")

    app = Starlette(
        routes=[Route("/{path:path}", endpoint, methods=["POST"])],
        exception_handlers={
            TreadleError: on_treadle_error,
            SQLAlchemyError: on_database_error,
            HTTPException: on_http_exception,
        },
    )
    app.add_middleware(Hosts, hosts=OwnHosts(settings.server))
    app.add_middleware(
        Edge, body_bytes=settings.limits.body_bytes, https=False, measures=GatewayMetrics()
    )
    return app


def _answering(name: str, catalogue: Catalogue, loan: Loan) -> Answer:
    found = catalogue.resolve(NO_WORKSPACE, name.partition(".")[2])
    if isinstance(found, NodeType):
        return lambda call: call_node(found, call, loan)
    assert isinstance(found, TriggerType)
    return lambda call: call_trigger(found, call, loan)
