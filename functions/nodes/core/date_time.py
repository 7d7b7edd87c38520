"""The node ``date_time``: reads, writes and calculates times, with time zones."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from functions.nodes.moments import read_moment, write_moment, zone_of
from functions.nodes.paths import Path, put
from layers.civil_time import days_between, days_on, settled
from layers.contract import (
    TIME_ZONES,
    Context,
    Item,
    Json,
    Node,
    NodeError,
    Outputs,
    Parameter,
    Params,
    Sample,
    Template,
    Widget,
    only,
)

Operation = Literal[
    "now", "parse", "format", "add", "subtract", "difference", "start_of", "end_of", "to_zone"
]
Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]

UNITS: tuple[Unit, ...] = get_args(Unit)
ELAPSED = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
DAYS = {"day": 1, "week": 7}
NEEDED = {
    "parse": ("value",),
    "format": ("format",),
    "add": ("amount",),
    "subtract": ("amount",),
    "difference": ("to",),
}


def _known_directives(pattern: str) -> str:
    wrong = re.sub(r"%[aAbBdHIjmMpSfyYzZuVGw%]", "", pattern)
    if "%" in wrong:
        place = wrong.index("%")
        raise ValueError(
            f"'{wrong[place : place + 2]}' is no part of a time. "
            "Use strftime directives, for example '%d.%m.%Y %H:%M'."
        )
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_known_directives)]


class DateTimeParams(Params):
    """The operation, and what it needs."""

    operation: Operation = Parameter(
        default="now",
        title="Operation",
        description=(
            "'now': the present moment. 'parse': read a time. 'format': write it your way. "
            "'add', 'subtract': move it. 'difference': from one time to another. "
            "'start_of', 'end_of': the limits of its hour, day, week (from Monday), month or "
            "year. 'to_zone': the same moment in another time zone."
        ),
        examples=["add"],
        widget=Widget.SELECT,
    )
    value: Template[Json] | None = Parameter(
        default=None,
        title="Time",
        description=(
            "RFC 3339 text, a date, or a number of seconds (or milliseconds) since 1970; "
            "without an offset it is in the time zone below. Empty: the present moment."
        ),
        examples=["{{ item.created_at }}", "2026-05-17T08:30:00Z"],
    )
    to: Template[Json] | None = Parameter(
        default=None,
        title="Second time",
        description="The later time of a difference; if it is earlier the result is negative.",
        examples=["{{ item.due_at }}"],
        show_when={"operation": ["difference"]},
    )
    amount: Template[float] | None = Parameter(
        default=None,
        title="Amount",
        description=(
            "How many units. Seconds, minutes and hours are elapsed time and may be fractions; "
            "days and longer keep the time on the clock and are whole."
        ),
        examples=[3],
        show_when={"operation": ["add", "subtract"]},
    )
    unit: Unit = Parameter(
        default="day",
        title="Unit",
        description=(
            "The unit to add, measure or round to. A difference in days or weeks counts them by "
            "the clock as 'add' does, in months or years whole ones, the others exactly."
        ),
        examples=["month"],
        widget=Widget.SELECT,
        show_when={"operation": ["add", "subtract", "difference", "start_of", "end_of"]},
    )
    format: Pattern | None = Parameter(
        default=None,
        title="Format",
        description=(
            "strftime directives: how to write the time, or how to read a text that is not "
            "RFC 3339."
        ),
        examples=["%d.%m.%Y %H:%M"],
        show_when={"operation": ["format", "parse"]},
    )
    timezone: Template[str] | None = Parameter(
        default=None,
        title="Time zone",
        description="An IANA name. Empty: the workflow's time zone.",
        examples=["Europe/Berlin"],
        options="time_zones",
    )
    into: Path = Parameter(
        default="date",
        title="Into",
        description="The field for the result; the item's other fields stay.",
        examples=["due_at"],
    )

    @model_validator(mode="after")
    def _complete(self) -> DateTimeParams:
        for name in NEEDED.get(self.operation, ()):
            if getattr(self, name) is None:
                raise ValueError(f"The operation '{self.operation}' needs the parameter '{name}'.")
        if self.timezone is not None and self.timezone.constant:
            zone_of(self.timezone.value({}))
        return self


@dataclass(frozen=True)
class Reading:
    """The parameters' values for one item."""

    params: DateTimeParams
    ctx: Context
    index: int
    zone: ZoneInfo

    def moment(self, given: Template[Json] | None) -> datetime:
        """The time that was given, in the zone; the present one if none was."""
        if given is None:
            return datetime.fromtimestamp(self.ctx.now, self.zone)
        return read_moment(self.ctx.evaluate(given, self.index), self.zone)

    def amount(self) -> float:
        """The number of units to move by."""
        assert self.params.amount is not None
        return self.ctx.evaluate(self.params.amount, self.index)


