"""What a step that waits for a call takes: declared by its node, kept by the HTTP functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FieldKind: TypeAlias = Literal["any", "text", "number", "integer", "boolean", "object", "list"]


@dataclass(frozen=True)
class ExpectedField:
    """A member that a call's body must have, or may have where it is not ``required``."""

    name: str
    kind: FieldKind = "any"
    required: bool = True
    title: str = ""
    """What a person reads beside it; empty stands for its name."""


@dataclass(frozen=True)
class Choice:
    """An answer that a person can choose; ``value`` is what the body's ``choice`` then holds."""

    value: str
    title: str
    style: Literal["main", "plain", "danger"] = "plain"


@dataclass(frozen=True)
class CallRules:
    """Which calls of its address end a wait. HEAD, OPTIONS and GET never do.

    With ``asks`` a GET shows a page that asks a person, whose button sends a POST; without it a
    GET is refused. ``authentication`` is none, header, basic or hmac, with the secret in the node's
    credential. Where there are ``choices``, the body's ``choice`` must be one of them.
    """

    methods: tuple[str, ...] = ("POST",)
    asks: bool = False
    choices: tuple[Choice, ...] = ()
    expected: tuple[ExpectedField, ...] = ()
    authentication: str = "none"
    allowed_ips: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    """Origins whose pages may call it from a browser's script (CORS); ``*`` stands for all."""


@dataclass(frozen=True)
class CallPage:
    """What the page says that asks a person to end a wait; empty texts stand for usual ones."""

    title: str = ""
    message: str = ""
