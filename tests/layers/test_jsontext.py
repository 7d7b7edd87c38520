"""JSON text: exact for what JSON can hold, an error for what it cannot."""

from __future__ import annotations

import pytest

from layers.jsontext import InvalidJson, dumps, loads


@pytest.mark.parametrize(
    "value", [None, True, 1, 2**62, 1.5, "ü\u0000", [], {"a": [1, {"b": None}]}]
)
def test_values_come_back_as_they_went(value: object) -> None:
    assert loads(dumps(value)) == value


def test_integers_past_64_bits_are_written_in_full() -> None:
    assert dumps({"n": 2**80}) == '{"n":1208925819614629174706176}'


@pytest.mark.parametrize("value", [object(), {"a": {3}}, [2**80, float("inf")]])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(InvalidJson, match="JSON"):
        dumps(value)


def test_not_a_number_becomes_null() -> None:
    assert dumps([float("nan"), float("inf")]) == "[null,null]"


@pytest.mark.parametrize("text", ["", "{", "nul", "{'a': 1}", '"\ud800"', b"\xff"])
def test_text_that_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidJson):
        loads(text)
