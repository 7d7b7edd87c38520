"""For the instance's administrator: what workspaces are granted beyond their plans."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from billing.accounts.trials import GRANT
from billing.limits.overrides import OverrideRow, add_override, overrides, remove_override
from billing.plans.plan import Features, Limits
from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import (
    Identifier,
    In,
    Instant,
    Listing,
    Moment,
    Name,
    Out,
    PathId,
    moment,
)
from layers.clock import rfc3339
from layers.errors import FieldError, InvalidInput, NotAllowed, NotFound
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.jsontext import dumps, loads

router = group("instance", "/instance")


class OverrideIn(In):
    """A limit or a feature that a workspace gets beyond its plan, or short of it."""

    workspace_id: Identifier
    name: str = Field(max_length=50, examples=["executions"])
    value: int | bool | None = Field(description="A number, null for without limit, or a switch.")
    reason: Name
    expires_at: Instant | None = None


class OverrideOut(Out):
    """An override."""

    id: Identifier
    workspace_id: Identifier
    workspace_name: str
    name: str
    value: int | bool | None
    reason: str
    created_at: Moment
    expires_at: Moment | None


@router.get("/overrides")
def list_overrides(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> Listing[OverrideOut]:
    """List what workspaces are granted beyond their plans; only for the administrator."""
    _check(caller)
    with parts_of(request).database.reading() as connection:
        rows = overrides(connection)
    return Listing(items=[_out(row) for row in rows], next_cursor=None)


@router.post("/overrides", status_code=201, responses=problems(_404="There is no such workspace."))
def create_override(
    body: OverrideIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> OverrideOut:
    """Grant a workspace something; only for the administrator."""
    _check(caller)
    is_switch = body.name in {*Features.model_fields, GRANT}
    if not is_switch and body.name not in Limits.model_fields:
        known = ", ".join([*Limits.model_fields, *Features.model_fields, GRANT])
        raise InvalidInput(errors=[FieldError("/name", f"Choose from {known}.")])
    if is_switch != isinstance(body.value, bool) or (
        not is_switch and isinstance(body.value, int) and body.value < 0
    ):
        kind = "true or false" if is_switch else "a number of at least 0, or null for no limit"
        raise InvalidInput(errors=[FieldError("/value", f"It takes {kind}.")])
    parts = parts_of(request)
    now = parts.clock.now()
    values: dict[str, Any] = {
        "workspace_id": body.workspace_id,
        "name": body.name,
        "value": dumps(body.value),
        "reason": body.reason,
        "created_by": caller.user_id,
        "now": now,
        "expires_at": None if body.expires_at is None else body.expires_at.timestamp(),
    }
    with parts.database.write() as session:
        override_id = add_override(session.connection(), values)
        detail = {"name": body.name, "value": body.value, "reason": body.reason}
        target = f"override:{override_id}"
        record(session, body.workspace_id, caller.actor, "override.created", target, detail)
        (made,) = [row for row in overrides(session.connection()) if row.id == override_id]
    return _out(made)


@router.delete("/overrides/{override_id}", status_code=204)
def delete_override(
    override_id: PathId, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> None:
    """Take back what a workspace was granted; only for the administrator."""
    if not caller.is_administrator:
        raise NotFound("There is no override with that id.")
    with parts_of(request).database.write() as session:
        remove_override(session.connection(), override_id)
        target = f"override:{override_id}"
        record(session, caller.workspace_id, caller.actor, "override.deleted", target)


def _check(caller: Caller) -> None:
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may do that.")


def _out(row: OverrideRow) -> OverrideOut:
    return OverrideOut(
        id=row.id,
        workspace_id=row.workspace_id,
        workspace_name=row.workspace_name,
        name=row.name,
        value=loads(row.value),
        reason=row.reason,
        created_at=moment(row.created_at),
        expires_at=rfc3339(row.expires_at),
    )
