"""Shapes that several groups of endpoints share."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Path, Query
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from layers.clock import rfc3339
from layers.database.repositories.scope import Window

T = TypeVar("T")

RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

PRINTABLE = r"^[^\u0000-\u001f\u007f]*$"
NOT_BLANK = r"^[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f][^\u0000-\u001f\u007f]*$"

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
"""A name that people read: no control characters, not only blanks."""

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339, UTC."""


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise ValueError("Write a moment as RFC 3339, such as '2026-01-31T12:00:00Z'.")
    return datetime.fromisoformat(value.upper())


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
"""A moment that comes in: RFC 3339 with a zone."""


def _instant_or_day(value: object) -> datetime:
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return datetime.fromisoformat(f"{value}T00:00:00+00:00")
        except ValueError as error:
            raise ValueError(f"There is no day {value}.") from error
    return _instant(value)


InstantOrDay = Annotated[AwareDatetime, BeforeValidator(_instant_or_day)]
"""The same, or a day such as ``2026-01-31``, which begins at midnight UTC."""

Identifier = Annotated[str, Field(json_schema_extra={"format": "uuid"})]

PathId = Annotated[str, Path(json_schema_extra={"format": "uuid"}, max_length=100)]


class In(BaseModel):
    """The base of every body that comes in: what is not declared is refused, and no value is
    taken for one of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Out(BaseModel):
    """The base of every body that goes out."""

    model_config = ConfigDict(from_attributes=True)


class PackageOut(Out):
    """One package of a lock."""

    name: str = Field(description="Normalised, as the index compares names.")
    version: str
    size: int | None = Field(description="Of its wheel in bytes, where that is known.")


class Listing(Out, Generic[T]):
    """A part of a list, newest first."""

    items: list[T]
    next_cursor: str | None = Field(
        description="Pass it as `cursor` to get the next part; null at the end."
    )


async def _window(
    cursor: Annotated[
        str | None,
        Query(description="`next_cursor` of the part before.", pattern=r"^[A-Za-z0-9_-]{22}$"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> Window:
    return Window(limit, None if cursor is None else id_of(cursor))


Wanted = Annotated[Window, Depends(_window)]
"""The part of a list that the caller wants."""


def cursor_of(last_id: str) -> str:
    """The cursor that continues after this id."""
    return urlsafe_b64encode(bytes.fromhex(last_id.replace("-", ""))).rstrip(b"=").decode()


def next_cursor(ids: list[str], more: bool) -> str | None:
    """The cursor after a part with these ids, or None at the end."""
    return cursor_of(ids[-1]) if more and ids else None


def moment(value: float) -> str:
    """A stored moment as it goes out."""
    text = rfc3339(value)
    assert text is not None
    return text


def id_of(cursor: str) -> str:
    """The id that a cursor continues after."""
    # 22 characters are 16 bytes and four bits that mean nothing.
    text = urlsafe_b64decode(cursor + "==").hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
