"""The caller's password."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field, StringConstraints

from functions.http.access import require
from functions.http.endpoint import group, problems
from functions.http.people.auth import NewPassword, accounts_of, address_of
from functions.http.shapes import In
from layers.identity import Authenticator, Caller, Permission
from layers.identity.passwords import LONGEST

router = group("me")


class PasswordIn(In):
    """The password as it is, and as it shall be."""

    current: Annotated[
        str,
        StringConstraints(min_length=1, max_length=LONGEST),
        Field(json_schema_extra={"format": "password"}),
    ]
    new: NewPassword


@router.put(
    "/me/password",
    status_code=204,
    responses=problems(_429="Too many wrong passwords; Retry-After says how long to wait."),
)
def change_password(
    body: PasswordIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> None:
    """Change one's password; every other browser is signed out, API keys stay valid."""
    authenticator: Authenticator = request.app.state.authenticator
    address = address_of(request)
    accounts = accounts_of(request)
    for ended in accounts.change_password(caller, body.current, body.new, address):
        authenticator.forget(ended)
