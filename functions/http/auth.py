"""Signing up, in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, StringConstraints

from functions.http.access import SESSION_COOKIE, parts_of, require
from functions.http.cookies import clear_session, set_session
from functions.http.endpoint import group, problems
from functions.http.me import UserOut, WorkspaceOut
from functions.http.shapes import In, Name, Out
from layers.database.repositories.sessions import end_session
from layers.identity import Authenticator, Caller, Permission, Via
from layers.identity.accounts import Accounts, SignedIn
from layers.identity.audit import record
from layers.identity.passwords import LONGEST, SHORTEST
from layers.identity.tokens import token_hash

router = group("auth", "/auth")

Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s\u0000]+@[^@\s\u0000]+$"),
    Field(examples=["ada@example.com"]),
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=SHORTEST, max_length=LONGEST),
    Field(examples=["correct horse battery staple"], json_schema_extra={"format": "password"}),
]


class SignUpIn(In):
    """A new account."""

    email: Email
    password: NewPassword
    name: Name = Field(examples=["Ada Lovelace"])


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

    api_key: str = Field(description="Shown this once: keep it.", examples=["tdl_…"])


@router.post(
    "/signup",
    status_code=201,
    responses=problems(_409="There is an account with this e-mail address."),
)
def sign_up(body: SignUpIn, request: Request, response: Response) -> SignUpOut:
    """Make an account with a workspace and an API key, and sign in."""
    made = _accounts(request).sign_up(body.email, body.password, body.name)
    set_session(response, made.session, parts_of(request).settings.server.public_url)
    return SignUpOut(
        user=UserOut.of(made.user),
        workspace=WorkspaceOut.of(made.workspace, made.role),
        csrf_token=made.session.csrf_token,
        api_key=made.api_key,
    )


@router.post(
    "/login",
    responses=problems(
        _401="The e-mail address or the password is wrong.",
        _429="Too many attempts; Retry-After says in how many seconds to try again.",
    ),
)
def log_in(body: LoginIn, request: Request, response: Response) -> LoginOut:
    """Sign in; the former session of this browser ends."""
    address = request.client.host if request.client else "unknown"
    found: SignedIn = _accounts(request).sign_in(body.email, body.password, address)
    _end(request, request.cookies.get(SESSION_COOKIE, ""))
    set_session(response, found.session, parts_of(request).settings.server.public_url)
    return LoginOut(
        user=UserOut.of(found.user),
        workspace=WorkspaceOut.of(found.workspace, found.role),
        csrf_token=found.session.csrf_token,
    )


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


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _end(request: Request, token: str) -> None:
    if not token:
        return
    hashed = token_hash(token)
    with parts_of(request).database.write() as session:
        end_session(session, hashed)
    authenticator: Authenticator = request.app.state.authenticator
    authenticator.forget(hashed)
