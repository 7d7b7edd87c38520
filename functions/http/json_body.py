"""Reading JSON that a stranger sends: bounded in depth and number of keys before it is used."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from layers.errors import FieldError, InvalidInput, MalformedInput
from layers.jsontext import InvalidJson, loads
from layers.settings import LimitSettings


def read_json(body: bytes, limits: LimitSettings) -> Any:
    """Parse JSON; raises MalformedInput, or InvalidInput if it is too deep or has too many keys."""
    try:
        value = loads(body)
    except InvalidJson as error:
        # The parser has a depth limit of its own, far above any sensible one of ours.
        if "depth limit" in str(error):
            raise _too_deep(limits) from error
        raise MalformedInput(str(error)) from error
    # Counting brackets and colons bounds depth and keys from above at almost no cost.
    deep = body.count(b"[") + body.count(b"{") > limits.json_depth
    if deep or body.count(b":") > limits.json_keys:
        _check_shape(value, limits)
    return value


def is_json(content_type: str) -> bool:
    """Say whether a Content-Type announces JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


class JsonRequest(Request):
    """A request whose JSON body was read by us, within the limits."""

    async def take(self, limits: LimitSettings) -> None:
        """Read the body; raises as ``read_json`` does, and 415 for what is not JSON."""
        body = await self.body()
        if not body:
            return
        if not is_json(self.headers.get("content-type", "")):
            raise HTTPException(415, "Send JSON, with 'Content-Type: application/json'.")
        self._value = read_json(body, limits)

    async def json(self) -> Any:
        """The value that was read."""
        return self._value


def _check_shape(value: Any, limits: LimitSettings) -> None:
    keys = depth = 0
    level = [value] if isinstance(value, (dict, list)) else []
    while level:
        depth += 1
        keys += sum(len(one) for one in level if isinstance(one, dict))
        if depth > limits.json_depth:
            raise _too_deep(limits)
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


def _too_deep(limits: LimitSettings) -> InvalidInput:
    return InvalidInput(
        errors=[FieldError("", f"Nested deeper than {limits.json_depth} levels; flatten it.")]
    )
