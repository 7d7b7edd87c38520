"""Errors as Stripe words them."""

from __future__ import annotations

from typing import Any


class StripeFailure(Exception):
    """An answer that is not 2xx."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": {"type": kind, "message": message}}
        if code is not None:
            self.body["error"]["code"] = code
        if param is not None:
            self.body["error"]["param"] = param


def missing(kind: str, object_id: str, param: str = "id") -> StripeFailure:
    """No such object."""
    message = f"No such {kind}: '{object_id}'"
    return StripeFailure(message, status=404, code="resource_missing", param=param)


def required(param: str) -> StripeFailure:
    """A parameter that was left out."""
    return StripeFailure(f"Missing required param: {param}.", code="parameter_missing", param=param)


def declined(
    message: str, code: str = "card_declined", decline_code: str | None = None
) -> StripeFailure:
    """A card that was refused."""
    failure = StripeFailure(message, status=402, kind="card_error", code=code)
    if decline_code is not None:
        failure.body["error"]["decline_code"] = decline_code
    return failure
