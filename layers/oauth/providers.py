"""Where each kind of OAuth credential is connected: its addresses, and whose client it uses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from layers import jsontext
from layers.contract import HttpClient, HttpRequest
from layers.oauth.failures import CannotConnect
from layers.settings import OAuthSettings

GOOGLE, MICROSOFT, GENERIC = "google", "microsoft", "generic"
PROVIDER_OF = {
    "google_oauth2": GOOGLE,
    "microsoft_oauth2": MICROSOFT,
    "oauth2": GENERIC,
}
"""The provider of each type of credential that is connected by OAuth."""
REMEMBER_S = 3600.0
WITHIN_S = 15.0


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

    def __init__(self, settings: OAuthSettings, http: HttpClient) -> None:
        self._settings = settings
        self._http = http
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def endpoints(self, kind: str, fields: Mapping[str, str]) -> Endpoints:
        """The endpoints for a credential with these fields; raises CannotConnect."""
        match PROVIDER_OF[kind]:
            case "google":
                return await self._google(fields)
            case "microsoft":
                return await self._microsoft(fields)
            case _:
                return _generic(fields)

    async def _google(self, fields: Mapping[str, str]) -> Endpoints:
        known = await self._discover(self._settings.google_base)
        client = self._settings.google_client
        client_id, client_secret = _client(fields, client.id, client.secret, "GOOGLE")
        return Endpoints(
            known["authorization_endpoint"],
            known["token_endpoint"],
            client_id,
            client_secret,
            known.get("revocation_endpoint", ""),
            fields.get("scopes", ""),
            # Only with both does Google give a refresh token each time one connects.
            more={"access_type": "offline", "prompt": "consent"},
        )

    async def _microsoft(self, fields: Mapping[str, str]) -> Endpoints:
        tenant = quote(fields.get("tenant") or "common", safe="")
        known = await self._discover(f"{self._settings.microsoft_base}/{tenant}/v2.0")
        client = self._settings.microsoft_client
        client_id, client_secret = _client(fields, client.id, client.secret, "MICROSOFT")
        return Endpoints(
            known["authorization_endpoint"],
            known["token_endpoint"],
            client_id,
            client_secret,
            scopes=fields.get("scopes", ""),
        )

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


def _generic(fields: Mapping[str, str]) -> Endpoints:
    return Endpoints(
        fields["authorization_url"],
        fields["token_url"],
        fields["client_id"],
        fields.get("client_secret", ""),
        scopes=fields.get("scopes", ""),
        basic=fields.get("client_authentication") == "basic",
    )


def _client(
    fields: Mapping[str, str], instance_id: str, instance_secret: str, name: str
) -> tuple[str, str]:
    """The credential's own client, or the instance's."""
    if fields.get("client_id"):
        return fields["client_id"], fields.get("client_secret", "")
    if not instance_id:
        raise CannotConnect(
            "It has no client id, and this instance has none either: register an application with"
            f" the provider and enter its client id and secret, or set {name}_CLIENT_ID and"
            f" {name}_CLIENT_SECRET."
        )
    return instance_id, instance_secret
