"""Products to invoices, with a clock that is moved."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.stripe_emulator.shop import Shop, at
from tests.waiting import PATIENCE_S

FIXTURES = Path(__file__).parents[3] / "shared" / "data" / "stripe" / "fixtures3.json"


def test_a_subscription_is_paid_renewed_and_ends_with_its_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    assert subscription.status == "active"
    shop.advance("2026-03-20")
    assert shop.totals() == [2000, 2000, 2000]
    shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert shop.read(subscription).status == "active"
    assert shop.read(subscription).cancel_at == at("2026-04-15")
    shop.advance("2026-04-16")
    assert shop.read(subscription).status == "canceled"
    assert shop.totals() == [2000, 2000, 2000]


def test_the_end_of_a_month_is_kept(client: stripe.StripeClient) -> None:
    shop = Shop(client, "2028-01-31")
    subscription = shop.subscribe(shop.pro)
    ends = []
    for moment in ("2028-02-01", "2028-03-01", "2028-04-01", "2028-05-01"):
        shop.advance(moment)
        ends.append(shop.read(subscription)["items"]["data"][0]["current_period_end"])
    expected = ["2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]
    assert ends == [at(one) for one in expected]


def test_an_upgrade_costs_the_rest_of_the_period_and_its_preview_says_so(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.advance("2026-01-31T12:00:00")
    item = subscription["items"]["data"][0]["id"]
    details: Any = {
        "items": [{"id": item, "price": shop.team.id}],
        "proration_behavior": "always_invoice",
    }
    wish: Any = {"subscription": subscription.id, "subscription_details": details}
    preview = shop.v1.invoices.create_preview(wish)
    # 14.5 of 31 days are left: that part of 50.00 less that part of 20.00.
    assert preview.total == round(5000 * 14.5 / 31) - round(2000 * 14.5 / 31)
    shop.change(subscription, shop.team, proration_behavior="always_invoice")
    assert shop.totals() == [2000, preview.total]
    lines = [one.amount for one in preview.lines.data]
    assert sum(lines) == preview.total
    assert lines[0] < 0 < lines[1]


def test_a_downgrade_leaves_a_credit_for_what_comes(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    shop.advance("2026-01-31T12:00:00")
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")
    (_first, credit) = shop.totals()
    assert credit < 0
    assert shop.v1.customers.retrieve(shop.customer.id).balance == credit
    shop.advance("2026-02-16")
    invoice = shop.v1.invoices.list({"customer": shop.customer.id}).data[0]
    assert (invoice.total, invoice.amount_due) == (2000, max(0, 2000 + credit))


def test_another_rhythm_begins_at_once(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.advance("2026-01-20")
    shop.change(subscription, shop.year, proration_behavior="always_invoice")
    item = shop.read(subscription)["items"]["data"][0]
    assert item["current_period_end"] == at("2027-01-20")
    assert shop.totals()[-1] < 20000


def test_a_card_that_fails_goes_through_dunning_to_unpaid_and_back(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.use("pm_card_chargeCustomerFail")
    shop.advance("2026-02-16")
    assert shop.read(subscription).status == "past_due"
    shop.advance("2026-03-10")
    assert shop.read(subscription).status == "unpaid"
    shop.use("pm_card_visa")
    invoice = shop.v1.invoices.list({"customer": shop.customer.id}).data[0]
    shop.v1.invoices.pay(invoice.id)
    assert shop.read(subscription).status == "active"


def test_a_trial_ends_in_a_first_invoice(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro, trial_period_days=14)
    assert subscription.status == "trialing"
    shop.advance("2026-01-30")
    assert shop.read(subscription).status == "active"
    assert [one for one in shop.totals() if one] == [2000]


def test_used_units_are_billed_after_the_period(shop: Shop, client: stripe.StripeClient) -> None:
    meter = client.v1.billing.meters.create(
        {
            "display_name": "Executions",
            "event_name": "executions",
            "default_aggregation": {"formula": "sum"},
        }
    )
    metered = client.v1.prices.create(
        {
            "product": shop.product.id,
            "currency": "eur",
            "unit_amount_decimal": "0.5",
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        }
    )
    wish: Any = {
        "customer": shop.customer.id,
        "items": [{"price": shop.pro.id}, {"price": metered.id}],
    }
    client.v1.subscriptions.create(wish)
    shop.advance("2026-01-20")
    for number in range(3):
        event: Any = {
            "event_name": "executions",
            "identifier": f"day-{number}",
            "payload": {"stripe_customer_id": shop.customer.id, "value": "101"},
        }
        client.v1.billing.meter_events.create(event)
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        client.v1.billing.meter_events.create(event)
    shop.advance("2026-02-16")
    invoice = shop.v1.invoices.list({"customer": shop.customer.id}).data[0]
    assert sorted(one.amount for one in invoice.lines.data) == [152, 2000]


def test_a_declined_card_makes_no_subscription(shop: Shop) -> None:
    with pytest.raises(stripe.CardError):
        shop.use("pm_card_chargeDeclined")


def test_the_same_key_makes_one_thing(client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "once"}
    one = client.v1.products.create({"name": "Pro"}, options)
    assert client.v1.products.create({"name": "Pro"}, options).id == one.id
    assert len(client.v1.products.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        client.v1.products.create({"name": "Team"}, options)


def test_errors_are_those_of_the_sdk(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.customers.retrieve("cus_nobody")
    assert missing.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.products.create({"name": ""})
    stranger = stripe.StripeClient(
        "sk_test_wrong", base_addresses=client._requestor._options.base_addresses
    )  # type: ignore[arg-type]
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.products.list()


class Receiver:
    """A webhook endpoint that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        kept = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.append((body, self.headers["stripe-signature"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def test_checkout_is_paid_on_its_page_and_told_by_signed_events(
    shop: Shop,
    client: stripe.StripeClient,
    emulator: StripeEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # An event whose answer is only late must not be told again.
    monkeypatch.setattr("local_emulator.providers.stripe.deliveries.WITHIN_S", PATIENCE_S)
    receiver = Receiver()
    endpoint = client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["checkout.session.completed", "invoice.paid"]}
    )
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": shop.customer.id,
            "line_items": [{"price": shop.pro.id, "quantity": 1}],
            "success_url": "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:1/",
            "metadata": {"workspace": "w"},
        }
    )
    assert "2000" in requests.get(str(session.url), timeout=PATIENCE_S).text
    refused = requests.post(
        str(session.url), data={"card": "pm_card_chargeDeclined"}, timeout=PATIENCE_S
    )
    assert refused.status_code == 402
    paid = requests.post(
        str(session.url), data={"card": "pm_card_visa"}, allow_redirects=False, timeout=PATIENCE_S
    )
    assert paid.headers["location"].endswith(f"session={session.id}")
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert found.status == "complete"
    assert isinstance(found.subscription, stripe.Subscription)
    assert found.subscription.status == "active"
    emulator.deliveries.settle()
    events = [
        stripe.Webhook.construct_event(body, header, str(endpoint.secret))
        for body, header in receiver.got
    ]
    assert [one.type for one in events] == ["invoice.paid", "checkout.session.completed"]
    receiver.server.shutdown()


def test_currencies_without_minor_units(client: stripe.StripeClient) -> None:
    shop = Shop(client, currency="jpy")
    subscription = shop.subscribe(shop.pro)
    shop.advance("2026-01-25")
    shop.change(subscription, shop.team, proration_behavior="always_invoice")
    assert all(isinstance(one, int) for one in shop.totals())
    invoice = shop.v1.invoices.list({"customer": shop.customer.id}).data[0]
    assert invoice.currency == "jpy"


@pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's own fixtures are not at hand")
def test_objects_have_the_members_of_stripes_own(shop: Shop, emulator: StripeEmulator) -> None:
    shop.subscribe(shop.pro)
    shop.v1.checkout.sessions.create(
        {"mode": "setup", "customer": shop.customer.id, "success_url": "http://127.0.0.1:1/"}
    )
    own = json.loads(FIXTURES.read_text())["resources"]
    inner = "emulator_"
    for kind in ("product", "price", "customer", "subscription", "invoice", "payment_method"):
        (record, *_) = emulator.records.all(kind)
        unknown = {name for name in record if not name.startswith(inner)} - set(own[kind])
        assert not unknown - {"parent", "test_clock", "pause_collection"}, (kind, unknown)
