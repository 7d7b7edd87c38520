"""Every error answer: ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from layers.database.unavailable import is_unavailable
from layers.errors import FieldError, InvalidInput, MalformedInput, TooManyRequests, TreadleError
from layers.jsontext import dumps
from layers.log import logger

MEDIA_TYPE = "application/problem+json"
AWAY_S = 5
"""After so many seconds it is worth asking again where the database was away."""


class ProblemError(BaseModel):
    """One mistake in the input."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body, or ?name, #header.")
    message: str = Field(description="What is wrong, and what to do about it.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="A URI that names the kind of problem.", examples=["about:blank"])
    title: str = Field(description="The kind of problem in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status code.", examples=[404])
    detail: str = Field(description="What happened here, and the remedy.")
    errors: list[ProblemError] | None = Field(
        default=None, description="The mistakes in the input, if it was not valid."
    )


def problem_response(error: TreadleError) -> Response:
    """The answer for an error of ours."""
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    problem = {**error.more, **_problem(error.status, error.detail, error.errors, error.type)}
    return _response(problem, headers)


def unexpected(method: str, path: str) -> Response:
    """The answer for an error that nobody expected: it is logged, and says nothing of us."""
    logger("http").exception("%s %s failed", method, path)
    detail = "Something went wrong on our side; try again, and look into the log if it stays."
    return _response(_problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail), {})


async def on_treadle_error(_request: Request, error: Exception) -> Response:
    """Render an error of ours."""
    assert isinstance(error, TreadleError)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger("http").error("%s", error.detail)
    return problem_response(error)


async def on_database_error(request: Request, error: Exception) -> Response:
    """Say that the database cannot answer at the moment, and when to try again."""
    assert isinstance(error, SQLAlchemyError)
    if not is_unavailable(error):
        # What is wrong is a statement of ours: it is logged and told as whatever nobody expected.
        raise error
    logger("http").warning(
        "%s %s: the database is away: %s", request.method, request.url.path, error
    )
    detail = "The database does not answer at the moment; try again in a few seconds."
    problem = _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    return _response(problem, {"Retry-After": str(AWAY_S)})


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Render what the framework itself refuses, such as an unknown route."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    status = HTTPStatus(error.status_code)
    detail = str(error.detail)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
        detail = f"{request.method} is not possible here; {headers['Allow']} is."
    elif status == HTTPStatus.NOT_FOUND and detail == status.phrase:
        detail = "There is nothing at this address; /api/v1/openapi.json lists what there is."
    return _response(_problem(status, detail), headers)


async def on_invalid_request(_request: Request, error: Exception) -> Response:
    """Render what does not fit the declared types."""
    assert isinstance(error, RequestValidationError)
    if any(detail["type"] == "json_invalid" for detail in error.errors()):
        return problem_response(MalformedInput())
    return problem_response(InvalidInput(errors=[field_error(one) for one in error.errors()]))


def field_error(detail: Mapping[str, Any]) -> FieldError:
    """A validation error of a request as ours: the pointer counts from the body's root.

    What is not in the body is named as ``?query`` or ``#header``.
    """
    place, *rest = (str(part) for part in detail["loc"])
    message = str(detail["msg"]).removeprefix("Value error, ")
    if place == "query":
        return FieldError("?" + "/".join(rest), message)
    if place in {"header", "cookie"}:
        return FieldError("#" + "/".join(rest), message)
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in rest]
    return FieldError("".join(f"/{part}" for part in escaped), message)


def _problem(
    status: HTTPStatus,
    detail: str,
    errors: Sequence[FieldError] = (),
    kind: str = "about:blank",
) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": kind,
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }
    if errors:
        problem["errors"] = [
            {"pointer": one.pointer, "message": _printable(one.message)} for one in errors
        ]
    return problem


def _response(problem: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(
        dumps(problem), status_code=problem["status"], headers=headers, media_type=MEDIA_TYPE
    )


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _allowed(request: Request) -> list[str]:
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return sorted(methods)
