"""Reading JSON that a stranger sends: bounded in depth and number of keys before it is used."""

from __future__ import annotations

import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from layers.errors import FieldError, InvalidInput, MalformedInput, TooLarge
from layers.jsontext import InvalidJson, loads, may_hold_long_integer
from layers.media.charsets import LARGE, decode, marked
from layers.settings import LimitSettings
from layers.work import PROCESSOR

PIECE = 1024 * 1024
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
MOST_DIGITS = 4_000
MOST_ESCAPES = 4_000_000
_DIGITS = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))


def read_json(body: bytes, limits: LimitSettings) -> Any:
    """Parse JSON in UTF-8.

    Raises MalformedInput, InvalidInput if it is too deep or has too many keys, and TooLarge if it
    has too many values.
    """
    check_values(body, None, limits)
    try:
        value = loads(body)
    except InvalidJson as error:
        # The parser has a depth limit of its own, far above any sensible one of ours.
        if "depth limit" in str(error):
            raise too_deep(limits) from error
        raise MalformedInput(str(error)) from error
    check_shape(value, body, limits)
    return value


def check_values(body: bytes, charset: str | None, limits: LimitSettings) -> None:
    """Refuse JSON text that would take the parser long: TooLarge, or UnknownCharset.

    The parser lets no other thread run, and its time goes with the number of values, with the
    digits of a number and with the escapes: to count them first is quick, and done in pieces.
    """
    if len(body) <= LARGE:
        return
    is_marked = marked(body)[0] is not None
    is_certain = is_marked or b"\0" not in body[:4]
    if is_certain and (is_marked or charset is not None):
        body = decode(body, charset, errors="replace").encode("utf-8", "replace")
    if _marks(body) >= limits.json_values or _has_long_number(body):
        # Text of several bytes a letter, with no mark that says so, is too uncertain to look into.
        bare = _without_texts(body) if is_certain else body
        if _marks(bare) >= limits.json_values:
            raise too_many(limits)
        if _has_long_number(bare):
            raise TooLarge(f"A number has more than {MOST_DIGITS} digits; send it as a text.")
    if body.count(b"\\") > MOST_ESCAPES and (
        not is_certain or may_hold_long_integer(body) or SURROGATE.search(body)
    ):
        raise TooLarge(
            f"The body has more than {MOST_ESCAPES} escapes; send it in parts, or write letters as"
            " they are."
        )


def check_shape(value: Any, body: bytes, limits: LimitSettings) -> None:
    """Refuse a value, read of ``body``, that is too deep or has too many keys: InvalidInput."""
    # Counting brackets and colons bounds depth and keys from above at almost no cost.
    deep = body.count(b"[") + body.count(b"{") > limits.json_depth
    if deep or body.count(b":") > limits.json_keys:
        _walk(value, limits)


def is_json(content_type: str) -> bool:
    """Say whether a Content-Type announces JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


class JsonRequest(Request):
    """A request whose JSON body was read by us, within the limits."""

    async def take(self, limits: LimitSettings, ignored: frozenset[str] = frozenset()) -> None:
        """Read the body; raises as ``read_json`` does, and 415 for what is not JSON.

        ``ignored`` are names that are left out of an object, since only answers have them.
        """
        body = await self.body()
        if not body:
            return
        if not is_json(self.headers.get("content-type", "")):
            raise HTTPException(415, "Send JSON, with 'Content-Type: application/json'.")
        if len(body) > LARGE:
            value = await PROCESSOR.run(read_json, body, limits)
        else:
            value = read_json(body, limits)
        if isinstance(value, dict) and not ignored.isdisjoint(value):
            value = {name: part for name, part in value.items() if name not in ignored}
        self._value = value

    async def json(self) -> Any:
        """The value that was read."""
        return self._value


def too_many(limits: LimitSettings) -> TooLarge:
    """What is said of JSON that has too many values."""
    return TooLarge(f"The body has more than {limits.json_values} values; send it in parts.")


def _walk(value: Any, limits: LimitSettings) -> None:
    keys = depth = 0
    level = [value] if isinstance(value, (dict, list)) else []
    while level:
        depth += 1
        keys += sum(len(one) for one in level if isinstance(one, dict))
        if depth > limits.json_depth:
            raise too_deep(limits)
        if keys > limits.json_keys:
            raise InvalidInput(
                errors=[FieldError("", f"More than {limits.json_keys} keys; send it in parts.")]
            )
        level = [
            member
            for one in level
            for member in (one.values() if isinstance(one, dict) else one)
            if isinstance(member, (dict, list))
        ]


def too_deep(limits: LimitSettings) -> InvalidInput:
    """What is said of JSON that is nested too deeply."""
    return InvalidInput(
        errors=[FieldError("", f"Nested deeper than {limits.json_depth} levels; flatten it.")]
    )


def _marks(body: bytes) -> int:
    return sum(body.count(mark) for mark in (b",", b"[", b"{"))


def _has_long_number(body: bytes) -> bool:
    return b"0" * MOST_DIGITS in body.translate(_DIGITS)


def _without_texts(body: bytes) -> bytes:
    """What stands outside the texts, and some of the quotes around them."""
    kept = []
    is_outside = True
    start = 0
    while start < len(body):
        end = start + PIECE
        # An escape must not be cut from what it escapes.
        while body[end - 1 : end] == b"\\":
            end += 1
        piece = body[start:end].replace(b"\\\\", b"").replace(b'\\"', b"")
        between = piece.split(b'"')
        kept.append(b'"'.join(between[0 if is_outside else 1 :: 2]))
        is_outside ^= len(between) % 2 == 0
        start = end
    return b"".join(kept)
