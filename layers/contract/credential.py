"""A credential type: which fields it has, how it signs requests, and how it is tried.

One declaration says all of it. ``http_request``, triggers, code in the sandbox and *Test* go by it
alike, so none of them knows a type by its name.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from layers.contract.context import HttpRequest, HttpResponse
from layers.signing import Signing

RESERVED_FIELDS = frozenset({"type", "allowed_hosts", "former_tokens", "signing", "secret_fields"})
"""What ``Context.credential`` gives beside a credential's own fields."""
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class CredentialField:
    """One text field. A secret one is never sent back; ``choices`` are all that is allowed."""

    name: str
    title: str
    secret: bool = False
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()
    form: Literal["text", "url"] = "text"


BEARER = Signing(headers={"Authorization": "Bearer {token}"})
"""The field ``token`` as a bearer token (RFC 6750): what comes of OAuth is sent so."""


@dataclass(frozen=True)
class OAuth:
    """With whom a credential is connected: the authorization code grant with PKCE, as data.

    Addresses may hold ``{name}`` of a field. With an ``issuer`` they are read from what it
    publishes (OpenID Connect Discovery); otherwise they are given. The client is the one of the
    fields ``client_id`` and ``client_secret``, or else the instance's own at this ``provider``;
    the scopes are those of the field ``scopes`` if there is one.
    """

    provider: str
    issuer: str = ""
    authorization_url: str = ""
    token_url: str = ""
    revocation_url: str = ""
    scopes: str = ""
    client_authentication: str = "body"
    """``body`` or ``basic``: where the client secret is sent; may be a ``{name}``."""
    authorization_params: Mapping[str, str] = field(default_factory=dict)
    """What the provider wants in the authorization address besides."""


@dataclass(frozen=True)
class Probe:
    """A request that succeeds if a service accepts the credential; it must change nothing.

    In ``url`` ``{name}`` is a field's value or, of OAuth with an issuer, an address that it
    publishes, such as ``{userinfo_endpoint}``. Where it comes out empty nothing can be asked.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


class ProbeContext(Protocol):
    """What a function that tries a credential is handed."""

    @property
    def fields(self) -> Mapping[str, str]:
        """All fields, the secret ones among them; of OAuth ``token`` alone."""
        ...

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send to an allowed host, signed as the type says; raises NodeError."""
        ...


ProbeFunction: TypeAlias = Callable[[ProbeContext], Awaitable[str]]
"""Gives what it found, in a sentence; raises NodeError where the credential is not accepted."""


def _nothing(_values: Mapping[str, str]) -> tuple[str, str] | None:
    return None


@dataclass(frozen=True)
class CredentialType:
    """One kind of credential. Of one with ``oauth`` the token is signed with: see ``signing``."""

    type: str
    title: str
    summary: str
    fields: tuple[CredentialField, ...]
    signing: Signing | None = None
    """None: it signs no requests, and is for nodes that connect in ways of their own."""
    oauth: OAuth | None = None
    hosts: tuple[str, ...] = ()
    """Where its secret belongs, to begin with; ``*.example.com`` takes in all below."""
    hosts_required: bool = False
    """Whether it is of no use without hosts, since it serves outgoing requests only."""
    probe: Probe | ProbeFunction | None = None
    """How *Test* finds out whether the service accepts it."""
    mistake: Callable[[Mapping[str, str]], tuple[str, str] | None] = _nothing
    """What is wrong with fields that are right one by one: a field's name, and the remedy."""

    def __post_init__(self) -> None:
        """Refuse names that mean something else; raises ValueError."""
        names = [one.name for one in self.fields]
        for name in names:
            if name in RESERVED_FIELDS or not _FIELD_NAME.fullmatch(name):
                raise ValueError(f"{self.type}: a field cannot be called {name!r}.")
        if len({*names}) != len(names):
            raise ValueError(f"{self.type}: two fields have the same name.")

    @property
    def provider(self) -> str | None:
        """With whom it is connected by OAuth, if it is."""
        return None if self.oauth is None else self.oauth.provider

    @property
    def secret_fields(self) -> tuple[str, ...]:
        """The names of the fields that are never shown, those that are signed with included."""
        own = tuple(one.name for one in self.fields if one.secret)
        return own if self.oauth is None else (*own, "token")

    def field(self, name: str) -> CredentialField | None:
        """The field with this name, if there is one."""
        return next((one for one in self.fields if one.name == name), None)


class Accepts(StrEnum):
    """Which types of credentials fit a slot besides those that it lists."""

    LISTED = "listed"
    SIGNING = "signing"
    """Every type that signs requests, known today or not."""
    ANY = "any"


@dataclass(frozen=True)
class Slot:
    """A place for one credential of a node, by name; ``types`` are those that fit."""

    name: str
    title: str = ""
    description: str = ""
    """What it is for, where the title does not say it."""
    types: tuple[str, ...] = ()
    accepts: Accepts = Accepts.LISTED
    is_required: bool = False

    def takes(self, kind: CredentialType) -> bool:
        """Whether a credential of this type fits."""
        match self.accepts:
            case Accepts.LISTED:
                return kind.type in self.types
            case Accepts.SIGNING:
                return kind.type in self.types or kind.signing is not None
            case Accepts.ANY:
                return True


ACCOUNT = "account"
"""The slot of a node that has one only and gives it no name."""


def slots_of(types: tuple[str, ...]) -> tuple[Slot, ...]:
    """The one slot of a node that names types only; none without any."""
    return (Slot(ACCOUNT, types=types),) if types else ()


def check_slots(owner: str, slots: tuple[Slot, ...]) -> None:
    """Each has a name of its own, and one of several a title; raises ValueError."""
    names = [slot.name for slot in slots]
    for slot in slots:
        if not _FIELD_NAME.fullmatch(slot.name):
            raise ValueError(f"{owner}: a slot cannot be called {slot.name!r}.")
        if len(slots) > 1 and not slot.title:
            raise ValueError(f"{owner}: the slot {slot.name!r} needs a title beside others.")
    if len({*names}) != len(names):
        raise ValueError(f"{owner}: two slots have the same name.")
