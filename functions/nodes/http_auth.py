"""Credentials on HTTP requests: where each kind goes, and what must never be shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from layers.contract import Context, NodeError

HTTP_CREDENTIALS = (
    *("http_bearer", "http_basic", "http_header", "http_query"),
    # Of these the engine hands out the token only, and renews it first where it has ended.
    *("google_oauth2", "microsoft_oauth2", "oauth2"),
)
_HIDDEN = "•••"


@dataclass(frozen=True)
class HttpAuth:
    """What a credential adds to a request, and the hosts that may get it (empty: any)."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def require_host(self, url: str) -> None:
        """Raise NodeError unless the secret may go to this URL's host."""
        if self.secrets and self.allowed_hosts and not self.names(url):
            raise NodeError(
                f"The credential may not be sent to '{urlsplit(url).hostname}'. Use a host of its "
                f"list ({', '.join(self.allowed_hosts)}), or add this one to the credential.",
                kind="credential_host",
            )

    def names(self, url: str) -> bool:
        """Say whether the list of allowed hosts names this URL's host."""
        return any(_matches(pattern, url) for pattern in self.allowed_hosts)

    def hide(self, text: str) -> str:
        """Blank out the secret wherever it stands in a text, encoded or not."""
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        return text


async def http_auth(ctx: Context, types: Sequence[str] = HTTP_CREDENTIALS) -> HttpAuth:
    """Read the node's credential, if it has one, as additions to a request."""
    credential = await ctx.credential(types)
    if credential is None:
        return HttpAuth()
    return _BUILDERS[str(credential["type"])](credential, _hosts(credential.get("allowed_hosts")))


def _bearer(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    token = _field(credential, "token")
    return HttpAuth({"Authorization": f"Bearer {token}"}, {}, hosts, _forms(token))


def _basic(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    password = _field(credential, "password", empty=True)
    pair = f"{_field(credential, 'username', empty=True)}:{password}".encode()
    text = base64.b64encode(pair).decode()
    return HttpAuth({"Authorization": f"Basic {text}"}, {}, hosts, (*_forms(password), text))


def _header(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    value = _field(credential, "value")
    return HttpAuth({_field(credential, "name"): value}, {}, hosts, _forms(value))


def _query(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    value = _field(credential, "value")
    return HttpAuth({}, {_field(credential, "name"): value}, hosts, _forms(value))


_BUILDERS = {
    "http_bearer": _bearer,
    "http_basic": _basic,
    "http_header": _header,
    "http_query": _query,
    "google_oauth2": _bearer,
    "microsoft_oauth2": _bearer,
    "oauth2": _bearer,
}


def _field(credential: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    value = credential.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise NodeError(
            f"The credential has no '{name}'; open it and fill that in.", kind="credential"
        )
    return value


def _forms(secret: str) -> tuple[str, ...]:
    """The secret as it may be echoed; the longest first, so that no part is left over."""
    encoded = base64.b64encode(secret.encode()).decode()
    forms = {secret, quote(secret, safe=""), quote_plus(secret), encoded}
    return tuple(sorted((form for form in forms if form), key=len, reverse=True))


def _hosts(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else (value or ())
    return tuple(part.strip().lower() for part in parts if part.strip())


def _matches(pattern: str, url: str) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    wanted, colon, port = pattern.rpartition(":")
    if not (colon and port.isdecimal()):
        wanted = pattern
    elif int(port) != (parts.port or (443 if parts.scheme == "https" else 80)):
        return False
    if wanted.startswith("*."):
        return host.endswith(wanted[1:])
    return host == wanted.strip("[]")
