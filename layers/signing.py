"""What a credential adds to a request, worked out from its type's declaration.

The same for everybody who sends: nodes and triggers with the secrets themselves, the sandbox's
runner with placeholders in their place.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from layers.node_error import NodeError

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_OF_THE_REQUEST = frozenset({"body", "timestamp", "url", "method", "path", "query", "form"})
"""What braces mean in the text that is signed, where no field is called so."""


@dataclass(frozen=True)
class Signing:
    """What a credential adds to a request. In all texts ``{name}`` is the value of a field.

    ``basic`` are user name and password of HTTP Basic. ``hmac`` are the settings of a signature
    of the request by a shared secret, under the names that the type ``hmac`` has for its fields.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    hmac: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Additions:
    """What comes on top of a request. ``hmac`` are the settings of a signature over all of it."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    hmac: Mapping[str, str] | None = None
    pair: str = field(default="", repr=False)
    """User name and password of HTTP Basic, as they are joined."""


def additions(signing: Signing, fields: Mapping[str, str]) -> Additions:
    """Put a credential's fields into what its type adds; raises NodeError for a missing one."""
    headers = {_whole(name, fields): _whole(text, fields) for name, text in signing.headers.items()}
    pair = ""
    if signing.basic is not None:
        pair = ":".join(_filled(text, fields) for text in signing.basic)
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    settings = signing.hmac
    return Additions(
        headers=headers,
        query={_whole(name, fields): _whole(text, fields) for name, text in signing.query.items()},
        hmac=None
        if settings is None
        else {name: _known_only(text, fields) for name, text in settings.items()},
        pair=pair,
    )


def as_data(signing: Signing) -> dict[str, Any]:
    """A declaration as JSON, for other processes."""
    return asdict(signing)


def read_data(given: Mapping[str, Any]) -> Signing:
    """What ``as_data`` gave; raises TypeError and ValueError for anything else."""
    pair = given.get("basic")
    hmac = given.get("hmac")
    username, password = pair if pair is not None else ("", "")
    return Signing(
        headers=_texts(given.get("headers") or {}),
        query=_texts(given.get("query") or {}),
        basic=None if pair is None else (str(username), str(password)),
        hmac=None if hmac is None else _texts(hmac),
    )


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in given.items()}


def _whole(text: str, fields: Mapping[str, str]) -> str:
    """A text with fields in it, none of which may be empty."""
    return _filled(text, fields, empty=False)


def _filled(text: str, fields: Mapping[str, str], *, empty: bool = True) -> str:
    def value(found: re.Match[str]) -> str:
        given = fields.get(found[1])
        if not isinstance(given, str) or not (given or empty):
            raise NodeError(
                f"The credential has no '{found[1]}'; open it and fill that in.", kind="credential"
            )
        return given

    # Once through: a value that looks like a field stays as it is.
    return _FIELD.sub(value, text)


def _known_only(text: str, fields: Mapping[str, str]) -> str:
    """A setting of a signature, in which braces may also stand for parts of the request."""
    whole = _FIELD.fullmatch(text)
    if whole is not None and whole[1] not in _OF_THE_REQUEST:
        return fields.get(whole[1], "")
    return _FIELD.sub(lambda found: fields.get(found[1], found[0]), text)
