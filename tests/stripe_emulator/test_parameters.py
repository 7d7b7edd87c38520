"""Calls take what Stripe documents, and the same key brings the same answer for a day."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stripe

from local_emulator.providers.stripe.app import READ, ROUTES
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.parameters import FILE, check_parameters
from tests.stripe_emulator.documented import documented
from tests.stripe_emulator.shop import Shop


def test_the_parameters_are_those_of_the_sdk() -> None:
    assert json.loads(FILE.read_text()) == documented(), (
        "run: python -m tests.stripe_emulator.documented"
    )


def test_every_call_has_its_parameters() -> None:
    known = set(json.loads(FILE.read_text()))
    calls = {f"{method} {path}" for method, path, _handler in ROUTES}
    plain = {one.replace("([A-Za-z0-9_]+)", "*").replace("([^/]+)", "*") for one in calls}
    assert plain | {f"GET {group}/*" for group in READ} <= known


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"prcing": {"price": "price_1"}}, "prcing"),
        ({"pricing": {"prise": "price_1"}}, "pricing[prise]"),
        ({"discounts": [{"cupon": "x"}]}, "discounts[0][cupon]"),
    ],
)
def test_a_parameter_that_there_is_not_is_refused(shop: Shop, wish: Any, path: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.invoice_items.create({"customer": shop.customer.id, "amount": 5, **wish})
    assert (error.value.code, error.value.param) == ("parameter_unknown", path)
    assert not shop.v1.invoice_items.list().data


def test_metadata_takes_any_name() -> None:
    check_parameters("POST", "customers", {"metadata": {"workspace_id": "x"}, "email": "a@b.c"})


def test_a_call_that_was_refused_before_it_began_is_not_kept(shop: Shop) -> None:
    options: Any = {"idempotency_key": "once"}
    wrong: Any = {"customer": shop.customer.id, "amont": 5}
    for wish in (wrong, {"customer": shop.customer.id}):
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.invoice_items.create(wish, options)
    right: Any = {"customer": shop.customer.id, "amount": 5, "currency": "eur"}
    assert shop.v1.invoice_items.create(right, options).amount == 5


def test_a_payment_that_was_refused_is_kept(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    item = subscription["items"]["data"][0]["id"]
    shop.use("pm_card_chargeCustomerFail")
    change: Any = {
        "items": [{"id": item, "price": shop.team.id}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
    }
    shop.advance("2026-01-20")
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            shop.v1.subscriptions.update(subscription.id, change, {"idempotency_key": "change"})
        shop.use("pm_card_visa")
    shop.v1.subscriptions.update(subscription.id, change, {"idempotency_key": "another"})
    assert len(shop.totals()) == 2


def test_a_key_is_forgotten_after_a_day(
    client: stripe.StripeClient, emulator: StripeEmulator
) -> None:
    now = 1_769_853_600.0
    emulator.clock = lambda: now
    options: Any = {"idempotency_key": "once"}
    first = client.v1.products.create({"name": "Pro"}, options)
    now += 86_400
    assert client.v1.products.create({"name": "Pro"}, options).id == first.id
    now += 1
    assert client.v1.products.create({"name": "Team"}, options).id != first.id
