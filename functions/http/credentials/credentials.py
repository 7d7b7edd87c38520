"""Credentials: what goes in as a secret never comes out again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of, require
from functions.http.credentials.credential_rows import HELD, place_of, public_fields, workspace_key
from functions.http.credentials.credential_shapes import (
    ConnectionOut,
    CredentialIn,
    CredentialOut,
    CredentialTestOut,
    CredentialUpdate,
    CredentialUseOut,
)
from functions.http.credentials.credential_trial import Opened, tried
from functions.http.endpoint import group
from functions.http.shapes import (
    Listing,
    PathId,
    Wanted,
    moment,
    next_cursor,
)
from functions.parts import Parts
from layers.clock import rfc3339
from layers.contract import CredentialType
from layers.credentials.fields import TEST_URL, checked
from layers.credentials.hosts import widens
from layers.credentials.provider_change import leads_elsewhere, needs_connecting_again
from layers.database.models import Credential
from layers.database.repositories.credential_uses import users_of
from layers.database.repositories.credentials import Credentials
from layers.errors import FieldError, InvalidInput
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.ids import new_id
from layers.jsontext import dumps, loads
from layers.oauth.connection import read_connection
from layers.vault import SealBroken, Vault, WorkspaceKey

router = group("credentials", "/credentials")


@router.get("")
def list_credentials(
    request: Request, caller: Annotated[Caller, require(Permission.CREDENTIAL_READ)], wanted: Wanted
) -> Listing[CredentialOut]:
    """List the workspace's credentials."""
    parts = parts_of(request)
    with parts.database.read() as session:
        page = Credentials(session, caller.workspace_id).page(wanted)
    return Listing(
        items=[_out(row, parts) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.get("/{credential_id}")
def read_credential(
    credential_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_READ)],
) -> CredentialOut:
    """Read a credential, without its secrets."""
    parts = parts_of(request)
    with parts.database.read() as session:
        return _out(Credentials(session, caller.workspace_id).get(credential_id), parts)


@router.get("/{credential_id}/uses")
def list_credential_uses(
    credential_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_READ)],
) -> Listing[CredentialUseOut]:
    """List the workflows that use a credential; they come in one part."""
    with parts_of(request).database.read() as session:
        row = Credentials(session, caller.workspace_id).get(credential_id)
        found = users_of(session, caller.workspace_id, row.id)
    items = [CredentialUseOut(workflow_id=one.id, workflow_name=one.name) for one in found]
    return Listing(items=items, next_cursor=None)


@router.post("", status_code=201)
def create_credential(
    body: CredentialIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_WRITE)],
) -> CredentialOut:
    """Keep a credential, sealed to its place in this workspace."""
    parts = parts_of(request)
    kind = parts.registry.credentials.get(body.type)
    if kind is None:
        known = ", ".join(parts.registry.credentials)
        raise InvalidInput(errors=[FieldError("/type", f"There is no such type; use {known}.")])
    values = checked(kind, body.data)
    now = parts.clock.now()
    row = Credential(
        id=new_id(),
        name=body.name,
        type=kind.type,
        created_at=now,
        updated_at=now,
        last_used_at=None,
        allowed_hosts=dumps(list(kind.hosts) if body.allowed_hosts is None else body.allowed_hosts),
    )
    with parts.database.write() as session:
        _put(row, kind, values, parts.vault, workspace_key(session, caller.workspace_id))
        Credentials(session, caller.workspace_id).add(row)
        _record(session, caller, "credential.created", row)
    return _out(row, parts)


@router.put("/{credential_id}")
def update_credential(
    credential_id: PathId,
    body: CredentialUpdate,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_WRITE)],
) -> CredentialOut:
    """Change a credential. Letting a secret go to more hosts takes entering it again.

    That holds for the first hosts as well: otherwise whoever may edit a credential could send its
    secret to himself. One that is connected by OAuth has to be connected again instead.
    """
    parts = parts_of(request)
    with parts.database.write() as session:
        row = Credentials(session, caller.workspace_id).get(credential_id)
        kind = _type_of(row, parts)
        key = workspace_key(session, caller.workspace_id)
        former: dict[str, str] = loads(parts.vault.open(key, place_of(row), row.sealed))
        kept = {name: value for name, value in former.items() if name not in body.data}
        hosts: list[str] = loads(row.allowed_hosts)
        wider = body.allowed_hosts is not None and widens(hosts, body.allowed_hosts)
        if wider and kind.provider is None and any(kept.values()):
            message = "Enter the secret again to allow it to be sent to other hosts."
            raise InvalidInput(errors=[FieldError("/allowed_hosts", message)])
        values = checked(kind, {**kept, **body.data})
        if kind.provider is not None:
            _keep_its_provider(row, kind, values, kept)
        if wider and kind.provider is not None:
            # What goes to the hosts is its token, which nobody can enter again.
            row.tokens, row.connection = None, None
        row.name = body.name
        row.allowed_hosts = dumps(hosts if body.allowed_hosts is None else body.allowed_hosts)
        row.updated_at = parts.clock.now()
        _put(row, kind, values, parts.vault, key)
        _record(session, caller, "credential.updated", row)
    return _out(row, parts)


