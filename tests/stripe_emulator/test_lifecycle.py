"""What becomes of subscriptions: trials, failed payments, ends, and ways back."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.stripe_emulator.shop import Shop, at


def newest(shop: Shop) -> stripe.Invoice:
    return shop.v1.invoices.list({"customer": shop.customer.id}).data[0]


def types(emulator: StripeEmulator) -> list[str]:
    return [one["type"] for one in emulator.records.all("event")]


def test_a_trial_has_a_line_of_nothing_and_is_then_paid(shop: Shop) -> None:
    shop.subscribe(shop.pro, trial_period_days=14)
    (line,) = newest(shop).lines.data
    assert (line.amount, line.description) == (0, "Trial period for Pro")
    assert (line.period.start, line.period.end) == (at("2026-01-15"), at("2026-01-29"))
    shop.advance("2026-01-29T02:00:00")
    assert (newest(shop).billing_reason, newest(shop).amount_paid) == ("subscription_cycle", 2000)


def test_a_trial_that_was_cancelled_ends_with_it_and_costs_nothing(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro, trial_period_days=14)
    shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    shop.advance("2026-03-01")
    now = shop.read(subscription)
    assert (now.status, now.ended_at) == ("canceled", at("2026-01-29"))
    assert shop.totals() == [0]


def test_the_end_of_a_trial_is_told_three_days_before(shop: Shop, emulator: StripeEmulator) -> None:
    shop.subscribe(shop.pro, trial_period_days=14)
    shop.advance("2026-01-25")
    assert "customer.subscription.trial_will_end" not in types(emulator)
    shop.advance("2026-01-26")
    assert types(emulator).count("customer.subscription.trial_will_end") == 1


def test_a_trial_is_made_longer_and_ended_now(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro, trial_period_days=14)
    shop.v1.subscriptions.update(subscription.id, {"trial_end": at("2026-02-15")})
    shop.advance("2026-02-10")
    assert shop.read(subscription).status == "trialing"
    shop.v1.subscriptions.update(subscription.id, {"trial_end": "now"})
    now = shop.read(subscription)
    assert (now.status, now.billing_cycle_anchor) == ("active", at("2026-02-10"))
    assert (newest(shop).billing_reason, newest(shop).status) == ("subscription_update", "paid")
    shop.change(now, shop.team, proration_behavior="always_invoice")
    (item,) = shop.read(subscription)["items"]["data"]
    assert item["current_period_end"] == at("2026-03-10")


def test_a_trial_without_a_card_is_paused_and_resumed(
    client: stripe.StripeClient, emulator: StripeEmulator
) -> None:
    shop = Shop(client)
    settings: Any = {"invoice_settings": {"default_payment_method": ""}}
    shop.v1.customers.update(shop.customer.id, settings)
    behaviour = {"end_behavior": {"missing_payment_method": "pause"}}
    subscription = shop.subscribe(shop.pro, trial_period_days=14, trial_settings=behaviour)
    shop.advance("2026-04-01")
    assert shop.read(subscription).status == "paused"
    assert shop.totals() == [0]
    assert [one.id for one in shop.v1.subscriptions.list({"customer": shop.customer.id}).data] == [
        subscription.id
    ]
    shop.use("pm_card_visa")
    resumed = shop.v1.subscriptions.resume(subscription.id)
    assert (resumed.status, resumed.billing_cycle_anchor) == ("active", at("2026-04-01"))
    assert shop.totals() == [0, 2000]
    assert "customer.subscription.resumed" in types(emulator)
    with pytest.raises(stripe.InvalidRequestError, match="paused"):
        shop.v1.subscriptions.resume(subscription.id)


def test_periods_of_invoices_look_back_and_those_of_lines_ahead(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    first = newest(shop)
    assert (first.period_start, first.period_end) == (at("2026-01-15"), at("2026-01-15"))
    shop.advance("2026-02-16")
    second = newest(shop)
    assert (second.period_start, second.period_end) == (at("2026-01-15"), at("2026-02-15"))
    (line,) = second.lines.data
    assert (line.period.start, line.period.end) == (at("2026-02-15"), at("2026-03-15"))
    shop.change(subscription, shop.team, proration_behavior="always_invoice")
    assert newest(shop).period_end == at("2026-02-16")


def test_a_first_payment_that_fails_is_waited_for_23_hours(shop: Shop) -> None:
    shop.use("pm_card_chargeCustomerFail")
    subscription = shop.subscribe(shop.pro)
    assert subscription.status == "incomplete"
    shop.advance("2026-01-15T22:59:59")
    assert shop.read(subscription).status == "incomplete"
    shop.advance("2026-01-15T23:00:00")
    assert shop.read(subscription).status == "incomplete_expired"
    assert newest(shop).status == "void"


def test_a_first_payment_that_fails_makes_nothing_if_so_wished(shop: Shop) -> None:
    shop.use("pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError):
        shop.subscribe(shop.pro, payment_behavior="error_if_incomplete")
    assert not shop.v1.subscriptions.list({"customer": shop.customer.id, "status": "all"}).data
    assert shop.totals() == []
    shop.use("pm_card_visa")
    shop.subscribe(shop.pro, payment_behavior="error_if_incomplete")
    assert newest(shop).number is not None
    assert str(newest(shop).number).endswith("-0001")


def test_a_refused_change_leaves_all_as_it_was(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.use("pm_card_chargeCustomerFail")
    before = shop.read(subscription).to_dict()
    with pytest.raises(stripe.CardError):
        shop.change(
            subscription,
            shop.team,
            proration_behavior="always_invoice",
            payment_behavior="error_if_incomplete",
            metadata={"plan": "team"},
        )
    with pytest.raises(stripe.CardError):
        shop.change(subscription, shop.year, payment_behavior="error_if_incomplete")
    wish: Any = {"metadata": {"x": "y"}, "items": [{"id": "si_none", "quantity": 2}]}
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.update(subscription.id, wish)
    assert shop.read(subscription).to_dict() == before
    assert shop.totals() == [2000]


def test_a_later_invoice_that_was_finalized_before_keeps_none_past_due(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    shop.use("pm_card_chargeCustomerFail")
    shop.advance("2026-02-15T00:10:00")
    (draft,) = shop.v1.invoices.list({"customer": shop.customer.id, "status": "draft"}).data
    # Less is owed after it: its invoice is paid as it is made.
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")
    assert shop.read(subscription).latest_invoice != draft.id
    shop.advance("2026-02-15T02:00:00")
    assert shop.read(subscription).status == "past_due"
    shop.use("pm_card_visa")
    shop.v1.invoices.pay(str(draft.id))
    assert shop.read(subscription).status == "active"


def test_invoices_of_an_unpaid_subscription_stay_drafts_until_the_last_is_paid(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.use("pm_card_chargeCustomerFail")
    shop.advance("2026-03-01")
    assert shop.read(subscription).status == "unpaid"
    (first_open,) = shop.v1.invoices.list({"customer": shop.customer.id, "status": "open"}).data
    shop.advance("2026-04-20")
    drafts = shop.v1.invoices.list({"customer": shop.customer.id, "status": "draft"}).data
    assert [one.auto_advance for one in drafts] == [False, False]
    shop.use("pm_card_visa")
    shop.v1.invoices.pay(str(first_open.id))
    assert shop.read(subscription).status == "unpaid"
    shop.v1.invoices.pay(str(drafts[0].id))
    assert shop.read(subscription).status == "active"


@pytest.mark.parametrize("way", ["void_invoice", "mark_uncollectible"])
def test_who_is_forgiven_the_last_invoice_is_past_due_no_more(shop: Shop, way: str) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.use("pm_card_chargeCustomerFail")
    shop.advance("2026-02-16")
    assert shop.read(subscription).status == "past_due"
    getattr(shop.v1.invoices, way)(str(newest(shop).id))
    assert shop.read(subscription).status == "active"
    shop.advance("2026-03-01")
    assert len(shop.totals()) == 2


def test_cancelled_at_once_nothing_is_billed_and_nothing_tried_again(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.use("pm_card_chargeCustomerFail")
    shop.advance("2026-02-16")
    details: Any = {"feedback": "too_expensive", "comment": "Bye"}
    ended = shop.v1.subscriptions.cancel(subscription.id, {"cancellation_details": details})
    assert ended.status == "canceled"
    told = ended.to_dict()["cancellation_details"]
    assert told == {**details, "reason": "cancellation_requested"}
    shop.advance("2026-04-01")
    assert (newest(shop).status, newest(shop).attempt_count) == ("open", 1)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    wish: Any = {"cancellation_details": {"feedback": "unused"}}
    assert shop.v1.subscriptions.update(subscription.id, wish).status == "canceled"


def test_cancelled_with_a_credit_and_a_last_invoice(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    item: Any = {
        "customer": shop.customer.id,
        "subscription": subscription.id,
        "amount": 300,
        "currency": "eur",
    }
    shop.v1.invoice_items.create(item)
    shop.advance("2026-01-31T12:00:00")
    shop.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})
    credit = round(2000 * 14.5 / 31)
    assert shop.totals() == [2000, 300 - credit]
    assert shop.v1.customers.retrieve(shop.customer.id).balance == 300 - credit


def test_a_subscription_ends_at_a_moment(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.v1.subscriptions.update(subscription.id, {"cancel_at": at("2026-02-15")})
    shop.advance("2026-02-20")
    assert shop.read(subscription).status == "canceled"
    assert shop.totals() == [2000]


def test_a_period_begins_anew(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.advance("2026-01-31T12:00:00")
    wish: Any = {"billing_cycle_anchor": {"type": "now"}}
    shop.v1.subscriptions.update(subscription.id, wish)
    assert shop.totals() == [2000, 2000 - round(2000 * 14.5 / 31)]
    (item,) = shop.read(subscription)["items"]["data"]
    assert item["current_period_end"] == at("2026-02-28T12:00:00")


def test_a_first_period_up_to_an_anchor_is_a_part(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro, billing_cycle_anchor=at("2026-02-01"))
    assert shop.totals() == [round(2000 * 17 / 31)]
    shop.advance("2026-02-02")
    assert shop.totals() == [round(2000 * 17 / 31), 2000]
    assert shop.read(subscription)["items"]["data"][0]["current_period_end"] == at("2026-03-01")


def test_one_currency_for_what_lives(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    dollars = shop.price(2000, currency="usd")
    with pytest.raises(stripe.InvalidRequestError, match="combine currencies"):
        shop.subscribe(dollars)
    shop.v1.subscriptions.cancel(subscription.id)
    assert shop.subscribe(dollars).currency == "usd"


@pytest.mark.parametrize(
    ("mode", "behaviour", "billed"),
    [
        ("flexible", "always_invoice", 50),
        ("flexible", "create_prorations", 50),
        ("flexible", "none", 0),
        ("classic", "always_invoice", 0),
    ],
)
def test_what_was_used_of_a_metered_item_is_billed_when_it_goes(
    shop: Shop, mode: str, behaviour: str, billed: int
) -> None:
    metered = shop.metered("0.5")
    wish: Any = {
        "customer": shop.customer.id,
        "items": [{"price": shop.pro.id}, {"price": metered.id}],
        "billing_mode": {"type": mode},
    }
    subscription = shop.v1.subscriptions.create(wish)
    item = next(one for one in subscription["items"]["data"] if "quantity" not in one)
    shop.advance("2026-01-20")
    shop.report("100")
    shop.advance("2026-01-21")
    change: Any = {
        "items": [{"id": item["id"], "deleted": True}],
        "proration_behavior": behaviour,
    }
    details: Any = {"subscription": subscription.id, "subscription_details": change}
    preview = shop.v1.invoices.create_preview(details)
    shop.v1.subscriptions.update(subscription.id, change)
    if behaviour == "always_invoice" and billed:
        assert preview.total == billed
    shop.advance("2026-02-16")
    assert sum(shop.totals()) == 4000 + billed


def test_what_is_kept_by_a_change_is_not_prorated(shop: Shop) -> None:
    wish: Any = {
        "customer": shop.customer.id,
        "items": [{"price": shop.pro.id}, {"price": shop.team.id}],
    }
    subscription = shop.v1.subscriptions.create(wish)
    item = subscription["items"]["data"][0]["id"]
    shop.advance("2026-01-31T12:00:00")
    change: Any = {
        "items": [{"id": item, "quantity": 2}],
        "proration_behavior": "always_invoice",
    }
    shop.v1.subscriptions.update(subscription.id, change)
    assert [one.amount for one in newest(shop).lines.data] == [
        -round(2000 * 14.5 / 31),
        round(4000 * 14.5 / 31),
    ]


def test_a_preview_is_of_a_moment_in_this_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    with pytest.raises(stripe.InvalidRequestError, match="proration_date"):
        shop.change(subscription, shop.team, proration_date=at("2026-01-01"))


def test_a_draft_renewal_of_a_good_card_is_paid_by_the_clock_of_the_machine(
    client: stripe.StripeClient, emulator: StripeEmulator
) -> None:
    from local_emulator.providers.stripe.clocks import tick

    emulator.clock = lambda: float(at("2026-01-15"))
    shop = Shop(client)
    customer = shop.v1.customers.create({"email": "b@example.com"})
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    wish: Any = {
        "customer": customer.id,
        "items": [{"price": shop.pro.id}],
        "default_payment_method": method.id,
    }
    shop.v1.subscriptions.create(wish)
    emulator.clock = lambda: float(at("2026-02-15T00:00:30"))
    assert tick(emulator)
    invoice = shop.v1.invoices.list({"customer": customer.id}).data[0]
    assert (invoice.status, invoice.created) == ("draft", at("2026-02-15"))
    assert not tick(emulator)
    emulator.clock = lambda: float(at("2026-06-01"))
    assert tick(emulator)
    found = shop.v1.invoices.list({"customer": customer.id}).data
    assert [(one.status, one.created) for one in found] == [
        ("paid", at(f"2026-0{month}-15")) for month in (5, 4, 3, 2, 1)
    ]
