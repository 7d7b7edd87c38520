"""When schedules fire: time zones, the calendar's corners, and what is made up for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from layers.contract import Poll
from tests.triggers.sources.context import PollContext, seconds, utc
from triggers.sources.schedule import MOST_MISSED, ScheduleParams, next_fires, poll

BERLIN = "Europe/Berlin"


def params(**given: Any) -> ScheduleParams:
    return ScheduleParams(**given)


def fires(after: str, number: int, **given: Any) -> list[str | None]:
    return [utc(at) for at in next_fires(params(**given), "UTC", seconds(after), number)]


def polled(now: str, last: str | None, **given: Any) -> Poll:
    cursor = None if last is None else {"last": last}
    found = poll(params(**given), cursor, PollContext(seconds(now)))
    assert isinstance(found, Poll)
    return found


def fired(found: Poll) -> list[tuple[str, int]]:
    """The instant and the number of missed ones of each event."""
    return [
        (event.items[0]["scheduled_at"][:19], event.items[0]["missed"]) for event in found.events
    ]


CALENDAR = [
    pytest.param(
        {"cron": "30 2 * * *", "timezone": BERLIN},
        "2026-03-28T00:00:00Z",
        ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        id="a time in the spring gap fires once, at 03:00 local",
    ),
    pytest.param(
        {"cron": "0,30 2,3 * * *", "timezone": BERLIN},
        "2026-03-28T23:00:00Z",
        ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z"],
        id="several times in the gap and the one after it fire once",
    ),
    pytest.param(
        {"cron": "30 2 * * *", "timezone": BERLIN},
        "2026-10-24T12:00:00Z",
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        id="a time that autumn repeats fires once, the first time",
    ),
    pytest.param(
        {"cron": "30 2 * * *", "timezone": BERLIN},
        "2026-10-25T01:15:00Z",
        ["2026-10-26T01:30:00Z"],
        id="looking from within the repeated hour brings nothing of the past",
    ),
    pytest.param(
        {"cron": "*/30 * * * *", "timezone": BERLIN},
        "2026-10-24T23:50:00Z",
        [
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z",
        ],
        id="every half hour fires in both of the repeated hours",
    ),
    pytest.param(
        {"cron": "0 * * * *", "timezone": BERLIN},
        "2026-03-29T00:30:00Z",
        ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"],
        id="hourly goes on over the spring gap",
    ),
    pytest.param(
        {"cron": "0 0 * * *", "timezone": "America/Santiago"},
        "2026-09-05T12:00:00Z",
        ["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"],
        id="a midnight that does not exist is the first moment of the day",
    ),
    pytest.param(
        {"cron": "0 12 29 2 *"},
        "2026-01-01T00:00:00Z",
        ["2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z"],
        id="leap days only",
    ),
    pytest.param(
        {"cron": "0 0 31 * *"},
        "2026-01-31T12:00:00Z",
        [
            "2026-03-31T00:00:00Z",
            "2026-05-31T00:00:00Z",
            "2026-07-31T00:00:00Z",
            "2026-08-31T00:00:00Z",
        ],
        id="the 31st leaves short months out",
    ),
    pytest.param(
        {"cron": "0 9 L * *"},
        "2028-02-01T00:00:00Z",
        ["2028-02-29T09:00:00Z", "2028-03-31T09:00:00Z"],
        id="the last day of the month",
    ),
    pytest.param(
        {"cron": "0 9 * * FRI#2"},
        "2026-05-01T00:00:00Z",
        ["2026-05-08T09:00:00Z", "2026-06-12T09:00:00Z"],
        id="the second Friday",
    ),
    pytest.param(
        {"every_s": 3600},
        "2026-05-17T08:12:13Z",
        ["2026-05-17T09:00:00Z", "2026-05-17T10:00:00Z"],
        id="seconds are counted from 1970, not from the activation",
    ),
    pytest.param(
        {"every_s": 7},
        "1970-01-01T00:00:14Z",
        ["1970-01-01T00:00:21Z", "1970-01-01T00:00:28Z"],
        id="an instant itself is not after itself",
    ),
]


@pytest.mark.parametrize(("given", "after", "expected"), CALENDAR)
def test_next_instants(given: dict[str, Any], after: str, expected: list[str]) -> None:
    assert fires(after, len(expected), **given) == expected


def test_a_schedule_without_a_zone_uses_the_workflows() -> None:
    schedule = params(cron="0 9 * * *")

    berlin = next_fires(schedule, BERLIN, seconds("2026-07-01T00:00:00Z"), 1)

    assert [utc(at) for at in berlin] == ["2026-07-01T07:00:00Z"]


def test_the_first_poll_takes_a_position_and_fires_nothing() -> None:
    found = polled("2026-05-17T08:30:20.500Z", None, cron="* * * * *")

    assert found.events == []
    assert found.cursor == {"last": "2026-05-17T08:30:20.000Z"}
    assert utc(found.next_at) == "2026-05-17T08:31:00Z"


def test_an_instant_that_is_due_fires_under_its_own_name() -> None:
    found = polled("2026-05-17T08:31:00.250Z", "2026-05-17T08:30:20Z", cron="* * * * *")

    (event,) = found.events
    assert event.key == "2026-05-17T08:31:00.000Z"
    assert event.items == [
        {
            "scheduled_at": "2026-05-17T08:31:00.000Z",
            "timezone": "UTC",
            "missed": 0,
            "fired_at": "2026-05-17T08:31:00.250Z",
        }
    ]
    assert found.cursor == {"last": "2026-05-17T08:31:00.000Z"}
    assert utc(found.next_at) == "2026-05-17T08:32:00Z"


def test_a_poll_that_comes_early_keeps_the_position() -> None:
    found = polled("2026-05-17T08:30:59Z", "2026-05-17T08:30:00Z", cron="* * * * *")

    assert found.events == []
    assert found.cursor == {"last": "2026-05-17T08:30:00.000Z"}


def test_a_clock_that_jumps_back_fires_nothing_again() -> None:
    ahead = polled("2026-05-17T09:31:00Z", "2026-05-17T09:30:00Z", cron="* * * * *")
    last = ahead.cursor["last"]

    back = polled("2026-05-17T08:31:00Z", last, cron="* * * * *")

    assert back.events == []
    assert back.cursor == ahead.cursor
    assert utc(back.next_at) == "2026-05-17T09:32:00Z"


MISSED = [
    pytest.param({"missed": "once"}, "08:40:10", [("08:40:00", 9)], id="once for all"),
    pytest.param({}, "08:40:10", [("08:40:00", 9)], id="once is the default"),
    pytest.param({"missed": "skip"}, "08:40:10", [("08:40:00", 9)], id="skip fires what is due"),
    pytest.param(
        {"missed": "all", "max_missed": 3},
        "08:40:10",
        [("08:38:00", 7), ("08:39:00", 0), ("08:40:00", 0)],
        id="all fires the newest when there are too many",
    ),
    pytest.param(
        {"missed": "all"},
        "08:33:10",
        [("08:31:00", 0), ("08:32:00", 0), ("08:33:00", 0)],
        id="all fires each in order",
    ),
]


@pytest.mark.parametrize(("given", "now", "expected"), MISSED)
def test_missed_instants(given: dict[str, Any], now: str, expected: list[tuple[str, int]]) -> None:
    found = polled(f"2026-05-17T{now}Z", "2026-05-17T08:30:00Z", cron="* * * * *", **given)

    assert fired(found) == [(f"2026-05-17T{at}", missed) for at, missed in expected]
    assert found.cursor["last"] == f"2026-05-17T{now[:5]}:00.000Z"


@pytest.mark.parametrize(("late_s", "count"), [(59, 1), (60, 0), (61, 0)])
def test_skip_fires_only_what_is_less_than_a_minute_late(late_s: int, count: int) -> None:
    at = seconds("2026-05-17T09:00:00Z")
    cursor = {"last": "2026-05-17T08:00:00Z"}

    found = poll(params(cron="0 * * * *", missed="skip"), cursor, PollContext(at + late_s))

    assert isinstance(found, Poll)
    assert len(found.events) == count
    assert found.cursor == {"last": "2026-05-17T09:00:00.000Z"}


def test_what_was_skipped_is_not_made_up_for_later() -> None:
    first = polled("2026-05-17T09:05:00Z", "2026-05-17T06:00:00Z", cron="0 * * * *", missed="skip")
    then = polled("2026-05-17T10:00:00Z", first.cursor["last"], cron="0 * * * *", missed="skip")

    assert fired(first) == []
    assert fired(then) == [("2026-05-17T10:00:00", 0)]


@pytest.mark.parametrize("given", [{"cron": "* * * * *"}, {"every_s": 1}])
def test_a_standstill_of_years_is_counted_up_to_a_limit(given: dict[str, Any]) -> None:
    found = polled("2026-05-17T09:00:00Z", "1990-01-01T00:00:00Z", **given)

    assert fired(found) == [("2026-05-17T09:00:00", MOST_MISSED)]


def test_two_schedulers_name_an_instant_alike() -> None:
    one = polled("2026-05-17T09:00:00.010Z", "2026-05-17T08:00:00Z", cron="0 * * * *")
    other = polled("2026-05-17T09:00:07.000Z", "2026-05-17T08:00:00Z", cron="0 * * * *")

    assert [event.key for event in one.events] == [event.key for event in other.events]


WRONG = [
    ({"cron": "61 * * * *"}, "minute of '61"),
    ({"cron": "0 25 * * *"}, "hour of"),
    ({"cron": "* * * *"}, "five fields"),
    ({"cron": "0 0 8 * * * 2026"}, "year .*30 8 \\* \\* MON-FRI"),
    ({"cron": "@fortnightly"}, "@daily"),
    ({"cron": "@reboot"}, "@hourly"),
    ({"cron": "@every 5m"}, "every_s"),
    ({"cron": "0 0 15W * *"}, "working day .* five fields"),
    ({"cron": "0 0 L-3 * *"}, "last day of the month"),
    ({"cron": "0 0 12 ? * 2-6"}, "Quartz"),
    ({"cron": "H 2 * * *"}, "Jenkins"),
    ({"cron": "22-2 * * * *"}, "minute of"),
    ({"cron": "CRON_TZ=Berlin 0 9 * * *"}, "no time zone"),
    ({"cron": "CRON_TZ=UTC 0 9 * * *", "timezone": BERLIN}, "leave one of them out"),
    ({"cron": "0 0 30 2 *"}, "day of month of"),
    ({"cron": "0 0 * * 5-1"}, "day of week of"),
    ({"cron": "* * * * *", "timezone": "Berlin"}, "Europe/Berlin"),
    ({"cron": "* * * * *", "timezone": "../etc/passwd"}, "no time zone"),
    ({"cron": "* * * * *", "every_s": 5}, "one of 'cron', 'every_s' and 'every'"),
    ({}, "one of 'cron', 'every_s' and 'every'"),
    ({"every_s": 5, "every": {"days": 1}}, "one of 'cron', 'every_s' and 'every'"),
    ({"every_s": 5, "start_at": "noon"}, "2026-12-07T09:00:00Z"),
    ({"cron": "* * * * *", "start_at": "2026-12-07T09:00:00Z"}, "'from'"),
    ({"every": {}}, "one of 'days', 'weeks' and 'months'"),
    ({"every": {"days": 1, "weeks": 1}}, "one of 'days', 'weeks' and 'months'"),
    ({"every": {"weeks": 2, "on": ["MON"]}}, "Set 'from'"),
    ({"every": {"days": 1, "on": ["MON"]}}, "goes with 'weeks'"),
    ({"every": {"weeks": 1, "day": 3}}, "goes with 'months'"),
    ({"every": {"weeks": 1, "on": ["someday"]}}, "MON"),
    ({"every": {"days": 1, "at": "9"}}, "09:00"),
    ({"every": {"days": 1, "at": "09:00Z"}}, "without a zone"),
    ({"every": {"days": 1, "from": "2026-12-07", "until": "2026-12-01"}}, "never come"),
    ({"every_s": 0}, "greater than or equal to 1"),
    ({"every_s": 60, "missed": "twice"}, "'skip', 'once' or 'all'"),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_wrong_parameters_are_explained(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        params(**given)


@pytest.mark.parametrize(
    ("dialect", "crontab"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@Daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("0 9 * * Monday", "0 9 * * 1"),
        ("0 9 * * monday-friday", "0 9 * * 1-5"),
        ("0 9 * January,sept Tues", "0 9 * 1,9 2"),
        ("0 9 * * FRI-SUN", "0 9 * * 5,6,0"),
        ("0 9 * * FRI-MON", "0 9 * * 5,6,0,1"),
        ("0 9 * * SAT-MON/2", "0 9 * * 6,1"),
        ("0 9 * * 7", "0 9 * * 0"),
        ("0 9 * * 5-7", "0 9 * * 0,5,6"),
        ("0 9 * * FRIL", "0 9 * * 5L"),
        ("0 9 * * FRI#2", "0 9 * * 5#2"),
        ("0 0 9 * * *", "0 9 * * *"),
        ("0 0 12 ? * MON-FRI", "0 12 * * 1-5"),
        ("0 15 10 L * ?", "15 10 L * *"),
        ("  30   8 * * 1 ", "30 8 * * 1"),
    ],
)
def test_the_dialects_of_cron_mean_what_they_say(dialect: str, crontab: str) -> None:
    start = "2026-03-28T00:00:00Z"
    expected = fires(start, 6, cron=crontab, timezone=BERLIN)
    assert fires(start, 6, cron=dialect, timezone=BERLIN) == expected


def test_a_field_of_seconds_is_understood() -> None:
    assert fires("2026-05-01T00:00:00Z", 2, cron="15 30 8 * * *") == [
        "2026-05-01T08:30:15Z",
        "2026-05-02T08:30:15Z",
    ]
    assert fires("2026-05-01T08:30:10Z", 2, cron="*/20 30 8 * * *") == [
        "2026-05-01T08:30:20Z",
        "2026-05-01T08:30:40Z",
    ]
    # The same second of a time in the spring gap, as without seconds.
    gap = fires("2026-03-28T12:00:00Z", 1, cron="5 30 2 * * *", timezone=BERLIN)
    assert gap == ["2026-03-29T01:00:05Z"]


def test_a_zone_in_front_of_the_expression_is_its_zone() -> None:
    named = fires("2026-05-01T00:00:00Z", 1, cron="CRON_TZ=Asia/Tokyo 0 9 * * *")
    assert named == ["2026-05-02T00:00:00Z"]
    found = polled("2026-05-02T00:00:01Z", "2026-05-01T12:00:00Z", cron="TZ=Asia/Tokyo 0 9 * * *")
    assert found.events[0].items[0]["timezone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("every", "after", "expected"),
    [
        pytest.param(
            {"weeks": 2, "on": ["MON"], "at": "09:00", "from": "2026-12-07"},
            "2026-11-01T00:00:00Z",
            ["2026-12-07T08:00:00Z", "2026-12-21T08:00:00Z", "2027-01-04T08:00:00Z"],
            id="every second Monday from a day on",
        ),
        pytest.param(
            {"weeks": 2, "on": ["MON"], "at": "09:00", "from": "2026-03-16"},
            "2026-03-16T09:00:00Z",
            ["2026-03-30T07:00:00Z", "2026-04-13T07:00:00Z"],
            id="the time of day stays when the clocks change",
        ),
        pytest.param(
            {"weeks": 2, "on": ["WED", "mon", "Sunday"], "from": "2026-12-09"},
            "2026-12-01T00:00:00Z",
            ["2026-12-08T23:00:00Z", "2026-12-12T23:00:00Z", "2026-12-20T23:00:00Z"],
            id="several days of the week, counted from the week of the start, none before it",
        ),
        pytest.param(
            {"weeks": 3, "from": "2026-12-10"},
            "2026-12-11T00:00:00Z",
            ["2026-12-30T23:00:00Z"],
            id="without days, the weekday of the start",
        ),
        pytest.param(
            {"days": 10, "at": ["18:00", "06:00"], "from": "2026-01-01"},
            "2026-01-01T06:00:00Z",
            ["2026-01-01T17:00:00Z", "2026-01-11T05:00:00Z", "2026-01-11T17:00:00Z"],
            id="every ten days, twice",
        ),
        pytest.param(
            {"days": 1, "at": "02:30"},
            "2026-03-28T12:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
            id="a time in the spring gap",
        ),
        pytest.param(
            {"days": 1, "at": "02:30"},
            "2026-10-24T12:00:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
            id="a time that autumn repeats",
        ),
        pytest.param(
            {"months": 1, "day": "last_working", "at": "12:00"},
            "2026-01-01T00:00:00Z",
            ["2026-01-30T11:00:00Z", "2026-02-27T11:00:00Z", "2026-03-31T10:00:00Z"],
            id="the last working day of a month",
        ),
        pytest.param(
            {"months": 1, "day": 31},
            "2026-01-31T00:00:00Z",
            ["2026-02-27T23:00:00Z", "2026-03-30T22:00:00Z", "2026-04-29T22:00:00Z"],
            id="the end of shorter months",
        ),
        pytest.param(
            {"months": 3, "from": "2026-01-15", "until": "2026-07-15"},
            "2026-02-01T00:00:00Z",
            ["2026-04-14T22:00:00Z", "2026-07-14T22:00:00Z"],
            id="every quarter until a day, which is the last",
        ),
    ],
)
def test_intervals_by_the_calendar(every: dict[str, Any], after: str, expected: list[str]) -> None:
    found = fires(after, len(expected) + ("until" in every), every=every, timezone=BERLIN)
    assert found == expected


def test_seconds_are_counted_from_a_start() -> None:
    given = {"every_s": 1_209_600, "start_at": "2026-12-07T09:00:00", "timezone": BERLIN}
    assert fires("2026-01-01T00:00:00Z", 2, **given) == [
        "2026-12-07T08:00:00Z",
        "2026-12-21T08:00:00Z",
    ]
    assert fires("2026-12-21T08:00:00Z", 1, **given) == ["2027-01-04T08:00:00Z"]


def test_a_calendar_that_has_ended_polls_no_more() -> None:
    every = {"days": 1, "until": "2026-01-01"}
    found = polled("2026-01-01T12:00:00Z", "2025-12-31T12:00:00Z", every=every)
    assert (len(found.events), found.next_at) == (1, None)
