"""The trigger ``schedule``: at certain times, every so many seconds, or by the calendar.

Cron times are read in an IANA time zone. A time that the clocks skip in spring fires once, at
the first moment after the gap; one that they repeat in autumn fires once, the first time. Where
minute or hour begin with a star, as in ``*/30 * * * *``, real time counts, so that both of the
repeated hours fire, as in Debian's cron.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count, islice, takewhile
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from layers.contract import (
    TIME_ZONES,
    Event,
    Item,
    Json,
    Parameter,
    Params,
    Poll,
    Sample,
    Source,
    Trigger,
    TriggerContext,
    Widget,
)
from triggers.calendar_interval import CalendarInterval
from triggers.crontab import known_zone, read_crontab

DUE_NOW_S = 60.0
"""With ``missed: skip``, how late an instant may be and still fire."""
MOST_MISSED = 1000
FIRST_WINDOW_S = 3600.0


def _cron(expression: str) -> str:
    read_crontab(expression)
    return expression


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"'{text[:40]}' is not a time; write one such as '2026-12-07T09:00:00Z'."
        ) from error
    return text


class ScheduleParams(Params):
    """When to start: by ``cron``, ``every_s`` or ``every``."""

    cron: Annotated[str, Field(max_length=200), AfterValidator(_cron)] | None = Parameter(
        default=None,
        title="Cron expression",
        description=(
            "Five fields: minute, hour, day of the month, month, day of the week. Names such as "
            "MON and January, lists, ranges, steps, 'L' for the last day, 'FRIL' for the last and "
            "'5#2' for the second Friday are understood, @daily and its like, a field of seconds "
            "in front, and CRON_TZ=Europe/Berlin before it all."
        ),
        examples=["30 8 * * MON-FRI"],
        widget=Widget.CRON,
        placeholder="30 8 * * MON-FRI",
    )
    every_s: Annotated[int, Field(ge=1, le=366 * 24 * 3600)] | None = Parameter(
        default=None,
        title="Every … seconds",
        description=(
            "The instants are the multiples of this since 1970-01-01T00:00:00Z, so that 3600 "
            "is on the hour, whenever the workflow was activated; or since the start below."
        ),
        examples=[300],
    )
    start_at: Annotated[str, AfterValidator(_moment)] | None = Parameter(
        default=None,
        title="Counted from",
        description=(
            "With 'every_s', the first instant: RFC 3339; without an offset in the time zone."
        ),
        examples=["2026-12-07T09:00:00+01:00"],
        placeholder="2026-12-07T09:00:00",
    )
    every: CalendarInterval | None = Parameter(
        default=None,
        title="By the calendar",
        description="Every second Monday, the last working day of a month, and the like.",
        examples=[{"weeks": 2, "on": ["MON"], "at": "09:00", "from": "2026-12-07"}],
    )
    timezone: Annotated[str, AfterValidator(known_zone)] | None = Parameter(
        default=None,
        title="Time zone",
        description="An IANA name. Empty: the workflow's time zone.",
        examples=["Europe/Berlin"],
        options="time_zones",
    )
    missed: Literal["skip", "once", "all"] = Parameter(
        default="once",
        title="Missed runs",
        description=(
            "What to do about instants that passed while nothing ran. 'once': start once for all "
            "of them. 'skip': start only for an instant that is less than 60 seconds late, drop "
            "the others. 'all': start for each, the newest if there are too many. The item's "
            "'missed' says how many earlier instants got no start of their own (at most 1000)."
        ),
        examples=["skip"],
        widget=Widget.SELECT,
    )
    max_missed: int = Parameter(
        default=100,
        ge=1,
        le=MOST_MISSED,
        title="Most starts at once",
        description="With 'all', the largest number of starts for missed instants.",
        examples=[10],
        show_when={"missed": ["all"]},
    )

    @model_validator(mode="after")
    def _either(self) -> ScheduleParams:
        if [self.cron, self.every_s, self.every].count(None) != 2:
            raise ValueError(
                "Set one of 'cron', 'every_s' and 'every', for example 'cron': '0 9 * * *' or "
                "'every_s': 60."
            )
        if self.start_at is not None and self.every_s is None:
            raise ValueError("'start_at' goes with 'every_s'; in 'every' it is 'from'.")
        named = read_crontab(self.cron).zone if self.cron else None
        if named and self.timezone and named != self.timezone:
            raise ValueError(
                f"The cron expression names the zone {named}, 'timezone' is {self.timezone}; "
                "leave one of them out."
            )
        return self


def next_fires(params: ScheduleParams, zone: str, after: float, number: int = 5) -> list[float]:
    """Return the next instants after ``after``, in seconds since the epoch.

    ``zone`` is the workflow's time zone, for a schedule without its own.
    """
    return list(islice(instants(params, zone, after), number))


def poll(params: ScheduleParams, cursor: Json, ctx: TriggerContext) -> Poll:
    """Give an event for what has come due since the cursor, and the time of the next instant."""
    last = float(math.floor(ctx.now)) if cursor is None else _read(cursor["last"])
    overdue = [] if cursor is None else _newest_overdue(params, last, ctx)
    handled = overdue[-1] if overdue else last
    upcoming = next_fires(params, ctx.timezone, max(handled, ctx.now), 1)
    return Poll(
        events=_events(params, overdue, ctx),
        cursor={"last": _write(handled)},
        next_at=upcoming[0] if upcoming else None,
    )


def _events(params: ScheduleParams, overdue: Sequence[float], ctx: TriggerContext) -> list[Event]:
    firing = overdue[-(params.max_missed if params.missed == "all" else 1) :]
    if params.missed == "skip":
        firing = [at for at in firing if ctx.now - at < DUE_NOW_S]
    left_out = len(overdue) - len(firing)
    return [
        _event(params, at, left_out if position == 0 else 0, ctx)
        for position, at in enumerate(firing)
    ]


def _event(params: ScheduleParams, at: float, missed: int, ctx: TriggerContext) -> Event:
    item = Item(
        scheduled_at=_write(at),
        timezone=_zone_of(params) or ctx.timezone,
        missed=missed,
        fired_at=_write(ctx.now),
    )
    return Event(key=_write(at), items=[item])


def _zone_of(params: ScheduleParams) -> str | None:
    return params.timezone or (read_crontab(params.cron).zone if params.cron else None)


def _newest_overdue(params: ScheduleParams, last: float, ctx: TriggerContext) -> list[float]:
    """Return the instants past ``last`` that are due, in order, the newest ones if very many.

    It looks back over a growing window, so that a long standstill costs little.
    """
    window = FIRST_WINDOW_S
    while True:
        start = max(last, ctx.now - window)
        coming = instants(params, ctx.timezone, start)
        due = list(takewhile(lambda at: at <= ctx.now, coming))
        if start == last or len(due) > MOST_MISSED:
            return due[-(MOST_MISSED + 1) :]
        window *= 4


def instants(params: ScheduleParams, zone: str, after: float) -> Iterator[float]:
    """The moments past ``after``; ``zone`` is the workflow's, for a schedule without its own."""
    zone = params.timezone or zone
    if params.every is not None:
        return params.every.instants(zone, after)
    if params.every_s is not None:
        return _steps(params.every_s, _start(params, zone), after)
    return read_crontab(params.cron or "").instants(zone, after)


def _start(params: ScheduleParams, zone: str) -> float:
    if params.start_at is None:
        return 0.0
    moment = datetime.fromisoformat(params.start_at)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()


def _steps(step: int, start: float, after: float) -> Iterator[float]:
    number = max(math.floor((after - start) / step) + 1, 0 if start else -math.inf)
    return (start + step * further for further in count(int(number)))


def _read(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _write(moment: float) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


trigger = Trigger(
    type="schedule",
    title="Schedule",
    category="Triggers",
    summary="Starts at certain times or every so many seconds, and makes up for missed ones.",
    icon="clock",
    params=ScheduleParams,
    source=Source.POLL,
    poll=poll,
    instants=instants,
    options=TIME_ZONES,
    sample=Sample(
        params={"cron": "30 8 * * MON-FRI", "timezone": "Europe/Berlin", "missed": "once"},
        outputs={
            "main": [
                {
                    "scheduled_at": "2026-05-18T06:30:00.000Z",
                    "timezone": "Europe/Berlin",
                    "missed": 0,
                    "fired_at": "2026-05-18T06:30:00.120Z",
                }
            ]
        },
    ),
)
