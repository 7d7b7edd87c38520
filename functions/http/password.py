"""The caller's password."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field, StringConstraints

from functions.http.access import require
from functions.http.auth import NewPassword, accounts_of
from functions.http.endpoint import group
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


@router.put("/me/password", status_code=204)
def change_password(
    body: PasswordIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> None:
    """Change one's password; every other browser is signed out, API keys stay valid."""
    authenticator: Authenticator = request.app.state.authenticator
    for ended in accounts_of(request).change_password(caller, body.current, body.new):
        authenticator.forget(ended)
