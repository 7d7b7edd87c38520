"""API keys for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import (
    Identifier,
    In,
    Instant,
    Listing,
    Moment,
    Name,
    Out,
    PathId,
    Wanted,
    moment,
    next_cursor,
)
from layers.clock import rfc3339
from layers.database.models import ApiKey
from layers.database.repositories.api_keys import ApiKeys
from layers.errors import FieldError, InvalidInput, NotFound
from layers.identity import Authenticator, Caller, Permission
from layers.identity.api_keys import issue_api_key
from layers.identity.audit import record

router = group("api keys", "/api-keys")


class ApiKeyIn(In):
    """A new key; it acts with its maker's role."""

    name: Name = Field(examples=["Deployment"])
    expires_at: Instant | None = Field(default=None, description="Null: never.")


class ApiKeyOut(Out):
    """A key, of which only the beginning is shown."""

    id: Identifier
    name: str
    prefix: str = Field(examples=["tdl_0Qa1b2"])
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None

    @classmethod
    def of(cls, row: ApiKey) -> ApiKeyOut:
        """What may be shown of a key."""
        return cls(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            created_at=moment(row.created_at),
            last_used_at=rfc3339(row.last_used_at),
            expires_at=rfc3339(row.expires_at),
        )


class NewApiKeyOut(ApiKeyOut):
    """A key that was just made."""

    api_key: str = Field(description="Shown this once: keep it.")


@router.get("")
def list_api_keys(
    request: Request, caller: Annotated[Caller, require(Permission.API_KEY_READ)], wanted: Wanted
) -> Listing[ApiKeyOut]:
    """List the keys that are not revoked: one's own, or all for administrators."""
    with parts_of(request).database.read() as session:
        keys = ApiKeys(session, caller.workspace_id)
        page = keys.page(wanted, keys.visible_to(_owner(caller)))
    return Listing(
        items=[ApiKeyOut.of(row) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.post("", status_code=201)
def create_api_key(
    body: ApiKeyIn, request: Request, caller: Annotated[Caller, require(Permission.API_KEY_WRITE)]
) -> NewApiKeyOut:
    """Make a key."""
    parts = parts_of(request)
    now = parts.clock.now()
    expires_at = None if body.expires_at is None else body.expires_at.timestamp()
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(errors=[FieldError("/expires_at", "Choose a moment in the future.")])
    with parts.database.write() as session:
        row, key = issue_api_key(
            session, caller.workspace_id, caller.user_id, body.name, now, expires_at
        )
        record(
            session,
            caller.workspace_id,
            caller.actor,
            "api_key.created",
            f"api_key:{row.id}",
            {"name": row.name, "prefix": row.prefix},
        )
    return NewApiKeyOut(**ApiKeyOut.of(row).model_dump(), api_key=key)


@router.delete("/{api_key_id}", status_code=204)
def revoke_api_key(
    api_key_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.API_KEY_WRITE)],
) -> None:
    """Revoke a key: it stops working at once, everywhere within a few seconds."""
    parts = parts_of(request)
    with parts.database.write() as session:
        row = ApiKeys(session, caller.workspace_id).get(api_key_id)
        if _owner(caller) not in {None, row.user_id}:
            raise NotFound
        row.revoked_at = parts.clock.now()
        record(
            session,
            caller.workspace_id,
            caller.actor,
            "api_key.revoked",
            f"api_key:{row.id}",
            {"name": row.name, "prefix": row.prefix},
        )
    authenticator: Authenticator = request.app.state.authenticator
    authenticator.forget(api_key_id)


def _owner(caller: Caller) -> str | None:
    """Whose keys the caller may deal with; None for everybody's."""
    return None if caller.may(Permission.API_KEY_ALL) else caller.user_id
