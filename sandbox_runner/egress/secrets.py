"""Credentials that code may use without seeing them: placeholders in, the secret put in outside."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from layers.errors import FieldError
from layers.node_error import NodeError
from layers.signing import Signing, additions, read_data
from sandbox_runner.egress.destinations import BadDestination, Pattern, any_matches, read_pattern

PREFIX = "tdl-secret-"
MOST_CREDENTIALS = 10
_LONGEST_SECRET = 20_000


class SecretRefused(Exception):
    """A secret that may not go where the code wants to send it."""


@dataclass(frozen=True)
class Credential:
    """One credential of a run, as the runner gets it from the engine."""

    name: str
    type: str
    public: Mapping[str, str]
    secret: Mapping[str, str]
    allowed_hosts: tuple[Pattern, ...]
    signing: Signing | None = None
    """What its type adds to a request."""
    slot: str = ""
    """The place of the node that it is chosen for."""


class Handles:
    """The placeholders of one run, and what they stand for."""

    def __init__(self, credentials: Sequence[Credential]) -> None:
        self._values: dict[str, tuple[Credential, str]] = {}
        self.shown: list[dict[str, Any]] = []
        for credential in credentials:
            fields: dict[str, str] = dict(credential.public)
            for field, value in credential.secret.items():
                placeholder = PREFIX + secrets.token_hex(16)
                self._values[placeholder] = (credential, value)
                fields[field] = placeholder
            self.shown.append(
                {
                    "name": credential.name,
                    "slot": credential.slot,
                    "type": credential.type,
                    "fields": fields,
                    "additions": _additions(credential, fields),
                }
            )

    def mentioned_in(self, text: str) -> bool:
        """Say whether a text holds a placeholder of this run."""
        return PREFIX in text and any(placeholder in text for placeholder in self._values)

    def fill_header(self, value: str, host: str, port: int) -> tuple[str, list[str]]:
        """Return a header's value with the secrets in, and those secrets; raises SecretRefused."""
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic" and PREFIX not in value:
            try:
                pair = base64.b64decode(rest.strip(), validate=True).decode()
            except (binascii.Error, ValueError):
                return value, []
            filled, used = self.fill(pair, host, port)
            if not used:
                return value, []
            encoded = base64.b64encode(filled.encode()).decode()
            return f"{scheme} {encoded}", [*used, filled]
        filled, used = self.fill(value, host, port)
        if used and not all(letter.isprintable() and ord(letter) < 256 for letter in filled):
            raise SecretRefused("the secret holds characters that no header can hold")
        return filled, used

    def fill_query(self, target: str, host: str, port: int) -> tuple[str, list[str]]:
        """Return a request's path and query with the secrets in, encoded; raises SecretRefused."""
        return self.fill(target, host, port, encoded=True)

    def fill(
        self, text: str, host: str, port: int, *, encoded: bool = False
    ) -> tuple[str, list[str]]:
        """Return a text with the secrets in, and those secrets; raises SecretRefused."""
        used: list[str] = []
        if PREFIX not in text:
            return text, used
        for placeholder, (credential, value) in self._values.items():
            if placeholder in text:
                _require(credential, host, port)
                text = text.replace(placeholder, quote(value, safe="") if encoded else value)
                used.append(value)
        return text, used


def _additions(credential: Credential, fields: Mapping[str, str]) -> dict[str, Any]:
    """What the code's requests get on top, placeholders for secrets; or why there is nothing."""
    if credential.signing is None:
        return {
            "refusal": f"a credential of type '{credential.type}' signs no requests; put its fields"
            " into the request yourself"
        }
    if credential.signing.hmac is not None:
        return {
            "refusal": f"a credential of type '{credential.type}' signs each request as a whole,"
            " which a sandbox without its secret cannot do; send it with the node http_request"
        }
    try:
        made = additions(credential.signing, fields)
    except NodeError as error:
        return {"refusal": error.message}
    return {"headers": dict(made.headers), "query": dict(made.query)}


def _require(credential: Credential, host: str, port: int) -> None:
    if not credential.allowed_hosts:
        raise SecretRefused(
            f"the credential '{credential.name}' names no allowed hosts; add '{host}' to them"
        )
    if not any_matches(credential.allowed_hosts, host, port):
        raise SecretRefused(
            f"the credential '{credential.name}' may not be sent to '{host}'; "
            "use one of its allowed hosts"
        )


def read_credentials(given: Any, mistakes: list[FieldError]) -> tuple[Credential, ...]:
    """Read a request's credentials; what is wrong is added to ``mistakes``."""
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_CREDENTIALS:
        mistakes.append(FieldError("/credentials", f"must be a list of up to {MOST_CREDENTIALS}"))
        return ()
    found: list[Credential] = []
    for place, entry in enumerate(given):
        try:
            found.append(_read_credential(entry))
        except (TypeError, AttributeError, KeyError, ValueError) as error:
            reason = str(error) if isinstance(error, BadDestination) else "is not a credential"
            mistakes.append(FieldError(f"/credentials/{place}", reason))
    return tuple(found)


def _read_credential(entry: Any) -> Credential:
    hosts = [_text(host) for host in entry.get("allowed_hosts") or []]
    return Credential(
        name=_text(entry["name"]),
        type=_text(entry["type"]),
        public=_texts(entry.get("public") or {}),
        secret=_texts(entry["secret"]),
        allowed_hosts=tuple(read_pattern(host, port_needed=False) for host in hosts),
        signing=None if entry.get("signing") is None else read_data(entry["signing"]),
        slot=_text(entry.get("slot") or ""),
    )


def _texts(values: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_SECRET:
        raise TypeError("not a text")
    return value
