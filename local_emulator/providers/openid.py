"""A provider of OAuth 2.0 and OpenID Connect, as strict as the large ones are.

It checks client, redirect address and PKCE, takes each code once, and gives a new refresh token
with each refresh, after which the former one is refused (RFC 6749, RFC 7636, RFC 7009, RFC 9700).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote_plus, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route


@dataclass
class Grant:
    """What somebody has allowed: who, whom, and what."""

    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    is_ended: bool = False


@dataclass
class OpenIdProvider:
    """The provider's whole state. ``lifetime_s`` is how long the tokens that it gives last."""

    client_id: str = "treadle"
    client_secret: str = "the client's secret"  # noqa: S105 - of an emulator
    email: str = "ada@example.com"
    lifetime_s: int = 3600
    is_down: bool = False
    refreshes: int = 0
    codes: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    renewal: dict[str, Grant] = field(default_factory=dict)

    def app(self) -> Starlette:
        """The provider as an ASGI app, with Google's and Microsoft's places of discovery."""
        found = ".well-known/openid-configuration"
        return Starlette(
            routes=[
                Route(f"/{found}", self.discover),
                Route(f"/{{tenant}}/v2.0/{found}", self.discover),
                Route("/authorize", self.ask),
                Route("/decide", self.decide),
                Route("/token", self.token, methods=["POST"]),
                Route("/revoke", self.revoke, methods=["POST"]),
                Route("/mail", self.resource),
                Route("/userinfo", self.userinfo),
            ]
        )

    def end_all(self) -> None:
        """Withdraw everything that anybody has allowed, as a person does in their account."""
        for grant in [*self.access.values(), *self.renewal.values()]:
            grant.is_ended = True

    async def discover(self, request: Request) -> Response:
        """OpenID Connect Discovery 1.0."""
        base = str(request.base_url).rstrip("/")
        names = ("authorization", "token", "revocation", "userinfo")
        places = ("authorize", "token", "revoke", "userinfo")
        return JSONResponse(
            {f"{n}_endpoint": f"{base}/{p}" for n, p in zip(names, places, strict=True)}
            | {"issuer": base}
        )

    async def ask(self, request: Request) -> Response:
        """The page on which somebody allows or refuses."""
        given = request.query_params
        if given.get("client_id") != self.client_id or not given.get("redirect_uri"):
            return HTMLResponse("<h1>This application is not known.</h1>", 400)
        if given.get("code_challenge_method") != "S256" or not given.get("code_challenge"):
            return HTMLResponse("<h1>PKCE is missing.</h1>", 400)
        kept = "".join(
            f"<input type=hidden name='{escape(name)}' value='{escape(value)}'>"
            for name, value in given.items()
        )
        buttons = "".join(
            f"<button name=answer value={one.lower()}>{one}</button>" for one in ("Allow", "Deny")
        )
        form = f"<form action=/decide>{kept}{buttons}</form>"
        wanted = escape(given.get("scope", ""))
        return HTMLResponse(f"<h1>Allow Treadle to use your account?</h1><p>{wanted}</p>{form}")

    async def decide(self, request: Request) -> Response:
        """Send the browser back with a code, or with a refusal."""
        given = request.query_params
        back = given["redirect_uri"]
        state = {"state": given.get("state", "")}
        if given.get("answer") != "allow":
            told = {"error": "access_denied", "error_description": "The person said no.", **state}
            return RedirectResponse(f"{back}?{urlencode(told)}", 302)
        code = secrets.token_urlsafe(16)
        self.codes[code] = Grant(
            given["client_id"], back, given["code_challenge"], given.get("scope", "")
        )
        return RedirectResponse(f"{back}?{urlencode({'code': code, **state})}", 302)

    async def token(self, request: Request) -> Response:
        """Codes and refresh tokens for tokens."""
        if self.is_down:
            return Response("Out of order", 503)
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not self._knows(request, form):
            return _refused("invalid_client", 401)
        if form.get("grant_type") == "refresh_token":
            self.refreshes += 1
            grant = self.renewal.pop(form.get("refresh_token", ""), None)
        else:
            grant = self.codes.pop(form.get("code", ""), None)
            if grant is not None and not _proves(form, grant):
                grant = None
        if grant is None or grant.is_ended:
            return _refused("invalid_grant", 400)
        return JSONResponse(self._issue(grant))

    async def revoke(self, request: Request) -> Response:
        """End a grant by one of its tokens."""
        token = str((await request.form()).get("token", ""))
        grant = self.renewal.get(token) or self.access.get(token)
        if grant is not None:
            grant.is_ended = True
        return Response()

    async def resource(self, request: Request) -> Response:
        """Something that takes a good access token."""
        grant = self._granted(request)
        if grant is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({"mail": "Hello", "scope": grant.scope})

    async def userinfo(self, request: Request) -> Response:
        """Who has allowed it (OpenID Connect Core 1.0, section 5.3)."""
        if self._granted(request) is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({"sub": "1", "email": self.email})

    def _granted(self, request: Request) -> Grant | None:
        _scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        grant = self.access.get(token)
        return None if grant is None or grant.is_ended else grant

    def _knows(self, request: Request, form: dict[str, str]) -> bool:
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _space, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            pair = base64.b64decode(encoded).decode().partition(":")
            client, secret = unquote_plus(pair[0]), unquote_plus(pair[2])
        return client == self.client_id and hmac.compare_digest(
            secret.encode(), self.client_secret.encode()
        )

    def _issue(self, grant: Grant) -> dict[str, object]:
        access, renewal = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access[access] = grant
        self.renewal[renewal] = grant
        claims = _segment({"email": self.email, "aud": grant.client_id})
        return {
            "access_token": access,
            "refresh_token": renewal,
            "token_type": "Bearer",
            "expires_in": self.lifetime_s,
            "scope": grant.scope,
            "id_token": f"{_segment({'alg': 'none'})}.{claims}.x",
        }


def _proves(form: dict[str, str], grant: Grant) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return form.get("redirect_uri") == grant.redirect_uri and challenge == grant.challenge


def _segment(claims: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def _refused(error: str, status: int) -> Response:
    return JSONResponse({"error": error, "error_description": f"That is {error}."}, status)
