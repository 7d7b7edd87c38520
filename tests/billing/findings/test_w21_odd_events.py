"""W21: whatever a signed body is, it is answered; and nothing is kept that does not fit."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local_emulator.providers.stripe.deliveries import signature
from tests.billing.shop import SECRET, Shop
from tests.billing.test_webhook import EVENT

LONG = "x" * 5_000
ODD: dict[str, Any] = {
    "data is a text": {**EVENT, "data": "s"},
    "data is a list": {**EVENT, "data": []},
    "data is null": {**EVENT, "data": None},
    "no data": {name: value for name, value in EVENT.items() if name != "data"},
    "the object is a list": {**EVENT, "data": {"object": [1]}},
    "the object is a number": {**EVENT, "data": {"object": 1}},
    "the object is null": {**EVENT, "data": {"object": None}},
    "created is a text": {**EVENT, "created": "abc"},
    "created is true": {**EVENT, "created": True},
    "created is below zero": {**EVENT, "created": -1},
    "created is huge": {**EVENT, "created": 10**30},
    "created is a fraction": {**EVENT, "created": 1.5},
    "the id is long": {**EVENT, "id": "evt_" + LONG},
    "the id is empty": {**EVENT, "id": ""},
    "the id is a number": {**EVENT, "id": 1},
    "the id has a zero byte": {**EVENT, "id": "evt_\0"},
    "the id has a line": {**EVENT, "id": "evt_1\n"},
    "the id is half a letter": {**EVENT, "id": "evt_\ud800"},
    "the type is long": {**EVENT, "type": LONG},
    "the type is an object": {**EVENT, "type": {}},
    "livemode is a text": {**EVENT, "livemode": "false"},
    "livemode is zero": {**EVENT, "livemode": 0},
    "a list": [EVENT],
    "a text": "event",
    "null": None,
    "a number": 7,
}
UNKNOWN: dict[str, Any] = {
    "another kind": {**EVENT, "type": "v2.core.something_new"},
    "no customer": {**EVENT, "data": {"object": {}}},
    "the customer is a list": {**EVENT, "data": {"object": {"customer": []}}},
    "the customer is long": {**EVENT, "data": {"object": {"customer": LONG}}},
    "the customer has a zero byte": {**EVENT, "data": {"object": {"customer": "cus_\0"}}},
    "the customer is an object": {**EVENT, "data": {"object": {"customer": {"id": 5}}}},
    "no created": {name: value for name, value in EVENT.items() if name != "created"},
}


def post(shop: Shop, payload: str, header: str | None = None) -> int:
    signed = header or signature(SECRET, payload, int(time.time()))
    return shop.post(payload, {"stripe-signature": signed}).status


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_event_is_refused_and_not_kept(shop: Shop, name: str) -> None:
    assert post(shop, json.dumps(ODD[name])) == 400
    assert shop.rows("SELECT id FROM stripe_events") == []


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_taken(shop: Shop, name: str) -> None:
    assert post(shop, json.dumps(UNKNOWN[name])) == 200
    (row,) = shop.rows("SELECT id, customer_id FROM stripe_events")
    assert (row.id, row.customer_id) == ("evt_1", None) or name in {"another kind", "no created"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "payload",
    ["", "{", "[" * 100_000 + "]" * 100_000, '{"id": NaN}', "\ufeff{}", '{"a":' * 50_000],
    ids=["empty", "open", "deep", "NaN", "mark", "deep and open"],
)
def test_what_is_no_json_is_refused(shop: Shop, payload: str) -> None:
    assert post(shop, payload) == 400


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "header",
    ["t=abc,v1=00", "t=" + "9" * 5000 + ",v1=00", "t=1,v1=\xe9", "v1=00", "t=,v1=", "\xff=1"],
)
def test_odd_signatures_are_refused(shop: Shop, header: str) -> None:
    now = header.replace("t=1,", f"t={int(time.time())},")
    assert post(shop, json.dumps(EVENT), now) == 400
    assert shop.rows("SELECT id FROM stripe_events") == []
