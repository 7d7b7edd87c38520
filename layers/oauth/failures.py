"""How connecting and refreshing fail."""

from __future__ import annotations

from http import HTTPStatus

from layers.errors import TreadleError


class CannotConnect(TreadleError):
    """The credential cannot be connected."""

    status = HTTPStatus.BAD_GATEWAY


class Refused(TreadleError):
    """The provider refused; only connecting again helps."""

    status = HTTPStatus.BAD_GATEWAY
