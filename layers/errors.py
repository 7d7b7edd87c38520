"""The error tree: each class carries its HTTP status, and its docstring is the default message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class FieldError:
    """One mistake in the input: a JSON pointer (RFC 6901) and what to do about it."""

    pointer: str
    message: str


class TreadleError(Exception):
    """Something went wrong in Treadle."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    type = "about:blank"
    more: Mapping[str, object] = {}
    """What the answer tells beside the usual members, by name."""

    def __init__(self, detail: str | None = None, *, errors: Sequence[FieldError] = ()) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.errors = tuple(errors)
        super().__init__(self.detail)


class InvalidInput(TreadleError):
    """The input is not valid; see the errors."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class MalformedInput(TreadleError):
    """The request body is not valid JSON."""

    status = HTTPStatus.BAD_REQUEST


class NotAuthenticated(TreadleError):
    """Sign in, or send an API key as 'Authorization: Bearer tdl_…'."""

    status = HTTPStatus.UNAUTHORIZED


class LimitReached(TreadleError):
    """The workspace's plan does not include any more of that."""

    status = HTTPStatus.PAYMENT_REQUIRED

    def __init__(
        self,
        detail: str | None = None,
        *,
        meter: str,
        limit: int,
        used: int,
        resets_at: str | None,
        upgrade_url: str,
    ) -> None:
        super().__init__(detail)
        self.more = {
            "meter": meter,
            "limit": limit,
            "used": used,
            "resets_at": resets_at,
            "upgrade_url": upgrade_url,
        }


class NotAllowed(TreadleError):
    """Your role in this workspace does not allow that."""

    status = HTTPStatus.FORBIDDEN


class Misdirected(TreadleError):
    """This instance does not answer to that name."""

    status = HTTPStatus.MISDIRECTED_REQUEST


class Ambiguous(TreadleError):
    """The request names several hosts; name one."""

    status = HTTPStatus.BAD_REQUEST


class NotFound(TreadleError):
    """There is nothing with that id in this workspace."""

    status = HTTPStatus.NOT_FOUND


class Conflict(TreadleError):
    """That is in conflict with what exists already."""

    status = HTTPStatus.CONFLICT


class StaleVersion(TreadleError):
    """Somebody saved a newer version; load it and apply your change again."""

    status = HTTPStatus.PRECONDITION_FAILED


class StaleDraft(TreadleError):
    """Somebody saved the draft meanwhile; look at it before you save yours."""

    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, current: Mapping[str, object]) -> None:
        super().__init__()
        self.more = {"current": dict(current)}


class Unconditional(TreadleError):
    """Say what the change is based on: send the ETag that you read as `If-Match`."""

    status = HTTPStatus.PRECONDITION_REQUIRED


class TooLarge(TreadleError):
    """The body is larger than this instance allows."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooManyRequests(TreadleError):
    """Too many requests; wait and try again."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str | None = None, *, retry_after: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(TreadleError):
    """A part that this needs is not available at the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class SetupError(TreadleError):
    """The instance is not set up correctly."""
