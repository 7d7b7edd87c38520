"""The runner's endpoints, behind one shared secret."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from layers import jsontext
from layers.errors import (
    MalformedInput,
    NotAuthenticated,
    NotFound,
    TooLarge,
    TreadleError,
    Unavailable,
)
from layers.packages.policy import PackagePolicy
from layers.packages.refusal import ForbiddenPackages, PackagesRefused
from sandbox_runner import live
from sandbox_runner.service import Service, State
from sandbox_runner.wire import (
    MEDIA_TYPE,
    MOST_BYTES,
    MOST_FILE_BYTES,
    Outcome,
    RunResult,
    read_request,
    refused,
    write_result,
)

# Most runs have ended by then; only of others it is worth knowing whether the caller hung up.
_QUICK_S = 0.02
_Endpoint = Callable[[Request], Awaitable[Response]]
_Guarded = Callable[[Service, Request], Awaitable[Response]]


def make_app(service: Service, token: str) -> ASGIApp:
    """Build the ASGI application of a service; every call but the health check needs the token."""
    run = _guarded(_run, service, token)
    others = Starlette(
        routes=[
            Route("/runs", run, methods=["POST"]),
            Route("/runs/{run_id}", _guarded(_cancel, service, token), methods=["DELETE"]),
            Route("/locks", _guarded(_lock, service, token), methods=["POST"]),
            Route("/healthz", partial(_health, service)),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # Steps come by the hundred, and what finds and wraps endpoints costs as much as serving.
        if scope["type"] == "http" and scope["path"] == "/runs" and scope["method"] == "POST":
            response = await run(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await others(scope, receive, send)

    return app


def _guarded(endpoint: _Guarded, service: Service, token: str) -> _Endpoint:
    expected = f"Bearer {token}".encode()

    async def checked(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            return _problem(NotAuthenticated("The runner's token is missing or wrong."))
        try:
            return await endpoint(service, request)
        except TreadleError as error:
            return _problem(error)

    return checked


async def _health(service: Service, request: Request) -> Response:
    status = 200 if service.state is State.READY else 503
    return _result(jsontext.dumps(service.health()).encode(), status)


async def _cancel(service: Service, request: Request) -> Response:
    if service.runs is None or not service.runs.cancel(request.path_params["run_id"]):
        raise NotFound("No run with that id is running.")
    return _result(b"{}", 202)


async def _run(service: Service, request: Request) -> Response:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    with_files = media_type == MEDIA_TYPE
    body = await _read_body(request, MOST_BYTES + MOST_FILE_BYTES if with_files else MOST_BYTES)
    asked = read_request(body, media_type)
    await service.decided.wait()
    runs = service.runs
    if service.state is not State.READY or runs is None:
        reason = f"Python steps are refused: {service.reason}"
        return _result(write_result(refused(Outcome.INFRASTRUCTURE, reason)), 503)
    heard = live.Heard() if live.MEDIA_TYPE in request.headers.get("accept", "") else None

    def write(result: RunResult) -> tuple[bytes, int]:
        status = 503 if result.outcome is Outcome.INFRASTRUCTURE else 200
        return write_result(result, asked.order.limits), status

    def cancel() -> None:
        runs.cancel(asked.run_id)

    task = runs.start(asked, heard.hear if heard else None)
    await asyncio.wait((task,), timeout=_QUICK_S)
    if not task.done():
        await _unless_disconnected(request, task, live.AFTER_S if heard else None, cancel)
    if not task.done() and heard is not None:
        lines = live.stream(task, heard, write, cancel)
        return StreamingResponse(lines, media_type=live.MEDIA_TYPE)
    return _result(*write(await task))


async def _lock(service: Service, request: Request) -> Response:
    """``{"requirements": […], "policy": {…}}`` → a lock; 422 with the resolver's words."""
    try:
        given = jsontext.loads(await _read_body(request, MOST_BYTES))
        requirements = [str(one) for one in given["requirements"]]
        policy = PackagePolicy.from_json(given.get("policy") or {})
    except (jsontext.InvalidJson, LookupError, TypeError, AttributeError) as error:
        raise MalformedInput("The request must hold requirements and a policy.") from error
    await service.decided.wait()
    if service.state is not State.READY or service.locks is None:
        raise Unavailable(f"Packages cannot be resolved: {service.reason}")
    found = await service.locks.of(requirements, policy)
    return _result(jsontext.dumps(found).encode(), 200)


async def _read_body(request: Request, most: int) -> bytes:
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(f"A run request may have {most} bytes.")
        parts.append(part)
    return b"".join(parts)


async def _unless_disconnected(
    request: Request,
    run: asyncio.Task[RunResult],
    patience: float | None,
    cancel: Callable[[], object],
) -> None:
    """Wait for a run, and cancel it if its caller hangs up: nobody would read the result.

    It may run still after so many seconds of patience.
    """
    hung_up = asyncio.create_task(_hung_up(request))
    await asyncio.wait((run, hung_up), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    if hung_up.done() and not run.done():
        cancel()
        await asyncio.wait((run,))
    hung_up.cancel()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _result(body: bytes, status: int) -> Response:
    return Response(body, status, media_type="application/json")


def _problem(error: TreadleError) -> Response:
    said: dict[str, object] = {
        "detail": error.detail,
        "errors": [{"pointer": e.pointer, "message": e.message} for e in error.errors],
    }
    if isinstance(error, PackagesRefused):
        refusals = error.refusals if isinstance(error, ForbiddenPackages) else ()
        said["refused"] = [vars(one) for one in refusals]
    return _result(jsontext.dumps(said).encode(), error.status)
