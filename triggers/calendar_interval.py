"""Intervals by the calendar: every n days, weeks or months, at a time of day, from a start on."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from layers.contract import Parameter, Params

Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
# A Monday and the first day of a year: what intervals of one count from if nothing is said.
_FIRST = date(2024, 1, 1)
_LAST_YEAR = 9000


def _clock(text: str) -> str:
    try:
        moment = time.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is no time of day; write one such as '09:00'.") from error
    if moment.tzinfo is not None:
        raise ValueError("Write the time of day without a zone, which is 'timezone'.")
    return text


def _upper(value: object) -> object:
    return value.strip().upper()[:3] if isinstance(value, str) else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class CalendarInterval(Params):
    """How often, on which days, at what time of day, from when until when."""

    model_config = ConfigDict(populate_by_name=True)

    days: Annotated[int, Field(ge=1, le=3660)] | None = Parameter(
        default=None, title="Days", description="Every so many days.", examples=[3]
    )
    weeks: Annotated[int, Field(ge=1, le=520)] | None = Parameter(
        default=None, title="Weeks", description="Every so many weeks.", examples=[2]
    )
    months: Annotated[int, Field(ge=1, le=120)] | None = Parameter(
        default=None, title="Months", description="Every so many months.", examples=[1]
    )
    on: Annotated[list[Annotated[Weekday, BeforeValidator(_upper)]], BeforeValidator(_listed)] = (
        Parameter(
            default=[],
            title="On",
            description="With weeks: on which days. Empty: the weekday of the start.",
            examples=[["MON", "THU"]],
        )
    )
    day: Annotated[int, Field(ge=1, le=31)] | Literal["last", "last_working"] | None = Parameter(
        default=None,
        title="Day of the month",
        description=(
            "With months: a number (in shorter months the last day), 'last', or 'last_working' "
            "for the last of Monday to Friday. Empty: the day of the start."
        ),
        examples=["last_working"],
    )
    at: Annotated[
        list[Annotated[str, AfterValidator(_clock)]],
        BeforeValidator(_listed),
        Field(min_length=1, max_length=96),
    ] = Parameter(
        default=["00:00"],
        title="At",
        description="Times of day, in the time zone; kept when the clocks change.",
        examples=["09:00"],
    )
    from_: date | None = Parameter(
        default=None,
        alias="from",
        title="From",
        description=(
            "The first day, from which intervals are counted: weeks from the week that it lies "
            "in. Needed for more than one day, week or month."
        ),
        examples=["2026-12-07"],
    )
    until: date | None = Parameter(
        default=None, title="Until", description="The last day.", examples=["2027-06-30"]
    )

    @model_validator(mode="after")
    def _complete(self) -> CalendarInterval:
        given = [number for number in (self.days, self.weeks, self.months) if number]
        if len(given) != 1:
            raise ValueError("Set one of 'days', 'weeks' and 'months', for example 'weeks': 2.")
        if self.on and not self.weeks:
            raise ValueError("'on' names days of the week, so it goes with 'weeks'.")
        if self.day and not self.months:
            raise ValueError("'day' is a day of the month, so it goes with 'months'.")
        if given[0] > 1 and self.from_ is None:
            raise ValueError("Set 'from' to a day that is meant, for example '2026-12-07'.")
        if self.until and self.until < (self.from_ or self.until):
            raise ValueError("'until' lies before 'from', so it would never come.")
        return self

    def instants(self, zone: str, after: float) -> Iterator[float]:
        """The moments past ``after``, in seconds since the epoch; clock times are the zone's.

        A time that the clocks skip comes at the first moment after the gap, one that they repeat
        the first time.
        """
        where = ZoneInfo(zone)
        clocks = sorted({time.fromisoformat(text) for text in self.at})
        near = datetime.fromtimestamp(after, where).date() - timedelta(days=1)
        for day in self._dates(max(near, self.from_ or near)):
            if self.until and day > self.until:
                return
            for clock in clocks:
                at = _shown(datetime.combine(day, clock, where)).timestamp()
                if at > after:
                    yield at

    def _dates(self, near: date) -> Iterator[date]:
        """The days from ``near`` on."""
        start = self.from_ or _FIRST
        if self.days:
            passed = -(-(near - start).days // self.days)
            yield from _every(start, max(passed, 0) if self.from_ else passed, self.days)
        elif self.weeks:
            yield from (day for day in self._weekdays(start, near) if day >= near)
        else:
            yield from (day for day in self._month_days(start, near) if day >= near)

    def _weekdays(self, start: date, near: date) -> Iterator[date]:
        monday = start - timedelta(days=start.weekday())
        names = self.on or [WEEKDAYS[start.weekday()]]
        places = sorted({WEEKDAYS.index(name) for name in names})
        width = 7 * (self.weeks or 1)
        for week in _every(monday, (near - monday).days // width, width):
            for place in places:
                day = week + timedelta(days=place)
                if self.from_ is None or day >= self.from_:
                    yield day

    def _month_days(self, start: date, near: date) -> Iterator[date]:
        width = self.months or 1
        first = start.year * 12 + start.month - 1
        number = (near.year * 12 + near.month - 1 - first) // width
        while (year := (first + number * width) // 12) < _LAST_YEAR:
            day = _in_month(year, (first + number * width) % 12 + 1, self.day or start.day)
            if self.from_ is None or day >= self.from_:
                yield day
            number += 1


def _shown(moment: datetime) -> datetime:
    """The moment itself, or the first one after the gap if the clocks skip it."""
    skipped = moment
    while skipped.replace(tzinfo=None) != skipped.astimezone(UTC).astimezone(moment.tzinfo).replace(
        tzinfo=None
    ):
        skipped = skipped.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return skipped


def _every(start: date, number: int, width: int) -> Iterator[date]:
    while (day := start + timedelta(days=number * width)).year < _LAST_YEAR:
        yield day
        number += 1


def _in_month(year: int, month: int, day: int | Literal["last", "last_working"]) -> date:
    length = calendar.monthrange(year, month)[1]
    found = date(year, month, min(day, length) if isinstance(day, int) else length)
    if day == "last_working":
        found -= timedelta(days=max(0, found.weekday() - 4))
    return found
