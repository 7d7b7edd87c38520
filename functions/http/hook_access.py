"""Whether a webhook's sender is who it should be. Fails closed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from layers.errors import NotAuthenticated, Unavailable


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


def check_sender(
    request: Request, content: bytes, authentication: str, credential: Mapping[str, Any] | None
) -> None:
    """Check the sender's proof; raises SenderRefused, or Unavailable if there is no secret."""
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
        case _:
            genuine = _signature(request, content, credential)
    if not genuine:
        raise SenderRefused


def proof_of(
    content: bytes, authentication: str, credential: Mapping[str, Any] | None
) -> dict[str, str]:
    """The headers by which a genuine sender of this content proves who it is."""
    if authentication == "none" or credential is None:
        return {}
    match authentication:
        case "header":
            return {str(credential["name"]): str(credential["value"])}
        case "basic":
            pair = f"{credential['username']}:{credential['password']}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        case _:
            return {_signature_header(credential): _signature_of(content, credential)}


def _basic(request: Request, credential: Mapping[str, Any]) -> bool:
    scheme, _space, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return _same(given, f"{credential['username']}:{credential['password']}")


def _signature(request: Request, content: bytes, credential: Mapping[str, Any]) -> bool:
    given = request.headers.get(_signature_header(credential), "")
    return _same(given, _signature_of(content, credential))


def _signature_header(credential: Mapping[str, Any]) -> str:
    return str(credential.get("header", "X-Signature"))


def _signature_of(content: bytes, credential: Mapping[str, Any]) -> str:
    algorithm = str(credential.get("algorithm", "sha256"))
    made = hmac.new(
        str(credential["secret"]).encode(), content, getattr(hashlib, algorithm)
    ).digest()
    if credential.get("encoding", "hex") == "base64":
        expected = base64.b64encode(made).decode()
    else:
        expected = made.hex()
    return str(credential.get("prefix", "")) + expected


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
