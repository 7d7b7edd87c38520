"""How every endpoint is declared, and what each one gets without asking."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from billing import deadline
from functions.http.access import (
    PUBLIC_ROUTES,
    SAFE_METHODS,
    admit,
    check_origin,
    parts_of,
    permission_of,
)
from functions.http.json_body import JsonRequest
from layers.identity import Permission

BASE = "/api/v1"


class Endpoint(APIRoute):
    """A route that lets nobody in before the permission it declares is checked.

    Only then is the body read, as JSON within the limits.
    """

    @property
    def permission(self) -> Permission | None:
        """What the route asks of its caller; None for a public one."""
        return permission_of(self.dependant)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()
        permission = self.permission
        self._check_declared(permission)
        reads_json = self.body_field is not None and not isinstance(
            self.body_field.field_info, params.Form
        )

        ignored = answer_alone(self)

        async def guarded(request: Request) -> Response:
            if permission is not None:
                request.state.caller = await admit(request, permission)
            elif request.method not in SAFE_METHODS:
                check_origin(request)
            if reads_json:
                json_request = JsonRequest(request.scope, request.receive)
                await json_request.take(parts_of(request).settings.limits, ignored)
                request = json_request
            with deadline.of_a_person():
                return await handle(request)

        return guarded

    def _check_declared(self, permission: Permission | None) -> None:
        public = {(method, self.path) for method in self.methods or ()} <= PUBLIC_ROUTES
        if public == (permission is not None):
            raise TypeError(
                f"{self.path} must either declare a permission with require() or be listed in"
                " PUBLIC_ROUTES, and not both."
            )


def answer_alone(route: APIRoute) -> frozenset[str]:
    """The fields of what is made or replaced that only the answer has, such as its id.

    What GET gave can be changed and put back, so these are no mistakes.
    """
    makes = route.status_code == 201 or "PUT" in (route.methods or ())
    asked = _model(route.body_field.field_info.annotation) if route.body_field else None
    answered = _model(route.response_model)
    if not makes or asked is None or answered is None:
        return frozenset()
    if _names(answered).isdisjoint(_names(asked)):
        # The answer is about something else, as that of signing up.
        return frozenset()
    return frozenset(_names(answered) - _names(asked))


def _model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _names(model: type[BaseModel]) -> set[str]:
    return {found.alias or name for name, found in model.model_fields.items()}


def group(name: str, prefix: str = "") -> APIRouter:
    """Make the router of one group of endpoints below ``/api/v1``."""
    return APIRouter(
        prefix=BASE + prefix,
        tags=[name],
        route_class=Endpoint,
        generate_unique_id_function=lambda route: route.name,
    )


def problems(**described: str) -> dict[int | str, dict[str, Any]]:
    """Document the error answers that a route has beyond the usual: ``problems(_409="…")``.

    401, 403, 404, 413, 415 and 422 are documented for every route that can give them.
    """
    return {
        int(status.removeprefix("_")): {"description": description}
        for status, description in described.items()
    }
