"""Signatures by a shared secret (HMAC, RFC 2104), in the ways that senders write them.

What is signed, in which headers it stands and how it is written says the credential ``hmac``;
``docs/webhooks.md`` has the settings for several vendors.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from layers.errors import Unavailable

PLACEHOLDER = re.compile(rb"\{(body|timestamp|url|method|path|query|form|header:[A-Za-z0-9-]+)\}")
BODY_ALONE = "{body}"
MOST_SIGNATURES = 20
DEFAULT_TOLERANCE_S = 300.0
MILLISECONDS = 100_000_000_000
MOST_FIELDS = 1_000


class InPieces(Protocol):
    """A body that is not held in memory."""

    def __len__(self) -> int:
        """Its size in bytes."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, in pieces; reading blocks."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as its sender signs it; the body is as it was sent."""

    content: bytes | InPieces
    headers: Headers
    method: str = "POST"
    url: str = ""
    """The whole address, as the sender knows it."""
    path: str = ""
    query: str = ""


class Scheme:
    """How one sender signs."""

    def __init__(self, credential: Mapping[str, Any]) -> None:
        self._settings = credential

    def is_genuine(self, request: Signed, now: float) -> bool:
        """Whether one of the signatures is right and its time is near ``now``.

        Raises Unavailable where the credential names nothing that could be checked.
        """
        given = ",".join(request.headers.getlist(self._text("header", "X-Signature")))
        timestamp = self._timestamp(request, given)
        if self._has_timestamp() and not self._is_recent(timestamp, now):
            return False
        expected = self._digest(request, timestamp)
        return any(hmac.compare_digest(one, expected) for one in self._candidates(given))

    def prove(self, request: Signed, now: float) -> dict[str, str]:
        """The headers of a genuine sender."""
        timestamp = str(int(now)) if self._has_timestamp() else ""
        signature = self._text("prefix") + self._written(self._digest(request, timestamp))
        headers = {}
        if self._text("signature_part"):
            parts = {self._text("signature_part"): signature}
            if self._text("timestamp_part"):
                parts = {self._text("timestamp_part"): timestamp, **parts}
            signature = ",".join(f"{name}={value}" for name, value in parts.items())
        if self._text("timestamp_header"):
            headers[self._text("timestamp_header")] = timestamp
        return {self._text("header", "X-Signature"): signature, **headers}

    def _text(self, name: str, default: str = "") -> str:
        return str(self._settings.get(name) or default)

    def _has_timestamp(self) -> bool:
        return bool(self._text("timestamp_header") or self._text("timestamp_part"))

    def _timestamp(self, request: Signed, given: str) -> str:
        part = self._text("timestamp_part")
        if part:
            return next(iter(_parts(given, part)), "")
        header = self._text("timestamp_header")
        return request.headers.get(header, "").strip() if header else ""

    def _is_recent(self, timestamp: str, now: float) -> bool:
        if not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,9})?", timestamp):
            return False
        moment = float(timestamp)
        if moment > MILLISECONDS:
            moment /= 1000
        return abs(now - moment) <= float(self._text("tolerance_s", str(DEFAULT_TOLERANCE_S)))

    def _candidates(self, given: str) -> list[bytes]:
        """The signatures that the header may mean: there are several while a secret changes."""
        part = self._text("signature_part")
        if part:
            written = _parts(given, part)
        else:
            written = [given.strip(), *given.split(), *re.split(r"[,\s]+", given)]
        prefix = self._text("prefix")
        found = dict.fromkeys(
            one.removeprefix(prefix) for one in written if one and one.startswith(prefix)
        )
        return [one for text in list(found)[:MOST_SIGNATURES] if (one := self._read(text))]

    def _read(self, text: str) -> bytes:
        try:
            return _READERS[self._text("encoding", "hex")](text.encode())
        except (binascii.Error, ValueError):
            return b""

    def _written(self, digest: bytes) -> str:
        match self._text("encoding", "hex"):
            case "base64":
                return base64.b64encode(digest).decode()
            case "base64url":
                return base64.urlsafe_b64encode(digest).decode().rstrip("=")
            case _:
                return digest.hex()

    def _digest(self, request: Signed, timestamp: str) -> bytes:
        algorithm = getattr(hashlib, self._text("algorithm", "sha256"))
        made = hmac.new(self._secret(), digestmod=algorithm)
        for piece in self._signed(request, timestamp):
            made.update(piece)
        return made.digest()

    def _secret(self) -> bytes:
        secret = self._text("secret")
        kind = self._text("secret_encoding", "text")
        if kind == "text":
            return secret.encode()
        try:
            return _READERS[kind](secret.removeprefix("whsec_").encode())
        except (binascii.Error, ValueError) as error:
            raise Unavailable(
                f"The credential says that its secret is written as {kind}, and it is not."
            ) from error

    def _signed(self, request: Signed, timestamp: str) -> Iterator[bytes]:
        """What is signed, in pieces."""
        template = self._text("signed_text", BODY_ALONE).encode()
        at = 0
        for found in PLACEHOLDER.finditer(template):
            yield template[at : found.start()]
            at = found.end()
            match found[1].decode():
                case "body":
                    yield from _pieces_of(request.content)
                case "form":
                    yield from _form(request.content)
                case "timestamp":
                    yield timestamp.encode()
                case "url" | "method" | "path" | "query" as name:
                    yield str(getattr(request, name)).encode()
                case name:
                    header = request.headers.get(name.removeprefix("header:"), "")
                    yield header.encode("latin-1")
        yield template[at:]


def mistake(values: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with the settings of a credential ``hmac``: the field and a remedy."""
    template = values.get("signed_text") or BODY_ALONE
    rest = PLACEHOLDER.sub(b"", template.encode())
    if b"{" in rest or b"}" in rest:
        return "signed_text", (
            "Only {body}, {timestamp}, {url}, {method}, {path}, {query}, {form} and {header:Name}"
            " may stand in braces."
        )
    if not re.search(r"\{(body|form)\}", template):
        return "signed_text", "The body must be part of it: write {body}, or {form}."
    has_time = bool(values.get("timestamp_header") or values.get("timestamp_part"))
    if "{timestamp}" in template and not has_time:
        return "timestamp_header", "Name where {timestamp} stands: a header, or its part."
    if has_time and "{timestamp}" not in template:
        return "signed_text", "A time that is not signed proves nothing: write {timestamp} into it."
    if not re.fullmatch(r"[0-9]{0,6}", values.get("tolerance_s", "")):
        return "tolerance_s", "A number of seconds, such as 300."
    return None


def _parts(given: str, name: str) -> list[str]:
    """The values of ``name`` in a header such as ``t=1,v1=ab,v1=cd``."""
    pairs = [one.strip().partition("=") for one in re.split(r"[,;]", given)]
    return [value for found, _mark, value in pairs if found == name]


def _pieces_of(content: bytes | InPieces) -> Iterator[bytes]:
    return iter((content,)) if isinstance(content, bytes) else content.pieces()


def _form(content: bytes | InPieces) -> Iterator[bytes]:
    """The fields of a form, sorted by name, each name followed by its value."""
    if not isinstance(content, bytes):
        # What is so large is no form.
        return content.pieces()
    try:
        pairs = parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return iter((content,))
    return iter(("".join(name + value for name, value in sorted(pairs)).encode(),))


def _base64(text: bytes) -> bytes:
    return base64.b64decode(text, validate=True)


def _base64url(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4))


_READERS: Mapping[str, Callable[[bytes], bytes]] = {
    "hex": binascii.unhexlify,
    "base64": _base64,
    "base64url": _base64url,
}
