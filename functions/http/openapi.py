"""The OpenAPI 3.1 document, completed by what all routes share."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from functions.http.access import CSRF_HEADER, SESSION_COOKIE
from functions.http.endpoint import Endpoint
from functions.http.problems import MEDIA_TYPE, Problem

DESCRIPTION = """\
Workflow automation with durable execution and sandboxed Python.

Programs send an API key as `Authorization: Bearer tdl_…`. Browsers hold a session cookie and send
`X-CSRF-Token` with everything but GET. Every error is `application/problem+json` (RFC 9457).
Lists answer newest first, with a `next_cursor` to pass back as `cursor`.
"""

USUAL = {
    400: "The body is not valid JSON.",
    401: "Nobody is signed in, or the API key is not valid.",
    403: "The caller's role does not allow this, or the CSRF token is missing.",
    404: "This workspace has nothing with that id.",
    413: "The body is too large.",
    415: "The body is not announced as JSON.",
    422: "The input is not valid; `errors` points at each mistake.",
}


def install(app: FastAPI) -> None:
    """Make ``app.openapi()`` give the completed document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    _keys, definitions = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(definitions["$defs"])
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["securitySchemes"] = {
        "api_key": {"type": "http", "scheme": "bearer", "description": "An API key, `tdl_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": SESSION_COOKIE,
            "description": f"The session cookie; unsafe methods need the header {CSRF_HEADER}.",
        },
    }
    for route in app.routes:
        if isinstance(route, Endpoint) and route.include_in_schema:
            for method in route.methods or ():
                _complete(document["paths"][route.path_format][method.lower()], route)
    return document


def _complete(operation: dict[str, Any], route: Endpoint) -> None:
    statuses: list[int] = []
    if route.permission is not None:
        operation["security"] = [{"api_key": []}, {"session": []}]
        statuses += [401, 403]
    else:
        operation["security"] = []
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        statuses.append(404)
    if "requestBody" in operation:
        statuses += [400, 403, 413, 415, 422]
    elif operation.get("parameters"):
        statuses.append(422)
    responses = operation["responses"]
    for status in statuses:
        usual = responses.setdefault(str(status), {"description": USUAL[status]})
        if status == 422:
            # FastAPI describes this one in its own format.
            usual.update({"description": USUAL[422], "content": {}})
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"] = dict(sorted(responses.items()))
