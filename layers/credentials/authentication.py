"""A credential on outgoing requests: where it may go, what it adds, and what must not be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from layers.contract import CredentialType, HttpRequest, NodeError, StreamedBody
from layers.credentials.hmac_signature import Scheme, Signed
from layers.credentials.hosts import host_of, matches
from layers.errors import Unavailable
from layers.media.masking import Masker
from layers.media.urls import replace_query
from layers.signing import additions, as_data, read_data

HIDDEN = "•••"


@dataclass(frozen=True)
class Authentication:
    """What a credential adds to a request, and the hosts that may get it (empty: none).

    ``secrets`` are the values that nothing that is kept may show.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    hmac: Mapping[str, str] | None = field(default=None, repr=False)

    def require_host(self, url: str) -> None:
        """Raise NodeError unless the secret may go to this URL's host."""
        if not self.secrets or self.names(url):
            return
        host = host_of(url)
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
        return any(matches(pattern, url) for pattern in self.allowed_hosts)

    def signed(self, request: HttpRequest, now: float) -> HttpRequest:
        """The request as it is sent; raises NodeError where it may not go. ``now`` in seconds."""
        self.require_host(request.url)
        url = request.url
        for name, value in self.query.items():
            url = replace_query(url, name, value)
        headers = _overlaid(request.headers, self.headers)
        if self.hmac is not None:
            headers = _overlaid(headers, self._signature(replace(request, url=url), now))
        return replace(request, url=url, headers=headers)

    def _signature(self, request: HttpRequest, now: float) -> dict[str, str]:
        if isinstance(request.body, StreamedBody):
            raise NodeError(
                "A body that is sent in pieces cannot be signed as a whole; send a smaller one, or"
                " use another credential.",
                kind="credential",
            )
        parts = urlsplit(request.url)
        signed = Signed(
            content=request.body or b"",
            headers=Headers(dict(request.headers)),
            method=request.method,
            url=request.url,
            path=parts.path,
            query=parts.query,
        )
        try:
            return Scheme(self.hmac or {}).prove(signed, now)
        except Unavailable as error:
            raise NodeError(error.detail, kind="credential") from error

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


class HasCredential(Protocol):
    """A node's or a trigger's context."""

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return a credential as the contract says."""
        ...


async def authentication(
    ctx: HasCredential, types: Sequence[str] = (), slot: str | None = None
) -> Authentication:
    """Read a credential of a node or trigger, if it has one, as additions to a request.

    Without ``slot`` it is the first one.

    Raises NodeError for one that signs no requests, or is of none of these types.
    """
    credential = await ctx.credential(types, slot)
    return Authentication() if credential is None else of_credential(credential)


def of_credential(credential: Mapping[str, Any]) -> Authentication:
    """What a credential, as ``Context.credential`` gives it, adds to a request."""
    given = credential.get("signing")
    if given is None:
        raise NodeError(
            f"A credential of type {credential.get('type')!r} signs no requests; choose one that "
            "does, such as a bearer token.",
            kind="credential",
        )
    made = additions(read_data(given), credential)
    own = [str(credential.get(name) or "") for name in credential.get("secret_fields", ())]
    # In 'Token abc' the secret is what stands behind the scheme; a pair of Basic authentication
    # is looked for also where the password is too short to be looked for alone.
    behind = [value.partition(" ")[2].strip() for value in own]
    former = credential.get("former_tokens") or ()
    return Authentication(
        headers=made.headers,
        query=made.query,
        allowed_hosts=_hosts(credential.get("allowed_hosts")),
        secrets=tuple(filter(None, (made.pair, *own, *behind, *former))),
        hmac=made.hmac,
    )


def described(
    kind: CredentialType, fields: Mapping[str, Any], allowed_hosts: Sequence[str] | str
) -> dict[str, Any]:
    """A credential as ``Context.credential`` gives it."""
    return {
        **fields,
        "type": kind.type,
        "allowed_hosts": list(_hosts(allowed_hosts)),
        "secret_fields": list(kind.secret_fields),
        "signing": None if kind.signing is None else as_data(kind.signing),
    }


def _hosts(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else (value or ())
    return tuple(part.strip().lower() for part in parts if part.strip())


def _overlaid(headers: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    replaced = {name.lower() for name in added}
    return {n: v for n, v in headers.items() if n.lower() not in replaced} | dict(added)
