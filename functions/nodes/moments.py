"""Points in time as nodes read and write them: RFC 3339 text, with IANA time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from layers.contract import Json

MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds: as seconds they would be past the year 5000."""


def zone_of(name: str) -> ZoneInfo:
    """Load an IANA time zone; raises ValueError with an example if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"There is no time zone '{name}'. Use an IANA name such as 'Europe/Berlin' or 'UTC'."
        ) from error


def read_moment(value: Json, zone: ZoneInfo) -> datetime:
    """Read RFC 3339 text, a date, or a number since the epoch; without offset it is in ``zone``.

    Raises ValueError that shows what was given.
    """
    if isinstance(value, str):
        return _from_text(value, zone)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value, zone)
    raise ValueError(f"{_shown(value)} is not a time. {_EXAMPLE}")


def write_moment(moment: datetime) -> str:
    """Write as RFC 3339 with the moment's own offset, ``Z`` for UTC."""
    spec = "milliseconds" if moment.microsecond else "seconds"
    text = moment.isoformat(timespec=spec)
    return text.replace("+00:00", "Z") if moment.utcoffset() == UTC.utcoffset(None) else text


_EXAMPLE = "Use a text such as '2026-05-17T08:30:00Z' or a number of seconds since 1970."


def _from_text(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{_shown(text)} is not a time. {_EXAMPLE}") from error
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _from_number(number: float, zone: ZoneInfo) -> datetime:
    seconds = number / 1000 if abs(number) >= MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{number} is outside the years 1 to 9999. {_EXAMPLE}") from error


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
