"""Signing up, in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, StringConstraints

from functions.http.access import SESSION_COOKIE, parts_of, require
from functions.http.endpoint import group, problems
from functions.http.people.cookies import DEVICE_COOKIE, clear_session, set_device, set_session
from functions.http.people.me import UserOut, WorkspaceOut
from functions.http.shapes import PRINTABLE, Identifier, In, Name, Out
from layers.database.repositories.sessions import end_session
from layers.errors import Conflict
from layers.identity import Authenticator, Caller, Permission, Via
from layers.identity.accounts import Accounts, SignedIn
from layers.identity.audit import record
from layers.identity.passwords import LONGEST, SHORTEST
from layers.identity.tokens import token_hash

router = group("auth", "/auth")

ONLY_BROWSERS = "An API key belongs to one workspace: sign in with a browser for this."

# What regular expressions of one kind take for blank, and those of another do not, is named.
BLANK = r"\s\u0000\u0085\ufeff"

Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, pattern=rf"^[^@{BLANK}]+@[^@{BLANK}]+$"),
    Field(examples=["ada@example.com"]),
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=SHORTEST, max_length=LONGEST),
    Field(examples=["correct horse battery staple"], json_schema_extra={"format": "password"}),
]


Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
"""What an invitation's address ends with."""


class SignUpIn(In):
    """A new account."""

    email: Email
    password: NewPassword
    name: Name = Field(examples=["Ada Lovelace"])
    invitation: Token | None = Field(
        default=None, description="The token of an invitation to join a workspace with."
    )


class LoginIn(In):
    """An account's address and password."""

    email: Email
    password: Annotated[
        str,
        StringConstraints(min_length=1, max_length=LONGEST),
        Field(json_schema_extra={"format": "password"}),
    ]


class LoginOut(Out):
    """Who has signed in, and where."""

    user: UserOut
    workspace: WorkspaceOut
    csrf_token: str = Field(description="Send it as X-CSRF-Token with unsafe methods.")


class SignUpOut(LoginOut):
    """A new account with its first API key."""

    api_key: str = Field(
        description="Shown this once: keep it. Empty for who joins as a viewer and may have none.",
        examples=["tdl_…"],
    )


class EnterIn(In):
    """Another workspace of the caller."""

    workspace_id: Identifier


@router.post(
    "/signup",
    status_code=201,
    responses=problems(
        _404="The invitation is not valid any more.",
        _403="This instance takes no new accounts, or only invited ones.",
        _409="There is an account with this e-mail address.",
        _429="Too many accounts are being made; Retry-After says how long to wait.",
    ),
)
def sign_up(body: SignUpIn, request: Request, response: Response) -> SignUpOut:
    """Make an account with a workspace and an API key, and sign in."""
    address = address_of(request)
    made = accounts_of(request).sign_up(
        body.email, body.password, body.name, body.invitation or "", address
    )
    return SignUpOut(**dict(signed_in(request, response, made)), api_key=made.api_key)


@router.post(
    "/login",
    responses=problems(
        _401="The e-mail address or the password is wrong.",
        _429="Too many attempts; Retry-After says in how many seconds to try again.",
    ),
)
def log_in(body: LoginIn, request: Request, response: Response) -> LoginOut:
    """Sign in; the former session of this browser ends."""
    note = request.cookies.get(DEVICE_COOKIE, "")
    found = accounts_of(request).sign_in(body.email, body.password, address_of(request), note)
    _end(request, request.cookies.get(SESSION_COOKIE, ""))
    return signed_in(request, response, found)


@router.post("/workspace", responses=problems(_404="No workspace of yours.", _409=ONLY_BROWSERS))
def enter_workspace(
    body: EnterIn,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.SELF)],
) -> LoginOut:
    """Go on in another workspace: this browser's session is replaced by one there."""
    check_is_browser(caller)
    found = accounts_of(request).enter(caller, body.workspace_id)
    authenticator: Authenticator = request.app.state.authenticator
    authenticator.forget(caller.proof_id)
    return signed_in(request, response, found)


@router.post("/logout", status_code=204)
def log_out(
    request: Request, response: Response, caller: Annotated[Caller, require(Permission.SELF)]
) -> None:
    """Sign out of this browser; an API key stays valid."""
    parts = parts_of(request)
    if caller.via is Via.SESSION:
        _end(request, request.cookies.get(SESSION_COOKIE, ""))
        with parts.database.write() as session:
            target = f"user:{caller.user_id}"
            record(session, caller.workspace_id, caller.actor, "user.signed_out", target)
    clear_session(response, parts.settings.server.public_url)


def address_of(request: Request) -> str:
    """Where a request came from."""
    return request.client.host if request.client else "unknown"


def accounts_of(request: Request) -> Accounts:
    """What makes accounts and lets people in."""
    accounts: Accounts = request.app.state.accounts
    return accounts


def check_is_browser(caller: Caller) -> None:
    """Raise Conflict for a program: its key belongs to one workspace."""
    if caller.via is not Via.SESSION:
        raise Conflict(ONLY_BROWSERS)


def signed_in(request: Request, response: Response, found: SignedIn) -> LoginOut:
    """Give the browser its session, and say who it is."""
    public_url = parts_of(request).settings.server.public_url
    set_session(response, found.session, public_url)
    if found.device:
        set_device(response, found.device, public_url)
    return LoginOut(
        user=UserOut.of(found.user),
        workspace=WorkspaceOut.of(found.workspace, found.role),
        csrf_token=found.session.csrf_token,
    )


def _end(request: Request, token: str) -> None:
    if not token:
        return
    hashed = token_hash(token)
    with parts_of(request).database.write() as session:
        end_session(session, hashed)
    authenticator: Authenticator = request.app.state.authenticator
    authenticator.forget(hashed)
