"""The documented functions do what their documentation shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layers.expressions import FUNCTIONS, DateTime, compile_expression
from layers.expressions.reference import renewed

PAGE = Path(__file__).parents[2] / "docs" / "expressions.md"


def value(source: str, **scope: Any) -> Any:
    return compile_expression(source).evaluate(scope)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_documented_example_gives_what_the_page_says(name: str) -> None:
    function = FUNCTIONS[name]
    expected = json.loads(function.gives)
    found = value(function.example, item={})
    assert found == expected
    assert type(found) is type(expected)
    assert function.doc.endswith(".")
    assert function.signature.startswith(f"{name}(")


def test_the_page_of_functions_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "run: python -m layers.expressions.reference docs/expressions.md"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("round(2.5)", 2),
        ("round(1234, -2)", 1200),
        ("int('-3')", -3),
        ("int(2.9)", 2),
        ("int(True)", 1),
        ("number(' 7 ')", 7),
        ("number('x', 0)", 0),
        ("min([], default=0)", 0),
        ("max('b', 'a')", "b"),
        ("sorted(['b', None, 'a'])", ["a", "b", None]),
        (
            "sorted([{'a': {'b': 2}}, {'a': {'b': 1}}, {}], 'a.b')",
            [{"a": {"b": 1}}, {"a": {"b": 2}}, {}],
        ),
        (
            "unique([1, True, 1.0, '1', {'a': 1, 'b': 2}, {'b': 2, 'a': 1}])",
            [1, True, "1", {"a": 1, "b": 2}],
        ),
        ("unique([{'id': 1}, {'id': 1, 'x': 2}], 'id')", [{"id": 1}]),
        ("flatten([1, [2, [3]]], 2)", [1, 2, 3]),
        ("range(2, 8, 3)", [2, 5]),
        ("range(3, 0, -1)", [3, 2, 1]),
        ("split('a  b')", ["a", "b"]),
        ("split('a,b,c', ',', 1)", ["a", "b,c"]),
        ("json_dump({'a': [1]}, indent=True)", '{\n  "a": [\n    1\n  ]\n}'),
        ("b64_decode('w7_Dvw')", "ÿÿ"),
        ("regex_groups('ab', '(.)(.)')", ["a", "b"]),
        ("regex_find('abc', 'x')", None),
        (r"regex_replace('a-b', r'(?P<l>\w)-', r'\g<l>\\')", "a\\b"),
        (r"matches('café 12', '^\pL+ \d+$')", True),
        ("parse_date('Tue, 14 Nov 2023 22:13:20 GMT')", "2023-11-14T22:13:20.000Z"),
        (
            "parse_date('31.12.2024 08:30', 'Europe/Berlin', '%d.%m.%Y %H:%M')",
            "2024-12-31T08:30:00.000+01:00",
        ),
        ("add_time('2024-01-31', months=1)", "2024-02-29T00:00:00.000Z"),
        ("add_time('2024-02-29', years=-1)", "2023-02-28T00:00:00.000Z"),
        ("date_diff('2025-03-01', '2025-01-31', 'months')", 1),
        ("date_diff('2025-01-31', '2025-03-01', 'months')", -1),
        ("date_diff('2025-03-01', '2022-03-02', 'years')", 2),
        ("date_diff('2025-01-02', '2025-01-01T12:00Z')", 0.5),
        ("start_of('2025-03-26T10:00Z', 'week')", "2025-03-24T00:00:00.000Z"),
        ("start_of('2025-08-26', 'quarter')", "2025-07-01T00:00:00.000Z"),
        ("format_date('2025-03-06T15:04:05Z', '%e %B %I %p 100%%')", "6 March 03 PM 100%"),
        ("to_zone('2025-01-01', 'America/New_York').hour", 19),
        ("type(parse_date('2025-01-01'))", "date"),
        ("merge({'a': 1}, {'a': 2, 'b': 3})", {"a": 2, "b": 3}),
        ("str(0.1)", "0.1"),
        ("str(None) + str(True)", "true"),
        ("slug('Äpfel & Birnen')", "apfel-birnen"),
        ("html_escape('<a href=\"x\">')", "&lt;a href=&quot;x&quot;&gt;"),
    ],
)
def test_a_function_handles_its_corner(source: str, expected: Any) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # 30 March 2025, 02:00 → 03:00 in Berlin.
        ("add_time(t, days=1)", "2025-03-30T03:30:00.000+02:00"),
        ("add_time(t, hours=24)", "2025-03-30T03:30:00.000+02:00"),
        ("add_time(t, days=2)", "2025-03-31T02:30:00.000+02:00"),
        ("add_time(t, hours=48)", "2025-03-31T03:30:00.000+02:00"),
        (
            "date_diff(start_of('2025-03-31', 'day', z), start_of(t2, 'day', z), 'hours')",
            23,
        ),
        ("end_of('2025-03-30T12:00Z', 'day', z)", "2025-03-30T23:59:59.999+02:00"),
    ],
)
def test_days_follow_the_calendar_and_hours_the_clock(source: str, expected: Any) -> None:
    start = compile_expression("to_zone('2025-03-29T01:30Z', z)")
    moment = DateTime.from_timestamp(1_743_211_800, "Europe/Berlin")
    assert start.evaluate({"z": "Europe/Berlin"}) == str(moment)
    assert value(source, t=moment, t2="2025-03-30", z="Europe/Berlin") == expected


def test_moments_compare_across_zones() -> None:
    here = DateTime.from_timestamp(0, "Asia/Tokyo")
    there = DateTime.from_timestamp(0)
    assert here == there
    assert hash(here) == hash(there)
    assert value("a == b and a >= b and not a < b", a=here, b=there) is True
    assert str(here) == "1970-01-01T09:00:00.000+09:00"


def test_a_moment_does_not_change() -> None:
    with pytest.raises(AttributeError):
        DateTime.from_timestamp(0).moment = None  # type: ignore[assignment]
