"""Connecting a credential with its provider, in a window of its own."""

from __future__ import annotations

import secrets
from html import escape
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.credentials.credential_rows import place_of, workspace_key
from functions.http.credentials.credentials import redirect_url
from functions.http.endpoint import group, problems
from functions.http.shapes import Out, PathId
from functions.parts import Parts
from layers import jsontext
from layers.contract import NodeError
from layers.database.models import Credential, OAuthAttempt
from layers.database.repositories.credentials import Credentials
from layers.database.repositories.oauth_attempts import end_expired_attempts, take_attempt
from layers.errors import Conflict, NotFound
from layers.identity import Caller, Permission, Via
from layers.identity.audit import record
from layers.identity.tokens import new_token, token_hash
from layers.oauth import protocol
from layers.oauth.connection import Connection, read_tokens, write_connection, write_tokens
from layers.oauth.failures import CannotConnect, Refused
from layers.oauth.freshness import tokens_row
from layers.oauth.providers import Endpoints
from layers.vault import Row, WorkspaceKey
from layers.work import DATABASE

router = group("credentials", "/credentials")

VALID_S = 600.0
BROWSERS = "A credential is connected in a browser: sign in there, and connect it."
CHANNEL = "treadle-oauth"
# RFC 6749, appendix A: all of these are printable ASCII.
Word = Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")]
Text = Annotated[str, Field(max_length=4000, pattern=r"^[\x20-\x7e]*$")]


class AuthorizationOut(Out):
    """Where to send the browser."""

    authorization_url: str = Field(description="With the provider; it is good for ten minutes.")


class ProviderAnswer(BaseModel):
    """What a provider sends the browser back with; it may say more than is read (RFC 6749)."""

    state: Word = ""
    code: Text = ""
    error: Word = ""
    error_description: Text = ""


@router.get(
    "/oauth/{provider}/start",
    response_model=AuthorizationOut,
    responses={
        307: {"description": "To the provider, for a browser."},
        **problems(_404="No credential with this provider.", _409=BROWSERS, _502="No provider."),
    },
)
async def start_connection(
    provider: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_WRITE)],
    credential_id: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Begin to connect a credential: leads the browser to its provider.

    With `Accept: application/json` the address is answered instead.
    """
    parts = parts_of(request)
    fields, kind = await DATABASE.run(_fields, parts, caller, provider, credential_id)
    if caller.via is not Via.SESSION:
        raise Conflict(BROWSERS)
    endpoints = await _endpoints(parts, kind, fields)
    state, verifier = new_token(), protocol.new_verifier()
    await DATABASE.run(_begin, parts, caller, credential_id, state, verifier)
    back = redirect_url(parts.settings.server.public_url, provider)
    address = protocol.authorization_address(endpoints, back, state, verifier)
    if "application/json" in request.headers.get("accept", ""):
        return Response(
            jsontext.dumps({"authorization_url": address}), media_type="application/json"
        )
    return RedirectResponse(address)


@router.get(
    "/oauth/{provider}/callback",
    response_class=HTMLResponse,
    responses=problems(_404="This was not begun here, or too long ago, or is over."),
)
async def finish_connection(
    provider: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_WRITE)],
    answer: Annotated[ProviderAnswer, Query()],
) -> HTMLResponse:
    """Where the provider sends the browser back to: keeps the tokens, and closes the window."""
    parts = parts_of(request)
    attempt = await DATABASE.run(_take, parts, caller, answer.state)
    if attempt is None or attempt.expires_at < parts.clock.now():
        raise NotFound("This was not begun in this browser, or too long ago. Connect it again.")
    fields, kind = await DATABASE.run(_fields, parts, caller, provider, attempt.credential_id)
    if answer.error or not answer.code:
        why = answer.error_description or answer.error or "it sent no code"
        return _page(False, f"The provider refused: {why}")
    try:
        endpoints = await _endpoints(parts, kind, fields)
        back = redirect_url(parts.settings.server.public_url, provider)
        verifier = await DATABASE.run(_verifier, parts, caller, attempt)
        tokens = await protocol.exchange(
            parts.http, endpoints, answer.code, back, verifier, parts.clock.now()
        )
    except (CannotConnect, Refused) as failure:
        return _page(False, failure.detail)
    except NodeError as failure:
        return _page(False, failure.message)
    await DATABASE.run(_keep, parts, caller, attempt.credential_id, tokens)
    return _page(True, f"Connected{f' as {tokens.account}' if tokens.account else ''}.")


@router.delete("/{credential_id}/connection", status_code=204)
async def end_connection(
    credential_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.CREDENTIAL_WRITE)],
) -> None:
    """Forget a credential's tokens, and ask the provider to do so, too."""
    parts = parts_of(request)
    former = await DATABASE.run(_forget, parts, caller, credential_id)
    if former is None:
        return
    kind, fields, tokens = former
    try:
        await protocol.revoke(parts.http, await _endpoints(parts, kind, fields), tokens)
    except (CannotConnect, NodeError):
        return  # They are forgotten here in any case.


