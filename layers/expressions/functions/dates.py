"""Dates with time zones. A parameter that is a date also takes a text such as '2025-01-31T09:00Z'.

Days, weeks, months and years move the calendar and keep the clock's time across a change to
summer time; hours, minutes and seconds are real time.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from layers.civil_time import days_between, days_on, settled
from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.moments import DateTime, seconds_of, zone_named
from layers.expressions.registry import DATE_READERS, function

GROUP = "Dates"
_MAX_TEXT = 100
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
_DAYS = {"days": 1, "weeks": 7}
_MONTHS = {"months": 1, "quarters": 3, "years": 12}
UNITS = (*_SECONDS, *_MONTHS)
_AMOUNTS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_MAX_AMOUNT = 10**9

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# Written here and not by strftime: in English everywhere, and without the C library's widths.
_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "d": lambda moment: f"{moment.day:02}",
    "e": lambda moment: str(moment.day),
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{(moment.hour - 1) % 12 + 1:02}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "f": lambda moment: f"{moment.microsecond:06}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "A": lambda moment: _DAY_NAMES[moment.weekday()],
    "a": lambda moment: _DAY_NAMES[moment.weekday()][:3],
    "B": lambda moment: _MONTH_NAMES[moment.month - 1],
    "b": lambda moment: _MONTH_NAMES[moment.month - 1][:3],
    "u": lambda moment: str(moment.isoweekday()),
    "G": lambda moment: str(moment.isocalendar().year),
    "V": lambda moment: f"{moment.isocalendar().week:02}",
    "z": lambda moment: f"{moment:%z}",
    "Z": lambda moment: moment.tzname() or "",
    "F": lambda moment: moment.date().isoformat(),
    "T": lambda moment: moment.time().isoformat(timespec="seconds"),
    "s": lambda moment: str(int(moment.timestamp())),
    "%": lambda moment: "%",
}
_PARSED_DIRECTIVES = frozenset("YymdHIpMSfjAaBbzGVu%")


def _one_of(unit: str, units: tuple[str, ...]) -> str:
    plural = unit if unit.endswith("s") else unit + "s"
    if plural in units:
        return plural
    raise ExpressionError(f"There is no unit {unit[:30]!r}; the units are {', '.join(units)}.")


def _made(build: Callable[[], datetime]) -> DateTime:
    try:
        return DateTime(build())
    except (OverflowError, ValueError) as error:
        raise ExpressionError("The date lies outside the years 2 to 9998.") from error


def _read(text: str, zone: str = "UTC") -> DateTime:
    """Read RFC 3339 and its relatives, a plain date, or the form that e-mail and HTTP use."""
    text = text.strip()
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text[:_MAX_TEXT])
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return _zoned(moment, zone)
    raise ExpressionError(
        f"{text[:40]!r} is not a date as in '2025-01-31' or '2025-01-31T09:00:00Z';"
        ' parse_date(text, format="%d.%m.%Y") reads other forms.'
    )


def _zoned(moment: datetime, zone: str) -> DateTime:
    if moment.tzinfo is None:
        return _made(lambda: settled(moment.replace(tzinfo=zone_named(zone))))
    return DateTime(moment)


DATE_READERS.append(_read)


@function(GROUP, 'parse_date("2025-01-31 09:00", "Asia/Tokyo")', '"2025-01-31T09:00:00.000+09:00"')
def parse_date(
    run: Run,
    text: str | DateTime,
    zone: str = "UTC",
    format: str | None = None,  # noqa: A002
) -> DateTime:
    """The date in a text; the zone is for texts that name none, the format for unusual forms."""
    if isinstance(text, DateTime):
        return text
    if format is None:
        return _read(text, zone)
    _check_format(format, _PARSED_DIRECTIVES)
    try:
        return _zoned(datetime.strptime(text[:_MAX_TEXT].strip(), format), zone)  # noqa: DTZ007
    except (ValueError, TypeError, IndexError, OverflowError, re.error) as error:
        raise ExpressionError(
            f"{text[:40]!r} does not have the form {format!r}; %d is the day, %m the month,"
            " %Y the year, %H:%M:%S the time."
        ) from error


def _check_format(format_: str, known: frozenset[str]) -> None:
    if len(format_) > _MAX_TEXT:
        raise ExpressionError(f"The format of a date has at most {_MAX_TEXT} characters.")
    for piece in format_.replace("%%", "").split("%")[1:]:
        if piece[:1] not in known or not piece:
            raise ExpressionError(
                f"The format of a date has no '%{piece[:1]}'; it has"
                f" {' '.join('%' + one for one in sorted(known))}."
            )


@function(GROUP, 'format_date("2025-01-31T09:05Z", "%d.%m.%Y %H:%M")', '"31.01.2025 09:05"')
def format_date(
    run: Run,
    value: DateTime,
    format: str = "%Y-%m-%d",  # noqa: A002
    zone: str | None = None,
) -> str:
    """The date as text: %Y %m %d %H %M %S, %A and %B for names, seen in a zone."""
    _check_format(format, frozenset(_DIRECTIVES))
    moment = value.moment.astimezone(zone_named(zone)) if zone else value.moment
    first, *pieces = format.replace("%%", "%\0").split("%")
    written = [first]
    for piece in pieces:
        directive = "%" if piece[0] == "\0" else piece[0]
        written += (_DIRECTIVES[directive](moment), piece[1:])
    return "".join(written)


@function(
    GROUP, 'add_time("2025-01-31T09:00Z", months=1)', '"2025-02-28T09:00:00.000Z"', units=_AMOUNTS
)
def add_time(run: Run, value: DateTime, **amounts: float) -> DateTime:
    """The date moved by an amount, which may be negative; the end of a month stays within it."""
    for unit, amount in amounts.items():
        if abs(amount) > _MAX_AMOUNT or (
            (unit not in _SECONDS or unit in ("days", "weeks")) and (amount != int(amount))
        ):
            raise ExpressionError(f"'{unit}' is a whole number of a sensible size.")
    months = int(amounts.get("years", 0) * 12 + amounts.get("months", 0))
    days = int(amounts.get("weeks", 0) * 7 + amounts.get("days", 0))
    seconds = sum(amounts.get(unit, 0) * _SECONDS[unit] for unit in ("hours", "minutes", "seconds"))
    return _made(lambda: _moved(value.moment, months, days, seconds))


def _moved(moment: datetime, months: int, days: int, seconds: float) -> datetime:
    if months:
        years, month = divmod(moment.month - 1 + months, 12)
        year = moment.year + years
        if not 1 <= year <= 9999:
            raise OverflowError
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        moment = moment.replace(year=year, month=month + 1, day=day)
    if months or days:
        moment = days_on(moment, days)
    if seconds:
        moved = moment.astimezone(UTC) + timedelta(seconds=seconds)
        moment = moved.astimezone(moment.tzinfo)
    return moment


@function(GROUP, 'date_diff("2025-02-01", "2025-01-31T12:00Z", "hours")', "12")
def date_diff(run: Run, later: DateTime, earlier: DateTime, unit: str = "days") -> float:
    """The time between two dates: days and weeks as add_time counts, longer units in whole ones."""
    unit = _one_of(unit, UNITS)
    if unit in _DAYS:
        days = _days(later, earlier) / _DAYS[unit]
        return int(days) if days == int(days) else days
    if unit in _SECONDS:
        amount = (later.instant - earlier.instant).total_seconds() / _SECONDS[unit]
        return int(amount) if amount.is_integer() else amount
    if later < earlier:
        return -(_whole_months(earlier, later) // _MONTHS[unit])
    return _whole_months(later, earlier) // _MONTHS[unit]


def _days(later: DateTime, earlier: DateTime) -> float:
    try:
        return days_between(earlier.moment, later.moment)
    except OverflowError as error:
        raise ExpressionError("The date lies outside the years 2 to 9998.") from error


def _whole_months(later: DateTime, earlier: DateTime) -> int:
    end = later.moment.astimezone(earlier.moment.tzinfo)
    start = earlier.moment
    months = (end.year - start.year) * 12 + end.month - start.month
    if months and _moved(start, months, 0, 0) > end:
        months -= 1
    return months


@function(GROUP, 'to_zone("2025-07-01T12:00Z", "Asia/Tokyo")', '"2025-07-01T21:00:00.000+09:00"')
def to_zone(run: Run, value: DateTime, zone: str) -> DateTime:
    """The same moment, seen in another time zone."""
    return _made(lambda: value.moment.astimezone(zone_named(zone)))


@function(GROUP, 'start_of("2025-07-17T12:00Z", "month")', '"2025-07-01T00:00:00.000Z"')
def start_of(run: Run, value: DateTime, unit: str, zone: str | None = None) -> DateTime:
    """The first moment of the minute, hour, day, week (Monday), month, quarter or year."""
    unit = _one_of(unit, UNITS)
    moment = value.moment.astimezone(zone_named(zone)) if zone else value.moment
    return _made(lambda: _start(moment, unit))


def _start(moment: datetime, unit: str) -> datetime:
    if unit in ("seconds", "minutes", "hours"):
        keep = {"seconds": moment.second, "minutes": 0, "hours": 0}[unit]
        minute = 0 if unit == "hours" else moment.minute
        return moment.replace(minute=minute, second=keep, microsecond=0)
    day: date = moment.date()
    if unit == "weeks":
        day -= timedelta(days=day.weekday())
    elif unit in _MONTHS:
        width = _MONTHS[unit]
        day = day.replace(month=(day.month - 1) // width * width + 1, day=1)
    return settled(datetime(day.year, day.month, day.day, tzinfo=moment.tzinfo))


@function(GROUP, 'end_of("2025-07-17T12:00Z", "month")', '"2025-07-31T23:59:59.999Z"')
def end_of(run: Run, value: DateTime, unit: str, zone: str | None = None) -> DateTime:
    """The last millisecond of the minute, hour, day, week (Sunday), month, quarter or year."""
    start = start_of(run, value, unit, zone)
    unit = _one_of(unit, UNITS)
    months = _MONTHS.get(unit, 0)
    days = {"days": 1, "weeks": 7}.get(unit, 0)
    seconds = _SECONDS[unit] if unit in ("seconds", "minutes", "hours") else 0
    return _made(lambda: _moved(_moved(start.moment, months, days, seconds), 0, 0, -0.001))


@function(GROUP, 'weekday("2025-01-31")', "5")
def weekday(run: Run, value: DateTime, zone: str | None = None) -> int:
    """The day of the week: 1 is Monday, 7 is Sunday."""
    moment = value.moment.astimezone(zone_named(zone)) if zone else value.moment
    return moment.isoweekday()


@function(GROUP, 'timestamp("2025-01-31")', "1738281600")
def timestamp(run: Run, value: DateTime) -> float:
    """The seconds since 1970-01-01 UTC."""
    return seconds_of(value)


@function(GROUP, "from_timestamp(1738281600)", '"2025-01-31T00:00:00.000Z"')
def from_timestamp(run: Run, seconds: float, zone: str = "UTC") -> DateTime:
    """The date that many seconds after 1970-01-01 UTC."""
    return DateTime.from_timestamp(seconds, zone)


def strftime(run: Run, value: DateTime, format: str) -> str:  # noqa: A002
    """The date as text, as format_date(…) writes it."""
    return format_date(run, value, format)


def isoformat(run: Run, value: DateTime) -> Any:
    """The date as an RFC 3339 text."""
    return str(value)
