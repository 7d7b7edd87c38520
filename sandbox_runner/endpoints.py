"""The runner's three endpoints, behind one shared secret."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from layers import jsontext
from layers.errors import (
    NotAuthenticated,
    NotFound,
    TooLarge,
    TreadleError,
)
from sandbox_runner.service import Service, State
from sandbox_runner.wire import MOST_BYTES, Outcome, RunResult, read_request, refused, write_result

_Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(service: Service, token: str) -> Starlette:
    """Build the ASGI application of a service; every call but the health check needs the token."""
    expected = f"Bearer {token}".encode()

    def guarded(endpoint: _Endpoint) -> _Endpoint:
        async def checked(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, expected):
                return _problem(NotAuthenticated("The runner's token is missing or wrong."))
            try:
                return await endpoint(request)
            except TreadleError as error:
                return _problem(error)

        return checked

    async def run(request: Request) -> Response:
        body = await _read_body(request)
        asked = read_request(body)
        await service.decided.wait()
        if service.state is not State.READY:
            reason = f"Python steps are refused: {service.reason}"
            return _result(write_result(refused(Outcome.INFRASTRUCTURE, reason)), 503)
        result = await _unless_disconnected(request, service.runs.run(asked))
        status = 503 if result.outcome is Outcome.INFRASTRUCTURE else 200
        return _result(write_result(result), status)

    async def cancel(request: Request) -> Response:
        if not service.runs.cancel(request.path_params["run_id"]):
            raise NotFound("No run with that id is running.")
        return _result(b"{}", 202)

    async def health(request: Request) -> Response:
        status = 200 if service.state is State.READY else 503
        return _result(jsontext.dumps(service.health()).encode(), status)

    return Starlette(
        routes=[
            Route("/runs", guarded(run), methods=["POST"]),
            Route("/runs/{run_id}", guarded(cancel), methods=["DELETE"]),
            Route("/healthz", health),
        ]
    )


async def _read_body(request: Request) -> bytes:
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge(f"A run request may have {MOST_BYTES} bytes.")
        parts.append(part)
    return b"".join(parts)


async def _unless_disconnected(request: Request, work: Coroutine[Any, Any, RunResult]) -> RunResult:
    """Await a run, and cancel it if its caller hangs up: nobody would read the result."""
    run = asyncio.create_task(work)
    hung_up = asyncio.create_task(_hung_up(request))
    await asyncio.wait((run, hung_up), return_when=asyncio.FIRST_COMPLETED)
    hung_up.cancel()
    if not run.done():
        run.cancel()
        await asyncio.wait((run,))
        return refused(Outcome.CANCELLED, "The caller hung up.")
    return run.result()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _result(body: bytes, status: int) -> Response:
    return Response(body, status, media_type="application/json")


def _problem(error: TreadleError) -> Response:
    errors = [{"pointer": e.pointer, "message": e.message} for e in error.errors]
    text = jsontext.dumps({"detail": error.detail, "errors": errors})
    return _result(text.encode(), error.status)
