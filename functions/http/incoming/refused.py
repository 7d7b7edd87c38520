"""Why a body that came in is refused; each says what its sender can do."""

from __future__ import annotations

from http import HTTPStatus

from layers.errors import MalformedInput, TooLarge, TreadleError


class MalformedBody(MalformedInput):
    """The body is not what its Content-Type says."""


class UnknownBody(TreadleError):
    """The body is of a kind that cannot be read here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class BodyTooLarge(TooLarge):
    """The body holds more than is accepted; send it in parts."""


def body_too_large(most: int) -> TooLarge:
    """What the sender is told of a body of more than ``most`` bytes."""
    return TooLarge(
        f"The body is larger than {most} bytes, which is the most that this"
        " instance accepts; send less, or in parts."
    )