def run_item(params: DateTimeParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Give the item with the result in it."""
    return only([_stamped(params, item, index, ctx)])


def _stamped(params: DateTimeParams, item: Item, index: int, ctx: Context) -> Item:
    values = dict(item)
    try:
        name = ctx.timezone if params.timezone is None else ctx.evaluate(params.timezone, index)
        result = OPERATIONS[params.operation](Reading(params, ctx, index, zone_of(name)))
    except (ValueError, OverflowError) as error:
        raise NodeError(f"Item {index}: {error}", item_index=index, kind="invalid_time") from error
    put(values, params.into, result, index)
    return item.derive(values)


def _now(reading: Reading) -> str:
    return write_moment(reading.moment(None))


def _parse(reading: Reading) -> str:
    pattern, given = reading.params.format, reading.params.value
    if pattern is None or given is None:
        return write_moment(reading.moment(given))
    text = str(reading.ctx.evaluate(given, reading.index))
    # The zone stands in only where the text has no offset of its own.
    moment = datetime.strptime(text, pattern)  # noqa: DTZ007
    if moment.tzinfo is None:
        return write_moment(moment.replace(tzinfo=reading.zone))
    return write_moment(moment.astimezone(reading.zone))


def _format(reading: Reading) -> str:
    return reading.moment(reading.params.value).strftime(reading.params.format or "")


def _to_zone(reading: Reading) -> str:
    return write_moment(reading.moment(reading.params.value))


def _add(reading: Reading) -> str:
    start = reading.moment(reading.params.value)
    return write_moment(_moved(start, reading.amount(), reading.params.unit))


def _subtract(reading: Reading) -> str:
    start = reading.moment(reading.params.value)
    return write_moment(_moved(start, -reading.amount(), reading.params.unit))


def _difference(reading: Reading) -> float:
    start, end = reading.moment(reading.params.value), reading.moment(reading.params.to)
    unit = reading.params.unit
    if unit in ("month", "year"):
        months = _whole_months(start, end)
        return months if unit == "month" else int(months / 12)
    if unit in DAYS:
        days = days_between(start, end) / DAYS[unit]
        return int(days) if days == int(days) else days
    elapsed = (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / ELAPSED[unit]
    return int(elapsed) if elapsed.is_integer() else elapsed


def _start_of(reading: Reading) -> str:
    return write_moment(_floor(reading.moment(reading.params.value), reading.params.unit))


def _end_of(reading: Reading) -> str:
    unit = reading.params.unit
    start = _floor(reading.moment(reading.params.value), unit)
    after = _moved(start, 1, unit).astimezone(UTC)
    return write_moment((after - timedelta(milliseconds=1)).astimezone(reading.zone))


OPERATIONS: dict[Operation, Callable[[Reading], Json]] = {
    "now": _now,
    "parse": _parse,
    "format": _format,
    "add": _add,
    "subtract": _subtract,
    "difference": _difference,
    "start_of": _start_of,
    "end_of": _end_of,
    "to_zone": _to_zone,
}


def _moved(start: datetime, amount: float, unit: Unit) -> datetime:
    if unit in ("second", "minute", "hour"):
        moved = start.astimezone(UTC) + timedelta(seconds=amount * ELAPSED[unit])
        return moved.astimezone(start.tzinfo)
    if not float(amount).is_integer():
        raise ValueError(f"{amount} {unit}s is no whole number. Use a smaller unit for fractions.")
    if unit in DAYS:
        return days_on(start, int(amount) * DAYS[unit])
    return settled(_months_on(start, int(amount) * (12 if unit == "year" else 1)))


def _months_on(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("The result is outside the years 1 to 9999.")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _whole_months(start: datetime, end: datetime) -> int:
    if end < start:
        return -_whole_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if _months_on(start, months) <= end else months - 1


def _floor(moment: datetime, unit: Unit) -> datetime:
    floor = moment.replace(microsecond=0)
    if unit == "week":
        floor -= timedelta(days=floor.weekday())
    if unit == "year":
        floor = floor.replace(month=1)
    if unit in ("month", "year"):
        floor = floor.replace(day=1)
    if UNITS.index(unit) >= UNITS.index("day"):
        return settled(floor.replace(hour=0, minute=0, second=0, fold=0))
    if unit == "second":
        return floor
    return floor.replace(second=0) if unit == "minute" else floor.replace(minute=0, second=0)


node = Node(
    type="date_time",
    title="Date and time",
    category="Data",
    summary="Reads, writes, moves, rounds and compares times, with time zones.",
    icon="calendar-clock",
    params=DateTimeParams,
    run_item=run_item,
    options=TIME_ZONES,
    sample=Sample(
        params={
            "operation": "add",
            "value": "{{ item.ordered_at }}",
            "amount": 1,
            "unit": "month",
            "timezone": "Europe/Berlin",
            "into": "due_at",
        },
        items=[{"ordered_at": "2026-01-31T09:00:00Z"}],
        outputs={
            "main": [{"ordered_at": "2026-01-31T09:00:00Z", "due_at": "2026-02-28T10:00:00+01:00"}]
        },
    ),
)
