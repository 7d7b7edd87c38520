"""A moment in time: the one value in an expression that JSON does not have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from layers.expressions.errors import ExpressionError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# One year of distance from what datetime can hold, so that no change of zone can overflow.
FIRST_YEAR, LAST_YEAR = 2, 9998


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """Find a time zone by its IANA name; raises ExpressionError for one that does not exist."""
    if name in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ExpressionError(
            f"There is no time zone {name[:60]!r}; write one such as 'Europe/Berlin' or 'UTC'."
        ) from error


class DateTime:
    """An immutable moment with a time zone; it leaves an expression as an RFC 3339 text.

    Build one with `DateTime.from_timestamp(clock.now(), "Europe/Berlin")`.
    """

    __slots__ = ("moment",)
    moment: datetime

    def __init__(self, moment: datetime) -> None:
        if moment.utcoffset() is None:
            raise ExpressionError("A date needs a time zone.")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ExpressionError(f"Dates lie between the years {FIRST_YEAR} and {LAST_YEAR}.")
        object.__setattr__(self, "moment", moment)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("A DateTime does not change.")

    @classmethod
    def from_timestamp(cls, seconds: float, zone: str = "UTC") -> DateTime:
        """Make the moment that many seconds after the Unix epoch, seen in a time zone."""
        try:
            return cls((EPOCH + timedelta(seconds=seconds)).astimezone(zone_named(zone)))
        except (OverflowError, ValueError) as error:
            raise ExpressionError(
                f"{seconds} is not a moment between the years {FIRST_YEAR} and {LAST_YEAR};"
                " a timestamp counts seconds since 1970 (divide milliseconds by 1000)."
            ) from error

    @property
    def instant(self) -> timedelta:
        """The time since the epoch: what makes two moments in different zones comparable."""
        return self.moment - EPOCH

    def __str__(self) -> str:
        moment = self.moment
        offset = moment.utcoffset() or timedelta(0)
        if offset.seconds % 60:
            # Local mean times of the nineteenth century: RFC 3339 has no seconds in an offset.
            moment = moment.astimezone(UTC)
        text = moment.isoformat(timespec="milliseconds")
        return text[:-6] + "Z" if text.endswith("+00:00") else text

    def __repr__(self) -> str:
        return f"DateTime({self})"

    def __hash__(self) -> int:
        return hash(self.instant)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DateTime) and self.instant == other.instant

    def __lt__(self, other: DateTime) -> bool:
        return self.instant < other.instant

    def __le__(self, other: DateTime) -> bool:
        return self.instant <= other.instant

    def __gt__(self, other: DateTime) -> bool:
        return self.instant > other.instant

    def __ge__(self, other: DateTime) -> bool:
        return self.instant >= other.instant


def seconds_of(value: DateTime) -> float:
    """Give the seconds since the epoch, as a whole number where they are one."""
    seconds = value.instant.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


# What may be read from a date with a dot: `now.year`.
PARTS: dict[str, Callable[[DateTime], Any]] = {
    "year": lambda value: value.moment.year,
    "month": lambda value: value.moment.month,
    "day": lambda value: value.moment.day,
    "hour": lambda value: value.moment.hour,
    "minute": lambda value: value.moment.minute,
    "second": lambda value: value.moment.second,
    "weekday": lambda value: value.moment.isoweekday(),
    "date": lambda value: value.moment.date().isoformat(),
    "time": lambda value: value.moment.time().isoformat(timespec="seconds"),
    "zone": lambda value: str(value.moment.tzinfo),
    "timestamp": seconds_of,
}
