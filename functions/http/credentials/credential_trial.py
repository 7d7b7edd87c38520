"""Trying a credential: whether it opens, is complete, and is accepted by its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.parts import Parts
from layers.contract import CredentialType, NodeError
from layers.credentials.fields import checked
from layers.credentials.probing import ask
from layers.errors import InvalidInput
from layers.oauth.failures import CannotConnect


@dataclass(frozen=True)
class Opened:
    """A credential's row, opened; ``broken`` says why it could not be."""

    id: str
    type: str
    fields: Mapping[str, str] = field(repr=False)
    allowed_hosts: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True)
class Trial:
    """What came of it."""

    ok: bool
    message: str


async def tried(parts: Parts, workspace_id: str, opened: Opened) -> Trial:
    """Try a credential as its type says."""
    kind = parts.registry.credentials.get(opened.type)
    if kind is None:
        return Trial(
            False,
            f"Its type {opened.type!r} is not installed here: install what brings it.",
        )
    if wrong := opened.broken or _incomplete(kind, opened):
        return Trial(False, wrong)
    try:
        # What a node would get: of OAuth a token that is good.
        credential = await parts.engine.services.credentials.load(workspace_id, opened.id)
        addresses = await _published(parts, kind, opened.fields)
        found = await ask(kind, credential, addresses, parts.http, parts.clock.now())
    except NodeError as error:
        return Trial(False, error.message)
    except CannotConnect as error:
        return Trial(False, error.detail)
    if found is not None:
        return Trial(True, found)
    if kind.oauth is not None:
        return Trial(True, "It is connected, and its token is good.")
    remedy = (
        " Give it an address to test it with, and it is asked there."
        if kind.field("test_url")
        else " Whether the other side accepts it shows when a node uses it."
    )
    return Trial(True, f"It opens and is complete; nobody was asked.{remedy}")


def _incomplete(kind: CredentialType, opened: Opened) -> str:
    try:
        checked(kind, opened.fields)
    except InvalidInput as error:
        return error.errors[0].message
    if kind.hosts_required and not opened.allowed_hosts:
        return "It names no hosts, so it is sent nowhere: add those that may get it."
    return ""


async def _published(
    parts: Parts, kind: CredentialType, fields: Mapping[str, str]
) -> Mapping[str, str]:
    return {} if kind.oauth is None else await parts.providers.published(kind.type, fields)
