"""Cron expressions as crontab(5) has them, and the dialects that people bring along.

Understood: five fields, nicknames such as ``@daily``, names of days and months in full, a zone in
front (``CRON_TZ=``, as systemd and cronie have it), a field of seconds in front (as Quartz and
n8n have it), ``?``. What has no counterpart is refused in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FORM = (
    "Use five fields: minute, hour, day of the month, month, day of the week; "
    "for example '30 8 * * MON-FRI' for 8:30 on working days."
)
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NAME = re.compile(
    r"\b(?:(SUN|MON|FRI)(?:DAY)?|(TUE)(?:S|SDAY)?|(WED)(?:NESDAY)?|(THU)(?:R|RS|RSDAY)?"
    r"|(SAT)(?:URDAY)?|(JAN)(?:UARY)?|(FEB)(?:RUARY)?|(MAR)(?:CH)?|(APR)(?:IL)?|(MAY)|(JUN)E?"
    r"|(JUL)Y?|(AUG)(?:UST)?|(SEP)(?:T|TEMBER)?|(OCT)(?:OBER)?|(NOV)(?:EMBER)?|(DEC)(?:EMBER)?)"
    r"(?=\b|L\b)"
)
_ZONE = re.compile(r"(?:CRON_TZ|TZ)=(\S+)\s+(.*)", re.DOTALL)
_SINGLE = re.compile(r"[0-5]?[0-9]")


@dataclass(frozen=True)
class Crontab:
    """A cron expression that was read."""

    fields: str
    """Five fields, or six with seconds in front."""
    zone: str | None
    """The zone that the expression names itself."""
    second: int
    """With five fields, which second of the minute."""

    def instants(self, zone: str, after: float) -> Iterator[float]:
        """The moments past ``after`` in seconds since the epoch; clock times are the zone's."""
        start = datetime.fromtimestamp(after - self.second, ZoneInfo(self.zone or zone))
        for moment in CronSim(self.fields, start):
            at = moment.timestamp() + self.second
            # In the repeated hour of autumn the next clock time can be one that has passed.
            if at > after:
                yield at


@lru_cache(maxsize=1000)
def read_crontab(expression: str) -> Crontab:
    """Read an expression; raises ValueError that says what is understood."""
    text, zone = expression.strip(), None
    if named := _ZONE.fullmatch(text):
        zone, text = known_zone(named[1]), named[2].strip()
    if text.startswith("@"):
        text = _expanded(text)
    fields = text.upper().split()
    if len(fields) == 7:
        raise ValueError(f"A field for the year is not understood in '{expression}'. {FORM}")
    if len(fields) not in (5, 6):
        raise ValueError(f"A cron expression has five fields. {FORM}")
    fields = [_NAME.sub(lambda found: found[found.lastindex or 0], field) for field in fields]
    fields[-1] = _day_of_week(fields[-1], quartz="?" in text)
    fields = ["*" if field == "?" else field for field in fields]
    _refuse_foreign(fields)
    second = 0
    if len(fields) == 6 and _SINGLE.fullmatch(fields[0]):
        # Without seconds the change of the clocks is treated as Debian's cron does.
        second = int(fields.pop(0))
    read = Crontab(" ".join(fields), zone, second)
    _check(read, expression)
    return read


def _check(read: Crontab, expression: str) -> None:
    try:
        comes = next(CronSim(read.fields, datetime(2024, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        part = str(error).removeprefix("Bad ").replace("-", " ")
        raise ValueError(f"The {part} of '{expression}' is not valid. {FORM}") from error
    if comes is None:
        raise ValueError(f"'{expression}' never comes. {FORM}")


def _expanded(nickname: str) -> str:
    found = _NICKNAMES.get(nickname.lower())
    if found is None:
        raise ValueError(
            f"There is no '{nickname[:40]}' here, only {', '.join(_NICKNAMES)}; for every so many "
            "seconds use 'every_s'."
        )
    return found


def known_zone(name: str) -> str:
    """The name of a time zone; raises ValueError with an example if there is none."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"There is no time zone '{name}'. Use an IANA name such as 'Europe/Berlin' or 'UTC'."
        ) from error
    return name


def _day_of_week(field: str, quartz: bool) -> str:
    """Names as numbers, since ranges of names may go round the end of the week."""
    if quartz and re.search(r"[0-9]", field.partition("#")[0]) and field != "*":
        raise ValueError(
            "An expression with '?' comes from Quartz, which counts the days from Sunday as 1, "
            f"crontab from Sunday as 0: write names in place of '{field}', such as MON-FRI. {FORM}"
        )
    return ",".join(_days(term) for term in field.split(","))


def _days(term: str) -> str:
    term, slash, step = term.partition("/")
    first, dash, last = term.partition("-")
    if dash and first in _DAYS and last in _DAYS:
        start, end = _DAYS.index(first), _DAYS.index(last)
        if start > end:
            days = [str(day % 7) for day in range(start, end + 8)]
            return ",".join(days[:: int(step)] if step.isdecimal() and int(step) else days)
    if term.endswith("L") and term[:-1] in _DAYS:
        return f"{_DAYS.index(term[:-1])}L"
    return term + slash + step


def _refuse_foreign(fields: list[str]) -> None:
    day = fields[-3]
    if re.search(r"\dW|\bL-\d", day):
        raise ValueError(
            f"'{day}' (the working day nearest to a day, or days before the last) is not "
            f"understood; 'L' is the last day of the month, 'LW' its last working day. {FORM}"
        )
    if any(re.match(r"H\b|H[/(]", field) for field in fields):
        raise ValueError(f"'H' is understood by Jenkins only; write a number. {FORM}")
