"""Mistakes within a parameter, each beside the member that it is in."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


def refuse(mistakes: Iterable[tuple[str, str]]) -> None:
    """Fail if there are any: pairs of a member's name and of what is wrong with it.

    For validators of a parameter that is an object; the form shows each message beside its name.
    Raises ValidationError.
    """
    errors: list[InitErrorDetails] = [
        {
            "type": PydanticCustomError("member", "{message}", {"message": message}),
            "loc": (name,),
            "input": name,
        }
        for name, message in mistakes
    ]
    if errors:
        raise ValidationError.from_exception_data("parameter", errors)
