"""The authorization code grant with PKCE, and the refresh of its tokens (RFC 6749, RFC 7636)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from layers import jsontext
from layers.contract import HttpClient, HttpRequest
from layers.oauth.failures import CannotConnect, Refused
from layers.oauth.providers import Endpoints

WITHIN_S = 20.0
LONGEST_ANSWER = 256 * 1024
DEFAULT_LIFE_S = 3600.0
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True)
class Tokens:
    """What a provider gave. ``expires_at`` is in seconds since the epoch; None: it did not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float | None
    scopes: str
    account: str | None
    """Who has connected, where the provider says."""
    former_token: str = field(default="", repr=False)
    """The access token before, which others may send back although it has ended."""


def new_verifier() -> str:
    """A fresh PKCE verifier."""
    return str(WebApplicationClient("").create_code_verifier(64))


def authorization_address(
    endpoints: Endpoints, redirect_url: str, state: str, verifier: str
) -> str:
    """Where the browser is to be sent."""
    client = WebApplicationClient(endpoints.client_id)
    given = {
        "response_type": "code",
        "client_id": endpoints.client_id,
        "redirect_uri": redirect_url,
        "state": state,
        "code_challenge": client.create_code_challenge(verifier, "S256"),
        "code_challenge_method": "S256",
        **({"scope": endpoints.scopes} if endpoints.scopes else {}),
        **endpoints.more,
    }
    joint = "&" if urlsplit(endpoints.authorization_url).query else "?"
    return f"{endpoints.authorization_url}{joint}{urlencode(given)}"


async def exchange(
    http: HttpClient, endpoints: Endpoints, code: str, redirect_url: str, verifier: str, now: float
) -> Tokens:
    """Give a code for tokens; raises Refused or CannotConnect, NodeError if nobody answers."""
    body = WebApplicationClient(endpoints.client_id).prepare_request_body(
        code=code, redirect_uri=redirect_url, code_verifier=verifier, include_client_id=False
    )
    return await _ask(http, endpoints, body, now, None)


async def refresh(http: HttpClient, endpoints: Endpoints, tokens: Tokens, now: float) -> Tokens:
    """Give a refresh token for new tokens; raises as ``exchange`` does."""
    client = WebApplicationClient(endpoints.client_id)
    body = client.prepare_refresh_body(refresh_token=tokens.refresh_token)
    return await _ask(http, endpoints, body, now, tokens)


async def revoke(http: HttpClient, endpoints: Endpoints, tokens: Tokens) -> None:
    """Tell the provider that the tokens are not needed any more (RFC 7009), where it listens."""
    if not endpoints.revocation_url:
        return
    body = urlencode({"token": tokens.refresh_token or tokens.access_token}).encode()
    url = endpoints.revocation_url
    await http.send(HttpRequest("POST", url, headers=FORM, body=body, timeout_s=WITHIN_S))


async def _ask(
    http: HttpClient, endpoints: Endpoints, body: str, now: float, former: Tokens | None
) -> Tokens:
    proof, more = _proof(endpoints)
    sent = f"{body}&{urlencode(more)}" if more else body
    answer = await http.send(
        HttpRequest(
            "POST",
            endpoints.token_url,
            headers={**FORM, **proof},
            body=sent.encode(),
            timeout_s=WITHIN_S,
            follow_redirects=0,
            max_response_bytes=LONGEST_ANSWER,
        )
    )
    host = urlsplit(endpoints.token_url).hostname
    if answer.status >= 500 or answer.status == 429:
        raise CannotConnect(f"{host} answered {answer.status}; try again later.")
    client = WebApplicationClient(endpoints.client_id)
    try:
        given = client.parse_request_body_response(answer.body.decode("utf-8", "replace"))
    except InvalidGrantError as error:
        raise Refused(_said(host, error)) from error
    except OAuth2Error as error:
        raise CannotConnect(_said(host, error)) from error
    except ValueError as error:
        raise CannotConnect(f"{host} answered {answer.status}, and not with tokens.") from error
    return _tokens(given, endpoints, now, former)


def _said(host: str | None, error: OAuth2Error) -> str:
    told = error.description or error.error or "no reason given"
    return f"{host} refused: {str(told)[:300]}"


def _proof(endpoints: Endpoints) -> tuple[dict[str, str], dict[str, str]]:
    """How the client says who it is: headers, and members of the body (RFC 6749, 2.3.1)."""
    if not endpoints.basic:
        secret = endpoints.client_secret
        more = {"client_secret": secret} if secret else {}
        return {}, {"client_id": endpoints.client_id, **more}
    pair = f"{quote_plus(endpoints.client_id)}:{quote_plus(endpoints.client_secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}


def _tokens(
    given: Mapping[str, Any], endpoints: Endpoints, now: float, former: Tokens | None
) -> Tokens:
    lasts = given.get("expires_in")
    scopes = given.get("scope") or endpoints.scopes
    return Tokens(
        access_token=str(given["access_token"]),
        # One that is not given anew stays good.
        refresh_token=str(given.get("refresh_token") or (former.refresh_token if former else "")),
        expires_at=now + float(lasts) if lasts is not None else None,
        scopes=scopes if isinstance(scopes, str) else " ".join(scopes),
        account=_account(given.get("id_token")) or (former.account if former else None),
    )


def _account(id_token: object) -> str | None:
    """Whose account it is, to show it. The token came from the provider itself over TLS."""
    if not isinstance(id_token, str) or id_token.count(".") != 2:
        return None
    payload = id_token.split(".")[1]
    try:
        claims = jsontext.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    for name in ("email", "preferred_username", "name"):
        if isinstance(claims.get(name), str):
            return str(claims[name])[:200]
    return None
