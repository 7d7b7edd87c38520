"""Calculating with times, in the calendar's corners."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.core.date_time import node
from layers.contract import NodeError
from tests.nodes.context import run_node

BERLIN = {"timezone": "Europe/Berlin"}


def result(**params: Any) -> Any:
    (item,) = run_node(node, params, [{"at": "2026-05-17T08:30:00Z"}])["main"]
    return item["date"]


TABLE = [
    ({"operation": "now"}, "2026-05-17T08:30:00Z"),
    ({"operation": "now", **BERLIN}, "2026-05-17T10:30:00+02:00"),
    ({"operation": "parse", "value": "{{ item.at }}"}, "2026-05-17T08:30:00Z"),
    ({"operation": "parse", "value": "2026-05-17"}, "2026-05-17T00:00:00Z"),
    ({"operation": "parse", "value": "2026-01-17 08:30", **BERLIN}, "2026-01-17T08:30:00+01:00"),
    ({"operation": "parse", "value": 1778920200}, "2026-05-16T08:30:00Z"),
    ({"operation": "parse", "value": 1778920200123}, "2026-05-16T08:30:00.123Z"),
    ({"operation": "parse", "value": 0}, "1970-01-01T00:00:00Z"),
    (
        {"operation": "parse", "value": "17.05.2026 10:30", "format": "%d.%m.%Y %H:%M", **BERLIN},
        "2026-05-17T10:30:00+02:00",
    ),
    (
        {"operation": "parse", "value": "17 May 2026 10:30 -0500", "format": "%d %b %Y %H:%M %z"},
        "2026-05-17T15:30:00Z",
    ),
    ({"operation": "format", "format": "%d.%m.%Y %H:%M", **BERLIN}, "17.05.2026 10:30"),
    ({"operation": "format", "format": "100%%"}, "100%"),
    ({"operation": "to_zone", "value": "{{ item.at }}", **BERLIN}, "2026-05-17T10:30:00+02:00"),
    ({"operation": "add", "amount": 1.5, "unit": "hour"}, "2026-05-17T10:00:00Z"),
    ({"operation": "subtract", "amount": 2, "unit": "week"}, "2026-05-03T08:30:00Z"),
    (
        {"operation": "add", "value": "2026-01-31", "amount": 1, "unit": "month"},
        "2026-02-28T00:00:00Z",
    ),
    (
        {"operation": "subtract", "value": "2024-02-29", "amount": 1, "unit": "year"},
        "2023-02-28T00:00:00Z",
    ),
    (
        {"operation": "add", "value": "2026-03-28T02:30:00", "amount": 1, **BERLIN},
        "2026-03-29T03:30:00+02:00",
    ),
    (
        {"operation": "add", "value": "2026-03-28T12:00:00", "amount": 1, **BERLIN},
        "2026-03-29T12:00:00+02:00",
    ),
    (
        {
            "operation": "add",
            "value": "2026-03-28T12:00:00",
            "amount": 24,
            "unit": "hour",
            **BERLIN,
        },
        "2026-03-29T13:00:00+02:00",
    ),
    ({"operation": "difference", "value": "2026-05-17", "to": "2026-05-20"}, 3),
    ({"operation": "difference", "value": "2026-05-20", "to": "2026-05-17"}, -3),
    (
        {"operation": "difference", "value": "{{ item.at }}", "to": "2026-05-17T10:00:00Z"}
        | {"unit": "hour"},
        1.5,
    ),
    (
        {"operation": "difference", "value": "2026-03-28", "to": "2026-03-30", **BERLIN}
        | {"unit": "hour"},
        47,
    ),
    (
        {"operation": "difference", "value": "2026-01-31", "to": "2026-02-28", "unit": "month"},
        1,
    ),
    (
        {"operation": "difference", "value": "2026-02-28", "to": "2026-01-31", "unit": "month"},
        -1,
    ),
    (
        {"operation": "difference", "value": "2024-02-29", "to": "2026-02-27", "unit": "year"},
        1,
    ),
    ({"operation": "start_of", "unit": "minute"}, "2026-05-17T08:30:00Z"),
    ({"operation": "start_of", "unit": "hour"}, "2026-05-17T08:00:00Z"),
    ({"operation": "start_of", **BERLIN}, "2026-05-17T00:00:00+02:00"),
    ({"operation": "start_of", "unit": "week"}, "2026-05-11T00:00:00Z"),
    ({"operation": "start_of", "unit": "month"}, "2026-05-01T00:00:00Z"),
    ({"operation": "start_of", "unit": "year", **BERLIN}, "2026-01-01T00:00:00+01:00"),
    (
        {"operation": "start_of", "value": "2026-11-01T05:30:00Z", "timezone": "America/Havana"},
        "2026-11-01T00:00:00-04:00",
    ),
    ({"operation": "end_of", "unit": "month"}, "2026-05-31T23:59:59.999Z"),
    ({"operation": "end_of", "unit": "week"}, "2026-05-17T23:59:59.999Z"),
    (
        {"operation": "end_of", "value": "2026-03-29T01:00:00", **BERLIN},
        "2026-03-29T23:59:59.999+02:00",
    ),
    (
        {"operation": "start_of", "value": "2026-09-06T12:00:00", "timezone": "America/Santiago"},
        "2026-09-06T01:00:00-03:00",
    ),
]


@pytest.mark.parametrize(("params", "expected"), TABLE)
def test_operations(params: dict[str, Any], expected: Any) -> None:
    assert result(**params) == expected


def test_the_other_fields_stay_and_the_result_may_lie_deeper() -> None:
    params = {"operation": "now", "into": "seen.at"}

    out = run_node(node, params, [{"seen": {"by": "Ada"}}])

    assert out["main"] == [{"seen": {"by": "Ada", "at": "2026-05-17T08:30:00Z"}}]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"operation": "parse", "value": "tomorrow"}, "Item 0: 'tomorrow' is not a time"),
        ({"operation": "parse", "value": True}, "True is not a time"),
        ({"operation": "parse", "value": "{{ None }}"}, "None is not a time"),
        ({"operation": "parse", "value": [1]}, "not a time"),
        ({"operation": "parse", "value": 1e40}, "years 1 to 9999"),
        ({"operation": "parse", "value": "17", "format": "%d.%m."}, "does not match"),
        ({"operation": "now", "timezone": "{{ 'Mars' }}"}, "Europe/Berlin"),
        ({"operation": "add", "amount": 1.5}, "no whole number"),
        ({"operation": "add", "amount": 1e12}, "Item 0"),
        ({"operation": "add", "amount": 9000, "unit": "year"}, "years 1 to 9999"),
        ({"operation": "add", "amount": 1e300, "unit": "hour"}, "Item 0"),
        ({"operation": "parse", "value": "{{ item.gone }}"}, "gone"),
    ],
)
def test_what_cannot_be_calculated_is_explained(params: dict[str, Any], says: str) -> None:
    with pytest.raises(NodeError, match=says) as error:
        result(**params)

    assert error.value.item_index == 0
    assert not error.value.retry


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"operation": "parse"}, "needs the parameter 'value'"),
        ({"operation": "format"}, "needs the parameter 'format'"),
        ({"operation": "add"}, "needs the parameter 'amount'"),
        ({"operation": "difference", "value": "2026-01-01"}, "needs the parameter 'to'"),
        ({"operation": "format", "format": "%Q"}, "'%Q' is no part of a time"),
        ({"operation": "format", "format": "%9999999d"}, "'%9' is no part of a time"),
        ({"operation": "format", "format": "%%%"}, "is no part of a time"),
        ({"operation": "add", "amount": 1, "unit": "fortnight"}, "unit"),
        ({"operation": "now", "timezone": "Mars"}, "Europe/Berlin"),
        ({"operation": "now", "timezone": "Europe"}, "no time zone"),
    ],
)
def test_wrong_parameters_are_explained(params: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        result(**params)
