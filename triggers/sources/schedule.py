"""The trigger ``schedule``: at certain times, or every so many seconds.

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

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, model_validator

from layers.contract import Event, Item, Json, Params, Poll, Sample, Source, Trigger, TriggerContext

DUE_NOW_S = 60.0
"""With ``missed: skip``, how late an instant may be and still fire."""
MOST_MISSED = 1000
FIRST_WINDOW_S = 3600.0
CRON_EXAMPLE = (
    "Use five fields: minute, hour, day of the month, month, day of the week; "
    "for example '30 8 * * MON-FRI' for 8:30 on working days."
)


def _cron(expression: str) -> str:
    if len(expression.split()) != 5:
        raise ValueError(f"A cron expression has five fields. {CRON_EXAMPLE}")
    try:
        comes = next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        part = str(error).removeprefix("Bad ").replace("-", " ")
        raise ValueError(f"The {part} of '{expression}' is not valid. {CRON_EXAMPLE}") from error
    if comes is None:
        raise ValueError(f"'{expression}' never comes. {CRON_EXAMPLE}")
    return expression


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"There is no time zone '{name}'. Use an IANA name such as 'Europe/Berlin' or 'UTC'."
        ) from error
    return name


class ScheduleParams(Params):
    """When to start: either ``cron`` or ``every_s``."""

    cron: Annotated[str, Field(max_length=200), AfterValidator(_cron)] | None = Field(
        default=None,
        title="Cron expression",
        description=(
            "Five fields: minute, hour, day of the month, month, day of the week. Names such as "
            "MON and JAN, lists, ranges, steps, 'L' for the last day and '5#2' for the second "
            "Friday are understood."
        ),
        examples=["30 8 * * MON-FRI"],
        json_schema_extra={"x-widget": "cron", "x-placeholder": "30 8 * * MON-FRI"},
    )
    every_s: Annotated[int, Field(ge=1, le=366 * 24 * 3600)] | None = Field(
        default=None,
        title="Every … seconds",
        description=(
            "The instants are the multiples of this since 1970-01-01T00:00:00Z, so that 3600 "
            "is on the hour, whenever the workflow was activated."
        ),
        examples=[300],
    )
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None,
        title="Time zone",
        description="An IANA name. Empty: the workflow's time zone.",
        examples=["Europe/Berlin"],
        json_schema_extra={"x-widget": "timezone"},
    )
    missed: Literal["skip", "once", "all"] = Field(
        default="once",
        title="Missed runs",
        description=(
            "What to do about instants that passed while nothing ran. 'once': start once for all "
            "of them. 'skip': start only for an instant that is less than 60 seconds late, drop "
            "the others. 'all': start for each, the newest if there are too many. The item's "
            "'missed' says how many earlier instants got no start of their own (at most 1000)."
        ),
        examples=["skip"],
        json_schema_extra={"x-widget": "select"},
    )
    max_missed: int = Field(
        default=100,
        ge=1,
        le=MOST_MISSED,
        title="Most starts at once",
        description="With 'all', the largest number of starts for missed instants.",
        examples=[10],
        json_schema_extra={"x-show-when": {"missed": ["all"]}},
    )

    @model_validator(mode="after")
    def _either(self) -> ScheduleParams:
        if (self.cron is None) == (self.every_s is None):
            raise ValueError(
                "Set either 'cron' or 'every_s', for example 'cron': '0 9 * * *' or 'every_s': 60."
            )
        return self


def next_fires(params: ScheduleParams, zone: str, after: float, number: int = 5) -> list[float]:
    """Return the next instants after ``after``, in seconds since the epoch.

    ``zone`` is the workflow's time zone, for a schedule without its own.
    """
    return list(islice(_instants(params, zone, after), number))


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
        timezone=params.timezone or ctx.timezone,
        missed=missed,
        fired_at=_write(ctx.now),
    )
    return Event(key=_write(at), items=[item])


def _newest_overdue(params: ScheduleParams, last: float, ctx: TriggerContext) -> list[float]:
    """Return the instants past ``last`` that are due, in order, the newest ones if very many.

    It looks back over a growing window, so that a long standstill costs little.
    """
    window = FIRST_WINDOW_S
    while True:
        start = max(last, ctx.now - window)
        coming = _instants(params, ctx.timezone, start)
        due = list(takewhile(lambda at: at <= ctx.now, coming))
        if start == last or len(due) > MOST_MISSED:
            return due[-(MOST_MISSED + 1) :]
        window *= 4


def _instants(params: ScheduleParams, zone: str, after: float) -> Iterator[float]:
    if params.every_s is not None:
        first = math.floor(after / params.every_s) + 1
        return (float(params.every_s * number) for number in count(first))
    return _cron_instants(params.cron or "", params.timezone or zone, after)


def _cron_instants(expression: str, zone: str, after: float) -> Iterator[float]:
    start = datetime.fromtimestamp(after, ZoneInfo(zone))
    for moment in CronSim(expression, start):
        # In the repeated hour of autumn the next clock time can be one that has passed.
        if moment.timestamp() > after:
            yield moment.timestamp()


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
