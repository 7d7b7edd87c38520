"""The time zones that a parameter may be chosen from.

A node or trigger with one declares ``options=TIME_ZONES``, and ``options="time_zones"`` at the
parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from layers.contract.options import (
    ListOptions,
    Option,
    OptionContext,
    OptionPage,
    OptionQuery,
    page_of,
)

HOUR_S = 3600


async def list_time_zones(asked: OptionQuery, ctx: OptionContext) -> OptionPage:
    """IANA's zones by name, UTC first, each with how far it is from UTC now."""
    sought = replace(asked, query=asked.query.strip().replace(" ", "_"))
    return page_of(_zones(int(ctx.now // HOUR_S)), sought)


@lru_cache(maxsize=1)
def _zones(hour: int) -> tuple[Option, ...]:
    """The zones at an hour since the epoch; they are read from some hundred files."""
    moment = datetime.fromtimestamp(hour * HOUR_S, UTC)
    names = sorted(available_timezones() - {"Factory", "UTC"})
    return tuple(Option(name, name, _offset(name, moment)) for name in ("UTC", *names))


def _offset(name: str, moment: datetime) -> str:
    text = moment.astimezone(ZoneInfo(name)).strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


TIME_ZONES: Mapping[str, ListOptions] = {"time_zones": list_time_zones}
