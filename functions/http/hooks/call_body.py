"""Whether a call's body holds what its wait expects."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from layers import jsontext
from layers.contract import CallRules, ExpectedField, Json
from layers.errors import FieldError, InvalidInput

YES = frozenset({"true", "1", "yes", "on"})
NO = frozenset({"false", "0", "no", "off", ""})
NOTHING = object()
# What an input of type number sends (HTML, valid floating-point numbers).
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
MOST_DIGITS = 400


def checked(body: Json, rules: CallRules, *, from_form: bool) -> Json:
    """Return the body, with the fields of a form read as what they are to be.

    Raises InvalidInput that names every field that is missing or of another kind.
    """
    if not rules.expected and not rules.choices:
        return body
    if not isinstance(body, dict):
        names = ", ".join(repr(name) for name in _names(rules))
        raise InvalidInput(
            f"Send an object (or a form) with {names}; the execution goes on waiting.",
            errors=[FieldError("", "An object is needed here.")],
        )
    given: dict[str, Any] = dict(body)
    errors = _wrong_choice(given, rules)
    for field in rules.expected:
        value = given.get(field.name, NOTHING)
        if from_form:
            value = _from_form(value, field)
        problem = _problem(value, field)
        if problem is not None:
            errors.append(FieldError(_pointer(field.name), problem))
        elif value is NOTHING:
            given.pop(field.name, None)
        else:
            given[field.name] = value
    if errors:
        raise InvalidInput(
            "The body is not what the execution waits for; it goes on waiting.", errors=errors
        )
    return given


def _names(rules: CallRules) -> list[str]:
    names = [field.name for field in rules.expected if field.required]
    return ["choice", *names] if rules.choices else names


def _wrong_choice(given: Mapping[str, Json], rules: CallRules) -> list[FieldError]:
    known = [choice.value for choice in rules.choices]
    if not known or given.get("choice") in known:
        return []
    listed = ", ".join(repr(name) for name in known)
    return [FieldError("/choice", f"It must be one of {listed}.")]


def _problem(value: Any, field: ExpectedField) -> str | None:
    if value is NOTHING:
        return f"It is missing: {_WORDS[field.kind]} is needed." if field.required else None
    if not _KINDS[field.kind](value):
        return f"It must be {_WORDS[field.kind]}."
    return None


def _from_form(value: Any, field: ExpectedField) -> Any:
    """The value that a form's text stands for, as it is where it stands for none."""
    if field.kind == "boolean" and value is NOTHING:
        # A box that is not ticked is not sent (HTML, form submission).
        return False
    if not isinstance(value, str):
        return value
    if not value.strip() and field.kind != "boolean":
        return NOTHING
    read = _READERS.get(field.kind)
    return value if read is None else read(value.strip())


def _number(text: str) -> Json:
    if len(text) > MOST_DIGITS or not NUMBER.fullmatch(text):
        return text
    if text.lstrip("-").isdigit():
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else text


def _integer(text: str) -> Json:
    value = _number(text)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _boolean(text: str) -> Json:
    lower = text.lower()
    if lower in YES:
        return True
    return False if lower in NO else text


def _json(text: str) -> Json:
    try:
        return jsontext.loads(text)
    except jsontext.InvalidJson:
        return text


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_READERS: dict[str, Callable[[str], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "object": _json,
    "list": _json,
}
_KINDS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "text": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
}
_WORDS = {
    "any": "a value",
    "text": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "list": "a list",
}
