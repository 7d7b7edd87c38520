"""The kinds of credentials that there are here."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request

from functions.http.access import parts_of, require
from functions.http.credentials.credential_shapes import CredentialTypeOut
from functions.http.endpoint import group
from functions.http.shapes import Listing
from layers.identity import Caller, Permission

router = group("credentials", "/credential-types")


@router.get("")
def list_credential_types(
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_READ)],
) -> Listing[CredentialTypeOut]:
    """List the kinds of credentials; they come in one part."""
    types = parts_of(request).registry.credentials
    found = [CredentialTypeOut.model_validate(one) for one in types.values()]
    return Listing(items=found, next_cursor=None)
