"""Credentials on HTTP requests: where each kind goes, and what must never be shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from yarl import URL

from layers.contract import Context, NodeError
from layers.media.masking import Masker

HTTP_CREDENTIALS = (
    *("http_bearer", "http_basic", "http_header", "http_query"),
    # Of these the engine hands out the token only, and renews it first where it has ended.
    *("google_oauth2", "microsoft_oauth2", "oauth2"),
)
HIDDEN = "•••"


@dataclass(frozen=True)
class HttpAuth:
    """What a credential adds to a request, and the hosts that may get it (empty: none).

    ``secrets`` are the values that nothing that is kept may show.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def require_host(self, url: str) -> None:
        """Raise NodeError unless the secret may go to this URL's host."""
        if not self.secrets or self.names(url):
            return
        host = _host(url)
        if not self.allowed_hosts:
            raise NodeError(
                f"The credential names no hosts, so it is sent nowhere. Open it under Credentials, "
                f"add '{host}' to its allowed hosts, and enter its secret again.",
                kind="credential_host",
                detail={"host": host},
            )
        raise NodeError(
            f"The credential may not be sent to '{host}'. Use a host of its list "
            f"({', '.join(self.allowed_hosts)}), or open it under Credentials, add '{host}' to its "
            "allowed hosts, and enter its secret again.",
            kind="credential_host",
            detail={"host": host},
        )

    def names(self, url: str) -> bool:
        """Say whether the list of allowed hosts names this URL's host."""
        return any(_matches(pattern, url) for pattern in self.allowed_hosts)

    @cached_property
    def masker(self) -> Masker:
        """Blanks the secrets out of what others send back."""
        return Masker(self.secrets, HIDDEN)

    def hide(self, text: str) -> str:
        """Blank out the secret wherever it stands in a text, encoded or not."""
        return self.masker.text(text)

    def hidden(self, error: NodeError) -> NodeError:
        """The error with the secrets blanked out of its message and detail."""
        error.message = self.hide(error.message)
        error.args = (error.message,)
        error.detail = self.masker.json(error.detail)
        return error


async def http_auth(ctx: Context, types: Sequence[str] = HTTP_CREDENTIALS) -> HttpAuth:
    """Read the node's credential, if it has one, as additions to a request."""
    credential = await ctx.credential(types)
    if credential is None:
        return HttpAuth()
    made = _BUILDERS[str(credential["type"])](credential, _hosts(credential.get("allowed_hosts")))
    former = tuple(credential.get("former_tokens") or ())
    return replace(made, secrets=(*made.secrets, *former)) if former else made


def _bearer(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    token = _field(credential, "token")
    return HttpAuth({"Authorization": f"Bearer {token}"}, {}, hosts, (token,))


def _basic(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    password = _field(credential, "password", empty=True)
    pair = f"{_field(credential, 'username', empty=True)}:{password}"
    text = base64.b64encode(pair.encode()).decode()
    # Also where the password is so short that it is not looked for alone.
    return HttpAuth({"Authorization": f"Basic {text}"}, {}, hosts, (pair, password))


def _header(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    value = _field(credential, "value")
    # In 'Token abc' the secret is what stands behind the scheme.
    secrets = tuple(filter(None, (value, value.partition(" ")[2].strip())))
    return HttpAuth({_field(credential, "name"): value}, {}, hosts, secrets)


def _query(credential: Mapping[str, Any], hosts: tuple[str, ...]) -> HttpAuth:
    value = _field(credential, "value")
    return HttpAuth({}, {_field(credential, "name"): value}, hosts, (value,))


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


def _hosts(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else (value or ())
    return tuple(part.strip().lower() for part in parts if part.strip())


def _matches(pattern: str, url: str) -> bool:
    host = _host(url).rstrip(".")
    wanted, colon, port = pattern.rpartition(":")
    if not (colon and port.isdecimal()):
        wanted = pattern
    elif int(port) != _port(url):
        return False
    if wanted.startswith("*."):
        return host.endswith(wanted[1:])
    return host == wanted.strip("[]")


def _host(url: str) -> str:
    """The host as it is connected to, names beyond ASCII in their encoded form; empty for none."""
    try:
        return (URL(url).raw_host or "").lower()
    except ValueError:
        return ""


def _port(url: str) -> int | None:
    try:
        return URL(url).port
    except ValueError:
        return None