async def _endpoints(parts: Parts, kind: str, fields: dict[str, str]) -> Endpoints:
    try:
        return await parts.providers.endpoints(kind, fields)
    except NodeError as error:
        raise CannotConnect(f"The provider cannot be reached: {error.message}") from error


def _fields(
    parts: Parts, caller: Caller, provider: str, credential_id: str
) -> tuple[dict[str, str], str]:
    """All fields of a credential of this provider, and its type; raises NotFound."""
    with parts.database.read() as session:
        row = Credentials(session, caller.workspace_id).get(credential_id)
        kind = parts.registry.credentials.get(row.type)
        if kind is None or kind.provider != provider:
            raise NotFound
        key = workspace_key(session, caller.workspace_id)
    secret = jsontext.loads(parts.vault.open(key, place_of(row), row.sealed))
    return {**jsontext.loads(row.public), **secret}, row.type


def _attempt_row(state_hash: str) -> Row:
    return Row("oauth_attempts", state_hash)


def _begin(parts: Parts, caller: Caller, credential_id: str, state: str, verifier: str) -> None:
    now = parts.clock.now()
    hashed = token_hash(state)
    with parts.database.write() as session:
        end_expired_attempts(session, now)
        key = workspace_key(session, caller.workspace_id)
        session.add(
            OAuthAttempt(
                workspace_id=caller.workspace_id,
                state_hash=hashed,
                session_hash=caller.proof_id,
                credential_id=credential_id,
                sealed_verifier=parts.vault.seal(key, _attempt_row(hashed), verifier),
                expires_at=now + VALID_S,
            )
        )
        _record(session, caller, "credential.connecting", credential_id)


def _take(parts: Parts, caller: Caller, state: str) -> OAuthAttempt | None:
    with parts.database.write() as session:
        found = take_attempt(session, token_hash(state), caller.proof_id)
    # The session may have gone into another workspace meanwhile.
    return found if found is not None and found.workspace_id == caller.workspace_id else None


def _verifier(parts: Parts, caller: Caller, attempt: OAuthAttempt) -> str:
    with parts.database.read() as session:
        key = workspace_key(session, caller.workspace_id)
    row = _attempt_row(attempt.state_hash)
    return parts.vault.open(key, row, attempt.sealed_verifier)


def _keep(parts: Parts, caller: Caller, credential_id: str, tokens: protocol.Tokens) -> None:
    with parts.database.write() as session:
        row = Credentials(session, caller.workspace_id).get(credential_id)
        key = workspace_key(session, caller.workspace_id)
        place = tokens_row(row.id, row.type)
        row.tokens = parts.vault.seal(key, place, write_tokens(tokens))
        row.connection = write_connection(Connection.of(tokens))
        row.refresh_until = None
        _record(session, caller, "credential.connected", row.id)


def _forget(
    parts: Parts, caller: Caller, credential_id: str
) -> tuple[str, dict[str, str], protocol.Tokens] | None:
    with parts.database.write() as session:
        row = Credentials(session, caller.workspace_id).get(credential_id)
        key = workspace_key(session, caller.workspace_id)
        former = _opened(parts, key, row)
        row.tokens, row.connection, row.refresh_until = None, None, None
        _record(session, caller, "credential.disconnected", row.id)
    return former


def _opened(
    parts: Parts, key: WorkspaceKey, row: Credential
) -> tuple[str, dict[str, str], protocol.Tokens] | None:
    if row.tokens is None:
        return None
    tokens = read_tokens(parts.vault.open(key, tokens_row(row.id, row.type), row.tokens))
    secret = jsontext.loads(parts.vault.open(key, place_of(row), row.sealed))
    return row.type, {**jsontext.loads(row.public), **secret}, tokens


def _record(session: Session, caller: Caller, action: str, credential_id: str) -> None:
    target = f"credential:{credential_id}"
    record(session, caller.workspace_id, caller.actor, action, target)


def _page(connected: bool, message: str) -> HTMLResponse:
    """A page that tells the app, closes itself, and says it to whoever sees it all the same."""
    nonce = secrets.token_urlsafe(16)
    told = jsontext.dumps({"connected": connected, "message": message}).replace("<", "\\u003c")
    script = f"new BroadcastChannel('{CHANNEL}').postMessage({told});"
    if connected:
        script += "window.close();"
    title = "Connected" if connected else "Not connected"
    body = (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title} · Treadle</title>"
        f"<meta name='viewport' content='width=device-width'><h1>{title}</h1>"
        f"<p>{escape(message)}</p><p>You can close this window.</p>"
        f"<script nonce='{nonce}'>{script}</script></html>"
    )
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors 'none'"
    return HTMLResponse(body, headers={"content-security-policy": policy})
