"""Events of Stripe's: forged, stale, twice, in any order, days late."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from billing.accounts.accounts import Accounts
from billing.accounts.webhook import take
from billing.failures import WebhookNotConfigured
from layers.settings import BillingSettings
from local_emulator.providers.stripe.deliveries import Delivery, signature
from tests.billing.shop import SECRET, Shop

KEPT = [
    "customer_id",
    "plan",
    "plan_version_id",
    "subscription_id",
    "status",
    "interval",
    "currency",
    "seats",
    "amount",
    "anchor",
    "usage_anchor",
    "period_start",
    "period_end",
    "trial_end",
    "trialed",
    "cancel_at_period_end",
    "past_due_since",
    "started_at",
    "ended_at",
    "payment_methods",
]
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "livemode": False,
    "created": 1,
    "data": {"object": {"object": "subscription", "customer": "cus_nobody"}},
}


def state(shop: Shop) -> Any:
    """Everything that events may lead to."""
    account = shop.account()
    invoices = shop.rows("SELECT id, status, total, amount_paid, data FROM invoices ORDER BY id")
    return (
        {name: getattr(account, name) for name in KEPT},
        [tuple(row) for row in invoices],
        shop.subscription()["plan"],
    )


def sent(event: dict[str, Any], secret: str = SECRET, ago: int = 0) -> tuple[str, dict[str, str]]:
    payload = json.dumps(event)
    header = signature(secret, payload, int(time.time()) - ago)
    return payload, {"stripe-signature": header}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "t=1,v1=00"},
        {"stripe-signature": "nonsense"},
    ],
)
def test_what_is_not_signed_is_refused(shop: Shop, headers: dict[str, str]) -> None:
    answer = shop.post(json.dumps(EVENT), headers)
    assert answer.status == 400, answer.text
    assert shop.rows("SELECT id FROM stripe_events") == []


@pytest.mark.parametrize(
    ("event", "secret", "ago"),
    [
        (EVENT, "whsec_of_others", 0),
        (EVENT, SECRET, 301),
        ({**EVENT, "livemode": True}, SECRET, 0),
        ({**EVENT, "id": None}, SECRET, 0),
    ],
    ids=["forged", "stale", "of the other mode", "without an id"],
)
def test_what_is_wrong_changes_nothing(
    shop: Shop, event: dict[str, Any], secret: str, ago: int
) -> None:
    assert shop.post(*sent(event, secret, ago)).status == 400
    assert shop.rows("SELECT id FROM stripe_events") == []


def test_a_changed_body_does_not_fit_its_signature(shop: Shop) -> None:
    payload, headers = sent(EVENT)
    assert shop.post(payload.replace("cus_nobody", "cus_me"), headers).status == 400


def test_without_a_secret_nothing_is_taken(shop: Shop, billing: BillingSettings) -> None:
    accounts = Accounts(
        shop.parts.database,
        shop.clock,
        replace(shop.parts.settings, billing=replace(billing, webhook_secrets=())),
    )
    payload, headers = sent(EVENT)
    with pytest.raises(WebhookNotConfigured):
        take(accounts, payload.encode(), headers["stripe-signature"])


def test_either_secret_may_have_signed(shop: Shop, billing: BillingSettings) -> None:
    both = replace(billing, webhook_secrets=("whsec_new", SECRET))
    accounts = Accounts(shop.parts.database, shop.clock, replace(shop.parts.settings, billing=both))
    for number, secret in enumerate(("whsec_new", SECRET)):
        payload, headers = sent({**EVENT, "id": f"evt_{number}"}, secret)
        assert not take(accounts, payload.encode(), headers["stripe-signature"]).duplicate


def test_duplicates_are_answered_like_the_first(shop: Shop) -> None:
    shop.subscribe("pro")
    wanted = shop.account().wanted
    for delivery in shop.delivered * 2:
        assert shop.send(delivery).json() == {"received": True}
    assert shop.account().wanted == wanted


def test_an_event_of_somebody_else_is_kept_and_harmless(shop: Shop) -> None:
    assert shop.post(*sent(EVENT)).status == 200
    ((workspace_id,),) = shop.rows("SELECT workspace_id FROM stripe_events")
    assert workspace_id is None


SIX = {
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.finalized",
    "payment_method.attached",
}


def six_events(shop: Shop) -> list[Delivery]:
    """Six events about a subscription that began, changed and was cancelled."""
    shop.subscribe("pro")
    shop.call("POST", "/billing/change", {"plan": "team"})
    shop.call("POST", "/billing/cancel")
    shop.deliver()
    newest = {one.event["type"]: one for one in shop.delivered if one.event["type"] in SIX}
    assert set(newest) == SIX
    return list(newest.values())


PARTS = 12


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))]
)
def test_all_720_orders_give_the_same(shop: Shop, part: int) -> None:
    events = six_events(shop)
    expected = state(shop)
    orders = list(itertools.permutations(events))
    assert len(orders) == 720
    for number in range(part, len(orders), PARTS):
        order = orders[number]
        forget(shop)
        early = random.Random(number).randrange(6)
        for place, delivery in enumerate(order):
            payload = json.dumps(delivery.event)
            header = signature(SECRET, payload, int(time.time()))
            taken = take(shop.parts.accounts, payload.encode(), header)
            assert not taken.duplicate
            if place == early or number % 60 == 0:
                shop.parts.accounts.synchronize(shop.person.workspace_id)
        shop.parts.accounts.synchronize(shop.person.workspace_id)
        assert state(shop) == expected, [one.event["type"] for one in order]


def forget(shop: Shop) -> None:
    """As if no event had come yet."""
    from sqlalchemy import text

    with shop.parts.database.writing() as connection:
        connection.execute(text("DELETE FROM stripe_events"))
        connection.execute(text("DELETE FROM invoices"))
        connection.execute(text("DELETE FROM billing_alerts"))
        connection.execute(
            text(
                "UPDATE billing_accounts SET plan = 'free', plan_version_id = NULL,"
                " subscription_id = NULL, status = NULL, interval = NULL, currency = NULL,"
                " seats = NULL, amount = NULL, anchor = NULL, usage_anchor = NULL,"
                " period_start = NULL, period_end = NULL, cancel_at_period_end = :no,"
                " started_at = NULL, payment_methods = NULL"
            ),
            {"no": False},
        )


def test_every_event_twice_in_any_order_changes_no_total(shop: Shop) -> None:
    six_events(shop)
    before = state(shop)
    events = shop.delivered * 2
    random.Random(3).shuffle(events)
    forget(shop)
    assert {shop.send(one).status for one in events} == {200}
    assert state(shop) == before


def test_days_late_makes_no_difference(shop: Shop) -> None:
    shop.subscribe("pro")
    late = list(shop.delivered)
    shop.call("POST", "/billing/cancel")
    shop.deliver()
    expected = state(shop)
    shop.clock.advance(3 * 86_400)
    with shop.parts.database.writing() as connection:
        from sqlalchemy import text

        connection.execute(text("DELETE FROM stripe_events"))
    for one in late:
        shop.send(one)
    assert state(shop) == expected


def test_what_no_event_told_is_found_by_reconciliation(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.accounts.reconciliation import want_stale

    shop.subscribe("pro")
    (living,) = shop.living()
    shop.parts.accounts.gateway.cancel(living["id"])
    shop.stripe.deliveries.held.clear()
    assert shop.subscription()["status"] == "active"
    assert want_stale(shop.parts.accounts) == 0
    shop.clock.advance(86_401)
    assert want_stale(shop.parts.accounts) == 1
    for workspace_id in shop.parts.accounts.due():
        shop.parts.accounts.synchronize(workspace_id)
    assert shop.subscription()["status"] == "canceled"


def test_while_stripe_is_away_it_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.failures import StripeUnavailable

    shop.subscribe("pro")
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    gateway: Any = shop.parts.accounts.gateway
    called: Callable[[str], Any] = gateway.customer

    def away(_customer_id: str) -> Any:
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "customer", away)
    shop.deliver()
    assert shop.subscription()["status"] == "active"
    assert shop.account().failures == 1
    monkeypatch.setattr(gateway, "customer", called)
    shop.clock.advance(5)
    for workspace_id in shop.parts.accounts.due():
        shop.parts.accounts.synchronize(workspace_id)
    assert shop.subscription()["status"] == "canceled"
    assert shop.account().failures == 0
