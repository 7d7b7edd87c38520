"""The root of the HTTP functions: all groups of routes behind one edge and one error handler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from functions.http import api_keys, auth, me, openapi, workflows
from functions.http.edge import Edge
from functions.http.endpoint import BASE
from functions.http.measures import Measures
from functions.http.problems import on_http_exception, on_invalid_request, on_treadle_error
from layers.errors import TreadleError
from layers.identity import Authenticator
from layers.identity.accounts import Accounts

if TYPE_CHECKING:
    from functions.parts import Parts

VERSION = "0.1.0"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

GROUPS: dict[str, APIRouter] = {
    "auth": auth.router,
    "me": me.router,
    "api-keys": api_keys.router,
    "workflows": workflows.router,
}
"""Every group of routes by its name, which is also its name as a function served alone."""


def build_app(
    parts: Parts, groups: Sequence[str] | None = None, lifespan: Lifespan | None = None
) -> FastAPI:
    """Build the app of all groups, or of the named ones.

    ``lifespan`` is entered when the app starts: whoever builds the parts closes them there.
    """
    app = FastAPI(
        title="Treadle",
        version=VERSION,
        openapi_url=f"{BASE}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan or _nothing_to_do,
    )
    measures = Measures()
    app.state.parts = parts
    app.state.measures = measures
    app.state.authenticator = Authenticator(parts.database, parts.clock)
    app.state.accounts = Accounts(parts.database, parts.vault, parts.clock)
    for name in GROUPS if groups is None else groups:
        # Taken over one by one: a flat list is quicker to match than routers within routers.
        app.router.routes.extend(GROUPS[name].routes)
    app.add_exception_handler(TreadleError, on_treadle_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_middleware(
        Edge,
        body_bytes=parts.settings.limits.body_bytes,
        https=parts.settings.server.public_url.startswith("https:"),
        measures=measures,
    )
    openapi.install(app)
    return app


@asynccontextmanager
async def _nothing_to_do(_app: FastAPI) -> AsyncIterator[None]:
    yield
