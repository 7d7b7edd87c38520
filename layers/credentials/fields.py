"""Fields that several credential types have, and whether values fit a type's fields."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from layers.contract import CredentialField, CredentialType
from layers.errors import FieldError, InvalidInput

TEST_URL = CredentialField("test_url", "Address to test it with", required=False, form="url")
"""An address that answers 2xx where the credential is good, and changes nothing."""


def checked(kind: CredentialType, data: Mapping[str, str]) -> dict[str, str]:
    """All fields of a type, defaults included; raises InvalidInput, pointing at ``/data/…``."""
    known = ", ".join(one.name for one in kind.fields)
    errors = [
        FieldError(f"/data/{name}", f"{kind.type} has no such field; it has {known}.")
        for name in data
        if kind.field(name) is None
    ]
    values = {one.name: data.get(one.name, one.default) for one in kind.fields}
    for one in kind.fields:
        message = _mistake(one, values[one.name])
        if message:
            errors.append(FieldError(f"/data/{one.name}", message))
    if not errors and (together := kind.mistake(values)):
        errors.append(FieldError(f"/data/{together[0]}", together[1]))
    if errors:
        raise InvalidInput(errors=errors)
    return values


def _mistake(field: CredentialField, value: str) -> str:
    if field.required and not value:
        return f"{field.title} is missing."
    if field.choices and value not in field.choices:
        return f"{field.title} must be one of {', '.join(field.choices)}."
    if field.form == "url" and value and not _is_address(value):
        return f"{field.title} must be an address that begins with https:// (or http://)."
    if any(ord(character) < 32 for character in value):
        return f"{field.title} must not hold line breaks or other control characters."
    return ""


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.fragment
