"""Every object that the emulator gives has the members and types of Stripe's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.records import outward
from tests.stripe_emulator.shapes import problems_of
from tests.stripe_emulator.shop import Shop, at
from tests.waiting import PATIENCE_S

FIXTURES = Path(__file__).parents[3] / "shared" / "data" / "stripe" / "fixtures3.json"


@pytest.fixture
def lived(shop: Shop, emulator: StripeEmulator) -> StripeEmulator:
    """An emulator in which about everything has happened."""
    v1 = shop.v1
    metered = shop.metered("0.5")
    wish: Any = {
        "customer": shop.customer.id,
        "items": [{"price": shop.pro.id}, {"price": metered.id}],
        "metadata": {"workspace_id": "w"},
    }
    first = v1.subscriptions.create(wish)
    shop.report("1000")
    v1.customers.tax_ids.create(shop.customer.id, {"type": "eu_vat", "value": "DE123456789"})
    item: Any = {"customer": shop.customer.id, "amount": 700, "currency": "eur"}
    v1.invoice_items.create({**item, "subscription": first.id})
    v1.invoice_items.create(item)
    shop.advance("2026-01-20")
    shop.change(first, shop.team, proration_behavior="create_prorations")
    v1.subscription_schedules.create({"from_subscription": first.id})
    shop.advance("2026-02-15T00:30:00")
    shop.advance("2026-02-16")
    invoice = v1.invoices.list({"customer": shop.customer.id}).data[0]
    note: Any = {"invoice": invoice.id, "amount": 300, "refund_amount": 100, "credit_amount": 200}
    v1.credit_notes.create(note)
    v1.setup_intents.create({"customer": shop.customer.id})
    coupon = v1.coupons.create({"percent_off": 10, "duration": "forever"})
    promotion: Any = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "TEN"}
    v1.promotion_codes.create(promotion)
    rate: Any = {"display_name": "VAT", "percentage": 19, "inclusive": False}
    rate = v1.tax_rates.create(rate)
    settings: Any = {"discounts": [{"coupon": coupon.id}], "default_tax_rates": [rate.id]}
    shop.subscribe(shop.pro, trial_period_days=14, **settings)
    shop.use("pm_card_chargeCustomerFail")
    shop.advance("2026-03-20")
    v1.billing_portal.sessions.create({"customer": shop.customer.id})
    session: Any = {
        "mode": "subscription",
        "customer": shop.customer.id,
        "line_items": [{"price": shop.pro.id, "quantity": 1}],
        "success_url": "http://127.0.0.1:1/",
    }
    made = v1.checkout.sessions.create(session)
    requests.post(
        str(made.url), data={"card": "pm_card_visa"}, allow_redirects=False, timeout=PATIENCE_S
    )
    v1.checkout.sessions.create(session)
    hook: Any = {"url": "http://127.0.0.1:1/", "enabled_events": ["none"]}
    v1.webhook_endpoints.create(hook)
    assert shop.read(first).created == at("2026-01-15")
    return emulator


def test_the_objects_are_as_the_sdk_says(lived: StripeEmulator) -> None:
    problems = {
        problem
        for record in lived.records.dump()
        # A meter event has no id at Stripe, and is given without.
        if record["object"] != "billing.meter_event"
        for problem in problems_of(outward(record))
    }
    assert not problems, "\n".join(sorted(problems))


def test_previews_are_as_the_sdk_says(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    item = subscription["items"]["data"][0]["id"]
    details: Any = {
        "items": [{"id": item, "price": shop.team.id}],
        "proration_behavior": "always_invoice",
    }
    wish: Any = {"subscription": subscription.id, "subscription_details": details}
    assert not problems_of(json.loads(str(shop.v1.invoices.create_preview(wish))))


def test_the_sdk_reads_every_kind_by_its_id(lived: StripeEmulator) -> None:
    client = stripe.StripeClient(lived.api_key, base_addresses={"api": lived.url})
    read = {
        "invoice": client.v1.invoices.retrieve,
        "invoiceitem": client.v1.invoice_items.retrieve,
        "credit_note": client.v1.credit_notes.retrieve,
        "subscription": client.v1.subscriptions.retrieve,
        "subscription_schedule": client.v1.subscription_schedules.retrieve,
        "refund": client.v1.refunds.retrieve,
        "price": client.v1.prices.retrieve,
        "product": client.v1.products.retrieve,
        "customer": client.v1.customers.retrieve,
        "payment_intent": client.v1.payment_intents.retrieve,
        "event": client.v1.events.retrieve,
    }
    for kind, retrieve in read.items():
        for record in lived.records.all(kind)[:3]:
            found: Any = retrieve(record["id"])
            assert (found.id, found.object) == (record["id"], kind)


@pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's own fixtures are not at hand")
def test_objects_have_the_members_of_stripes_own_fixtures(lived: StripeEmulator) -> None:
    own = json.loads(FIXTURES.read_text())["resources"]
    missing = set()
    for kind in ("invoice", "invoiceitem", "credit_note", "subscription", "subscription_schedule"):
        (record, *_) = lived.records.all(kind)
        missing |= {f"{kind}.{name}" for name in set(own[kind]) - set(record)}
    # Members of former versions of the API, and of what the emulator has no part in.
    former = {"invoice.subscription", "subscription.managed_payments"}
    assert missing <= former
