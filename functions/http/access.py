"""Who may come in: every route asks for one permission, or is on the list of public ones."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from functions.http.hosts import OwnHosts
from layers.errors import NotAllowed, NotAuthenticated
from layers.identity import Authenticator, Caller, Permission, Via

if TYPE_CHECKING:
    from billing.usage.api_calls import ApiCalls
    from functions.parts import Parts

SESSION_COOKIE = "treadle_session"
CSRF_COOKIE = "treadle_csrf"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

PUBLIC_ROUTES = frozenset(
    {
        ("POST", "/api/v1/auth/signup"),
        ("POST", "/api/v1/auth/login"),
        ("POST", "/api/v1/auth/invitation"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
)


@dataclass(frozen=True)
class _Require:
    permission: Permission

    async def __call__(self, request: Request) -> Caller:
        caller: Caller = request.state.caller
        return caller


def require(permission: Permission) -> Any:
    """Declare what a route asks of its caller: ``Annotated[Caller, require(Permission.…)]``."""
    return Depends(_Require(permission))


def permission_of(dependant: Dependant) -> Permission | None:
    """The permission that a route declares, or None."""
    declared = [one.call for one in dependant.dependencies if isinstance(one.call, _Require)]
    if len(declared) > 1:
        raise TypeError(f"{dependant.call} declares more than one permission.")
    return declared[0].permission if declared else None


def parts_of(request: Request) -> Parts:
    """The process's parts."""
    parts: Parts = request.app.state.parts
    return parts


async def admit(request: Request, permission: Permission) -> Caller:
    """Find the caller and check that they may; raises NotAuthenticated or NotAllowed."""
    caller = await identify(request)
    if caller is None:
        raise NotAuthenticated
    if caller.via is Via.SESSION and request.method not in SAFE_METHODS:
        _check_forgery(request, caller)
    if caller.via is Via.API_KEY:
        calls: ApiCalls = request.app.state.api_calls
        calls.count(caller.workspace_id)
    if not caller.may(permission):
        raise NotAllowed(f"Your role, {caller.role}, does not include {permission!s}.")
    return caller


async def identify(request: Request, *, anew: bool = False) -> Caller | None:
    """The caller of a request, by API key or session cookie; a bad key is not overlooked.

    With ``anew`` they are looked up, whatever is remembered.
    """
    authenticator: Authenticator = request.app.state.authenticator
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _space, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return None
        look_up = authenticator.by_api_key
    else:
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token:
            return None
        look_up = authenticator.by_session
    found = None if anew else authenticator.recall(token)
    return found if found is not None else await run_in_threadpool(look_up, token)


async def may_still(
    request: Request, caller: Caller, permission: Permission, *, anew: bool
) -> bool:
    """Whether who was admitted before would be admitted now: for answers that take long."""
    found = await identify(request, anew=anew)
    return found is not None and found.workspace_id == caller.workspace_id and found.may(permission)


def check_origin(request: Request) -> None:
    """Refuse an unsafe request that a page of another site sends; raises NotAllowed."""
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
            return
        raise NotAllowed("This request comes from another site.")
    hosts = OwnHosts(parts_of(request).settings.server)
    if not hosts.is_own(origin, request.url.scheme, request.headers.get("host", "")):
        raise NotAllowed(
            f"This request comes from {origin}, which is another site. If people open Treadle"
            " there, set TREADLE_PUBLIC_URL to that address."
        )


def _check_forgery(request: Request, caller: Caller) -> None:
    check_origin(request)
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), (caller.csrf_token or "").encode()) or not sent:
        raise NotAllowed(
            f"Send the header {CSRF_HEADER} with the csrf_token of GET /api/v1/me"
            f" (it is also in the cookie {CSRF_COOKIE})."
        )
