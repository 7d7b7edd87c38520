"""What is sent of credentials, and what goes out: never a secret."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.http.shapes import Identifier, In, Moment, Name, Out
from layers.oauth.connection import ConnectionState

Value = Annotated[str, StringConstraints(max_length=20_000)]
Host = Annotated[
    str,
    StringConstraints(
        max_length=255, pattern=r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$"
    ),
]
Data = Annotated[
    dict[str, Value],
    Field(
        max_length=20,
        description="The fields of the type, secret ones among them.",
        examples=[{"token": "s3cret"}],
    ),
]
Hosts = Annotated[
    list[Host],
    Field(
        max_length=100,
        description=(
            "Where the secret may be sent; `*.example.com` takes in all below. Empty: nowhere, as"
            " suits what only proves callers of webhooks."
        ),
        examples=[["api.example.com"]],
    ),
]


class CredentialIn(In):
    """A new credential."""

    name: Name
    type: Annotated[str, StringConstraints(max_length=100), Field(examples=["http_bearer"])]
    data: Data
    allowed_hosts: Hosts | None = Field(
        default=None, description="Left out: those of the type, of most types none."
    )


class CredentialUpdate(In):
    """A changed credential; secret fields that are left out stay as they are."""

    name: Name
    data: Data = {}
    allowed_hosts: Hosts | None = Field(default=None, description="Left out: they stay.")


class ConnectionOut(Out):
    """How a credential is connected with its provider."""

    state: ConnectionState
    redirect_url: str = Field(
        description="What has to be registered with the provider, letter by letter."
    )
    expires_at: Moment | None = Field(description="When the present token ends, if that is known.")
    is_renewable: bool = Field(description="Whether it is renewed without anybody's doing.")
    scopes: str
    account: str | None
    error: str | None = Field(description="Why it has to be connected again.")


class CredentialOut(Out):
    """A credential without its secrets."""

    id: Identifier
    name: str
    type: str
    is_available: bool = Field(
        description="Whether its type is installed; if not, it can only be read and deleted."
    )
    data: dict[str, str] = Field(description="The fields that are not secret.")
    secrets: dict[str, bool] = Field(description="Which of the secret fields are set.")
    allowed_hosts: list[str]
    created_at: Moment
    updated_at: Moment
    last_used_at: Moment | None
    oauth: ConnectionOut | None = Field(description="Of types with a provider; null of others.")


class CredentialUseOut(Out):
    """A workflow that names a credential, in its newest or active version or its draft."""

    workflow_id: Identifier
    workflow_name: str


class CredentialTestOut(Out):
    """What a test of a credential found."""

    ok: bool
    message: str


class CredentialFieldOut(Out):
    """One text field of a credential type."""

    name: str
    title: str
    secret: bool
    required: bool
    default: str
    choices: list[str]
    form: Literal["text", "url"]


class CredentialTypeOut(Out):
    """A kind of credential."""

    type: str
    title: str
    summary: str
    fields: list[CredentialFieldOut]
    hosts: list[str] = Field(description="Where its secret belongs, to begin with.")
    hosts_required: bool = Field(
        description="Whether it is of no use without hosts: it serves outgoing requests only."
    )
    provider: str | None = Field(description="With whom it is connected by OAuth, if it is.")
