"""The kinds of credentials: which fields each has, and which of them are secret."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CredentialField:
    """One text field. A secret one is never sent back; ``choices`` are all that is allowed."""

    name: str
    title: str
    secret: bool = False
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CredentialType:
    """One kind of credential."""

    type: str
    title: str
    summary: str
    fields: tuple[CredentialField, ...]

    def field(self, name: str) -> CredentialField | None:
        """The field with this name, if there is one."""
        return next((one for one in self.fields if one.name == name), None)


_ALL = (
    CredentialType(
        "http_bearer",
        "Bearer token",
        "Sent as 'Authorization: Bearer …'.",
        (CredentialField("token", "Token", secret=True),),
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
    ),
    CredentialType(
        "hmac",
        "Signature of the body",
        "A webhook's sender signs the body with a shared secret (HMAC).",
        (
            CredentialField("secret", "Secret", secret=True),
            CredentialField("header", "Header of the signature", default="X-Signature"),
            CredentialField(
                "algorithm", "Algorithm", default="sha256", choices=("sha1", "sha256", "sha512")
            ),
            CredentialField("encoding", "Encoding", default="hex", choices=("hex", "base64")),
            CredentialField("prefix", "Text before the signature", required=False),
        ),
    ),
)

CREDENTIAL_TYPES = {one.type: one for one in _ALL}
