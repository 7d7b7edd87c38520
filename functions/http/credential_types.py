"""The kinds of credentials: which fields each has, and which of them are secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from functions.http import hook_signature


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


def _nothing(_values: Mapping[str, str]) -> None:
    return None


@dataclass(frozen=True)
class CredentialType:
    """One kind of credential."""

    type: str
    title: str
    summary: str
    fields: tuple[CredentialField, ...]
    hosts: tuple[str, ...] = ()
    """Where its secret belongs, to begin with."""
    provider: str | None = None
    """With whom it is connected by OAuth, if it is."""
    hosts_required: bool = False
    """Whether it is of no use without hosts, since it serves outgoing requests only."""
    mistake: Callable[[Mapping[str, str]], tuple[str, str] | None] = _nothing
    """What is wrong with fields that are right one by one: a field's name, and the remedy."""

    def field(self, name: str) -> CredentialField | None:
        """The field with this name, if there is one."""
        return next((one for one in self.fields if one.name == name), None)


_ALL = (
    CredentialType(
        "http_bearer",
        "Bearer token",
        "Sent as 'Authorization: Bearer …'.",
        (CredentialField("token", "Token", secret=True),),
        hosts_required=True,
    ),
    CredentialType(
        "http_basic",
        "User name and password",
        "HTTP Basic authentication, for requests and for webhooks.",
        (
            CredentialField("username", "User name"),
            CredentialField("password", "Password", secret=True),
        ),
    ),
    CredentialType(
        "http_header",
        "Secret header",
        "A header with a secret value, for requests and for webhooks.",
        (
            CredentialField("name", "Header", default="X-API-Key"),
            CredentialField("value", "Value", secret=True),
        ),
    ),
    CredentialType(
        "http_query",
        "Secret query parameter",
        "A query parameter with a secret value.",
        (
            CredentialField("name", "Parameter", default="api_key"),
            CredentialField("value", "Value", secret=True),
        ),
        hosts_required=True,
    ),
    CredentialType(
        "hmac",
        "Signature of the body",
        "A webhook's sender signs the body with a shared secret (HMAC). docs/webhooks.md has the"
        " settings for Stripe, Slack, GitHub, Shopify, Twilio and others.",
        (
            CredentialField("secret", "Secret", secret=True),
            CredentialField("header", "Header of the signature", default="X-Signature"),
            CredentialField(
                "algorithm", "Algorithm", default="sha256", choices=("sha1", "sha256", "sha512")
            ),
            CredentialField(
                "encoding", "Encoding", default="hex", choices=("hex", "base64", "base64url")
            ),
            CredentialField("prefix", "Text before the signature", required=False),
            CredentialField("signed_text", "What is signed", required=False, default="{body}"),
            CredentialField("signature_part", "Part of the header, such as v1", required=False),
            CredentialField("timestamp_part", "Part with the time, such as t", required=False),
            CredentialField("timestamp_header", "Header of the time", required=False),
            CredentialField(
                "tolerance_s", "Seconds that the time may be off", required=False, default="300"
            ),
            CredentialField(
                "secret_encoding",
                "The secret is written as",
                default="text",
                choices=("text", "base64", "hex"),
            ),
        ),
        mistake=hook_signature.mistake,
    ),
    CredentialType(
        "google_oauth2",
        "Google",
        "Gmail, Drive, Calendar, Sheets and others, after signing in with Google.",
        (
            CredentialField("client_id", "Client id", required=False),
            CredentialField("client_secret", "Client secret", secret=True, required=False),
            CredentialField("scopes", "Scopes", default="openid email"),
        ),
        hosts=("*.googleapis.com",),
        provider="google",
        hosts_required=True,
    ),
    CredentialType(
        "microsoft_oauth2",
        "Microsoft",
        "Outlook, OneDrive, Teams and others through Microsoft Graph, after signing in.",
        (
            CredentialField("tenant", "Tenant", default="common"),
            CredentialField("client_id", "Client id", required=False),
            CredentialField("client_secret", "Client secret", secret=True, required=False),
            CredentialField("scopes", "Scopes", default="openid email offline_access User.Read"),
        ),
        hosts=("graph.microsoft.com",),
        provider="microsoft",
        hosts_required=True,
    ),
    CredentialType(
        "oauth2",
        "OAuth 2.0",
        "Any other system with the authorization code grant; PKCE is always used.",
        (
            CredentialField("authorization_url", "Authorization address", form="url"),
            CredentialField("token_url", "Token address", form="url"),
            CredentialField("client_id", "Client id"),
            CredentialField("client_secret", "Client secret", secret=True, required=False),
            CredentialField("scopes", "Scopes", required=False),
            CredentialField(
                "client_authentication",
                "Client secret is sent",
                default="body",
                choices=("body", "basic"),
            ),
        ),
        provider="generic",
        hosts_required=True,
    ),
)

CREDENTIAL_TYPES = {one.type: one for one in _ALL}
