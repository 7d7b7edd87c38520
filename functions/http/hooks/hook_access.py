"""Whether a webhook's sender is who it should be. Fails closed."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from layers.credentials.hmac_signature import Scheme, Signed
from layers.errors import NotAuthenticated, Unavailable
from layers.media.charsets import LARGE
from layers.work import PROCESSOR

WRONG = {
    "header": "The header with the secret is missing or wrong.",
    "basic": "User name and password are missing or wrong: send them by HTTP Basic.",
    "hmac": "The signature is missing or wrong, or its time is too far from now.",
}

PROVED_BY_HEADERS = frozenset({"header", "basic"})
"""Where nothing of the body is needed to know the sender, so that a stranger's is never read."""


class SenderRefused(NotAuthenticated):
    """The webhook's sender did not prove who it is."""


def secret_header(authentication: str, credential: Mapping[str, Any] | None) -> str | None:
    """The header that holds the sender's secret, in lower case: it is not kept."""
    if authentication == "basic":
        return "authorization"
    if authentication == "header" and credential is not None:
        return str(credential.get("name", "")).lower()
    return None


def check_address(request: Request, allowed: list[str]) -> None:
    """Refuse senders outside the allowed networks; raises SenderRefused."""
    if not allowed:
        return
    client = ipaddress.ip_address(request.client.host if request.client else "0.0.0.0")
    for network in allowed:
        known = ipaddress.ip_network(network, strict=False)
        if client.version == known.version and client in known:
            return
    raise SenderRefused("Requests from this address are not accepted here.")


async def check_sender(
    request: Signed, authentication: str, credential: Mapping[str, Any] | None, now: float
) -> None:
    """Check the sender's proof; raises SenderRefused, or Unavailable if there is no secret.

    Signatures of large bodies are made in a thread.
    """
    if authentication == "none":
        return
    if credential is None:
        raise Unavailable("This webhook asks for authentication, but has no credential yet.")
    match authentication:
        case "header":
            given = request.headers.get(str(credential["name"]), "")
            genuine = _same(given, str(credential["value"]))
        case "basic":
            genuine = _basic(request, credential)
        case _ if len(request.content) > LARGE:
            genuine = await PROCESSOR.run(Scheme(credential).is_genuine, request, now)
        case _:
            genuine = Scheme(credential).is_genuine(request, now)
    if not genuine:
        raise SenderRefused(WRONG[authentication])


def proof_of(
    request: Signed, authentication: str, credential: Mapping[str, Any] | None, now: float
) -> dict[str, str]:
    """The headers by which a genuine sender of this request proves who it is."""
    if authentication == "none" or credential is None:
        return {}
    match authentication:
        case "header":
            return {str(credential["name"]): str(credential["value"])}
        case "basic":
            pair = f"{credential['username']}:{credential['password']}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        case _:
            return Scheme(credential).prove(request, now)


def _basic(request: Signed, credential: Mapping[str, Any]) -> bool:
    scheme, _space, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return _same(given, f"{credential['username']}:{credential['password']}")


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
