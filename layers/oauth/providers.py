"""Where each kind of OAuth credential is connected: its addresses, and whose client it uses."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from layers import jsontext
from layers.contract import CredentialType, HttpClient, HttpRequest, OAuth
from layers.oauth.failures import CannotConnect
from layers.settings import OAuthSettings

REMEMBER_S = 3600.0
WITHIN_S = 15.0
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Endpoints:
    """A provider's addresses for one credential, and the client that we are there."""

    authorization_url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    revocation_url: str = ""
    scopes: str = ""
    basic: bool = False
    """Whether the client proves itself by HTTP Basic instead of in the body."""
    more: Mapping[str, str] = field(default_factory=dict)
    """What the provider wants in the authorization address besides."""


class Providers:
    """Finds endpoints; what providers publish of themselves is remembered for an hour."""

    def __init__(
        self, settings: OAuthSettings, http: HttpClient, types: Mapping[str, CredentialType]
    ) -> None:
        self._settings = settings
        self._http = http
        self._types = types
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def endpoints(self, kind: str, fields: Mapping[str, str]) -> Endpoints:
        """The endpoints for a credential with these fields; raises CannotConnect."""
        oauth = self._oauth_of(kind)
        known = await self._addresses(oauth, fields)
        client_id, client_secret = self._client(oauth.provider, fields)
        return Endpoints(
            known["authorization_endpoint"],
            known["token_endpoint"],
            client_id,
            client_secret,
            known.get("revocation_endpoint", ""),
            fields.get("scopes", oauth.scopes),
            basic=_filled(oauth.client_authentication, fields) == "basic",
            more=oauth.authorization_params,
        )

    async def published(self, kind: str, fields: Mapping[str, str]) -> Mapping[str, str]:
        """The addresses that a credential's provider publishes; raises CannotConnect."""
        oauth = self._oauth_of(kind)
        if not oauth.issuer:
            return {}
        known = await self._addresses(oauth, fields)
        return {name: value for name, value in known.items() if isinstance(value, str)}

    def _oauth_of(self, kind: str) -> OAuth:
        declared = self._types.get(kind)
        if declared is None or declared.oauth is None:
            raise CannotConnect(f"There is no type of credential {kind!r} that can be connected.")
        return declared.oauth

    async def _addresses(self, oauth: OAuth, fields: Mapping[str, str]) -> dict[str, Any]:
        if oauth.issuer:
            base = self._settings.base_of(oauth.provider)
            issuer = _filled(oauth.issuer, fields)
            return await self._discover(f"{base}{urlsplit(issuer).path}" if base else issuer)
        return {
            "authorization_endpoint": _filled(oauth.authorization_url, fields),
            "token_endpoint": _filled(oauth.token_url, fields),
            "revocation_endpoint": _filled(oauth.revocation_url, fields),
        }

    def _client(self, provider: str, fields: Mapping[str, str]) -> tuple[str, str]:
        """The credential's own client, or the instance's."""
        if fields.get("client_id"):
            return fields["client_id"], fields.get("client_secret", "")
        client = self._settings.client_of(provider)
        if not client.id:
            name = provider.upper()
            raise CannotConnect(
                "It has no client id, and this instance has none either: register an application"
                f" with the provider and enter its client id and secret, or set {name}_CLIENT_ID"
                f" and {name}_CLIENT_SECRET."
            )
        return client.id, client.secret

    async def _discover(self, issuer: str) -> dict[str, Any]:
        """What a provider says of itself (OpenID Connect Discovery 1.0, section 4)."""
        read_at, known = self._known.get(issuer, (0.0, {}))
        if known and time.monotonic() - read_at < REMEMBER_S:
            return known
        url = f"{issuer}/.well-known/openid-configuration"
        answer = await self._http.send(HttpRequest(method="GET", url=url, timeout_s=WITHIN_S))
        try:
            known = dict(jsontext.loads(answer.body))
            if answer.status != 200 or not {"authorization_endpoint", "token_endpoint"} <= {*known}:
                raise ValueError
        except (ValueError, TypeError) as error:
            message = f"{url} answered {answer.status}, and not with a provider's addresses."
            raise CannotConnect(message) from error
        self._known[issuer] = (time.monotonic(), known)
        return known


def _filled(text: str, fields: Mapping[str, str]) -> str:
    """A text with fields in it: encoded as parts of an address, unless a field is all of it."""
    whole = _FIELD.fullmatch(text)
    if whole is not None:
        return fields.get(whole[1], "")
    return _FIELD.sub(lambda found: quote(fields.get(found[1], ""), safe=""), text)
