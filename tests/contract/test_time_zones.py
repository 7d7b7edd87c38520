"""Time zones are a list that is searched like any other."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from layers.contract import OptionQuery
from layers.contract.zones import list_time_zones

JANUARY, JULY = 1768478400.0, 1784116800.0


def found(query: str, now: float = JANUARY) -> list[tuple[str, str]]:
    context: Any = SimpleNamespace(now=now)
    page = asyncio.run(list_time_zones(OptionQuery(query=query), context))
    assert all(one.label == one.value for one in page.items)
    return [(one.label, one.detail) for one in page.items]


def test_a_zone_is_found_by_a_part_of_its_name_or_how_far_it_is() -> None:
    assert ("Europe/Berlin", "UTC+01:00") in found("berlin")
    assert ("America/New_York", "UTC-05:00") in found("new york")
    assert ("Asia/Kathmandu", "UTC+05:45") in found("+05:45")


def test_summer_is_told_apart() -> None:
    assert ("Europe/Berlin", "UTC+02:00") in found("berlin", JULY)


@pytest.mark.parametrize("query", ["", "UTC"])
def test_utc_comes_first(query: str) -> None:
    assert found(query)[0] == ("UTC", "UTC+00:00")
