"""The parameter that holds headers of a webhook's answer, checked when it is saved."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from layers.contract import Json, refuse
from layers.media.answer_headers import HeaderValue, mistakes

NO_COOKIES = (
    "A webhook sets cookies only where it has a host of its own, beside the app's: the operator "
    "names that in TREADLE_HOOKS_URL. Leave the header out."
)
_Text = Annotated[str, Field(coerce_numbers_to_str=True)]
_Headers = dict[str, _Text | list[_Text]]


def _checked(headers: dict[str, HeaderValue], info: ValidationInfo) -> dict[str, HeaderValue]:
    if not is_stored(info):
        refuse(mistakes(headers))
        check_cookies(headers, info)
    return headers


def is_stored(info: ValidationInfo) -> bool:
    """Whether a workflow is read that was saved before, perhaps under older rules."""
    return bool((info.context or {}).get("stored"))


def check_cookies(source: Json, info: ValidationInfo) -> None:
    """Raise ValidationError for a cookie where webhooks share a host with the app."""
    if isinstance(source, dict) and not (info.context or {}).get("cookies", True):
        refuse((name, NO_COOKIES) for name in source if name.lower() == "set-cookie")


def check_source(source: Json) -> None:
    """Check what an author wrote as headers: what holds no expression is fixed.

    Raises ValidationError beside the names that are wrong.
    """
    if isinstance(source, dict):
        refuse(mistakes({name: _fixed(value) for name, value in source.items()}))


def _fixed(value: Json) -> HeaderValue:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


AnswerHeaders = Annotated[_Headers, AfterValidator(_checked)]
"""Headers by name; one with several values, such as ``Set-Cookie``, has a list."""