@router.delete("/{credential_id}", status_code=204)
def delete_credential(
    credential_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_WRITE)],
) -> None:
    """Delete a credential; nodes that use it fail from now on."""
    with parts_of(request).database.write() as session:
        credentials = Credentials(session, caller.workspace_id)
        row = credentials.get(credential_id)
        credentials.remove(row)
        _record(session, caller, "credential.deleted", row)


@router.post("/{credential_id}/test")
async def test_credential(
    credential_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_USE)],
) -> CredentialTestOut:
    """Try a credential: whether it opens, is complete, and is accepted by its service.

    The service is asked as the type says, at the allowed hosts only; of one that is connected by
    OAuth the token is renewed first where it has ended. A type that names no request, and a
    credential without an address to test it with, are looked at and nothing is sent.
    """
    parts = parts_of(request)
    opened = await run_in_threadpool(_opened, parts, caller, credential_id)
    found = await tried(parts, caller.workspace_id, opened)
    return CredentialTestOut(ok=found.ok, message=found.message)


def _opened(parts: Parts, caller: Caller, credential_id: str) -> Opened:
    with parts.database.write() as session:
        row = Credentials(session, caller.workspace_id).get(credential_id)
        _record(session, caller, "credential.tested", row)
        try:
            secrets = loads(
                parts.vault.open(
                    workspace_key(session, caller.workspace_id), place_of(row), row.sealed
                )
            )
        except SealBroken as error:
            return Opened(row.id, row.type, {}, broken=f"{error} Enter the secret again.")
        return Opened(
            row.id, row.type, {**public_fields(row), **secrets}, tuple(loads(row.allowed_hosts))
        )


def _type_of(row: Credential, parts: Parts) -> CredentialType:
    """The type of a credential that is to be changed; raises InvalidInput where it is gone."""
    found = parts.registry.credentials.get(row.type)
    if found is None:
        message = (
            f"The type {row.type!r} of this credential is not installed here: install what brings"
            " it, or delete the credential and make another one."
        )
        raise InvalidInput(message, errors=[FieldError("/type", message)])
    return found


def _put(
    row: Credential, kind: CredentialType, values: dict[str, str], vault: Vault, key: WorkspaceKey
) -> None:
    secret = {one.name: values[one.name] for one in kind.fields if one.secret}
    public: dict[str, Any] = {
        name: value
        for name, value in values.items()
        if name not in secret and (value or name != TEST_URL.name)
    }
    held = [one.name for one in kind.fields if one.name in secret and not one.required]
    if held := [name for name in held if secret[name]]:
        public[HELD] = held
    row.public = dumps(public)
    row.sealed = vault.seal(key, place_of(row), dumps(secret))


def _keep_its_provider(
    row: Credential, kind: CredentialType, values: dict[str, str], kept: dict[str, str]
) -> None:
    """Let nobody lead a kept secret to another provider; what else changes ends the connection."""
    former = public_fields(row)
    if any(kept.values()) and (name := leads_elsewhere(kind, former, values)):
        message = "Enter the client secret again: it would be sent to this address."
        raise InvalidInput(errors=[FieldError(f"/data/{name}", message)])
    if needs_connecting_again(kind, former, values):
        row.tokens, row.connection = None, None


def _out(row: Credential, parts: Parts) -> CredentialOut:
    public: dict[str, Any] = loads(row.public)
    kind = parts.registry.credentials.get(row.type)
    provider = None if kind is None else kind.provider
    held = public.pop(HELD, [])
    fields = () if kind is None else kind.fields
    return CredentialOut(
        id=row.id,
        name=row.name,
        type=row.type,
        is_available=kind is not None,
        data=public,
        # A required field is set, or the credential would not have been kept.
        secrets={one.name: one.required or one.name in held for one in fields if one.secret},
        allowed_hosts=loads(row.allowed_hosts),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        last_used_at=rfc3339(row.last_used_at),
        oauth=None if provider is None else _connection(row, provider, parts),
    )


def _connection(row: Credential, provider: str, parts: Parts) -> ConnectionOut:
    found = read_connection(row.connection)
    return ConnectionOut(
        state=found.state(parts.clock.now()),
        redirect_url=redirect_url(parts.settings.server.public_url, provider),
        expires_at=rfc3339(found.expires_at),
        is_renewable=found.is_renewable,
        scopes=found.scopes,
        account=found.account,
        error=found.error,
    )


def redirect_url(public_url: str, provider: str) -> str:
    """Where a provider sends the browser back to."""
    return f"{public_url}{router.prefix}/oauth/{provider}/callback"


def _record(session: Session, caller: Caller, action: str, row: Credential) -> None:
    detail = {"name": row.name, "type": row.type}
    target = f"credential:{row.id}"
    record(session, caller.workspace_id, caller.actor, action, target, detail)
