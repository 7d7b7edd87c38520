"""Subscription schedules: phases that begin by themselves, released, cancelled."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.shop import Shop, at


def scheduled(shop: Shop, subscription: stripe.Subscription) -> stripe.SubscriptionSchedule:
    return shop.v1.subscription_schedules.create({"from_subscription": subscription.id})


def then(
    shop: Shop, schedule: stripe.SubscriptionSchedule, price: stripe.Price, **more: Any
) -> stripe.SubscriptionSchedule:
    """Have another price from the end of the phase that it is in."""
    (now,) = schedule.to_dict()["phases"]
    wish: Any = {
        "phases": [
            {
                "start_date": now["start_date"],
                "end_date": now["end_date"],
                "items": [
                    {"price": one["price"], "quantity": one["quantity"]} for one in now["items"]
                ],
            },
            {
                "items": [{"price": price.id, "quantity": 1}],
                "duration": {"interval": "month", "interval_count": 1},
                "proration_behavior": "none",
                "metadata": {"plan": "later"},
                **more,
            },
        ],
        "end_behavior": "release",
    }
    return shop.v1.subscription_schedules.update(schedule.id, wish)


def test_a_schedule_is_made_of_the_period_that_a_subscription_is_in(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    schedule = scheduled(shop, subscription)
    assert schedule.status == "active"
    (phase,) = schedule.to_dict()["phases"]
    assert (phase["start_date"], phase["end_date"]) == (at("2026-01-15"), at("2026-02-15"))
    assert [one["price"] for one in phase["items"]] == [shop.team.id]
    assert shop.read(subscription).schedule == schedule.id
    with pytest.raises(stripe.InvalidRequestError, match="already attached"):
        scheduled(shop, subscription)


def test_a_downgrade_happens_at_the_end_of_the_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    then(shop, scheduled(shop, subscription), shop.pro)
    shop.advance("2026-02-14")
    assert shop.read(subscription)["items"]["data"][0]["price"]["id"] == shop.team.id
    shop.advance("2026-02-15T02:00:00")
    now = shop.read(subscription)
    (item,) = now["items"]["data"]
    assert item["price"]["id"] == shop.pro.id
    assert (item["current_period_start"], item["current_period_end"]) == (
        at("2026-02-15"),
        at("2026-03-15"),
    )
    assert now.metadata["plan"] == "later"
    assert shop.totals() == [5000, 2000]
    shop.advance("2026-04-20")
    assert shop.totals() == [5000, 2000, 2000, 2000]
    assert shop.read(subscription).schedule is None


def test_a_change_of_rhythm_at_the_end_of_the_period_begins_a_period_of_its_own(
    client: stripe.StripeClient,
) -> None:
    shop = Shop(client, "2026-01-31")
    subscription = shop.subscribe(shop.year)
    schedule = scheduled(shop, subscription)
    then(shop, schedule, shop.pro)
    shop.advance("2027-01-31T02:00:00")
    (item,) = shop.read(subscription)["items"]["data"]
    assert (item["price"]["id"], item["current_period_end"]) == (shop.pro.id, at("2027-02-28"))
    assert shop.totals() == [20000, 2000]


def test_a_released_schedule_changes_nothing(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    schedule = then(shop, scheduled(shop, subscription), shop.pro)
    released = shop.v1.subscription_schedules.release(schedule.id)
    assert (released.status, released.subscription) == ("released", None)
    assert released.released_subscription == subscription.id
    shop.advance("2026-02-16")
    assert shop.totals() == [5000, 5000]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscription_schedules.release(schedule.id)


def test_a_phase_within_a_period_is_prorated_as_it_says(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    schedule = scheduled(shop, subscription)
    wish: Any = {
        "phases": [
            {
                "start_date": at("2026-01-15"),
                "end_date": at("2026-01-31T12:00:00"),
                "items": [{"price": shop.pro.id, "quantity": 1}],
            },
            {
                "end_date": at("2026-03-15"),
                "items": [{"price": shop.team.id, "quantity": 1}],
                "proration_behavior": "always_invoice",
            },
        ]
    }
    shop.v1.subscription_schedules.update(schedule.id, wish)
    shop.advance("2026-02-01")
    expected = round(5000 * 14.5 / 31) - round(2000 * 14.5 / 31)
    assert shop.totals() == [2000, expected]


def test_cancelling_a_schedule_cancels_the_subscription_and_credits_the_rest(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    schedule = scheduled(shop, subscription)
    shop.advance("2026-01-31T12:00:00")
    assert shop.v1.subscription_schedules.cancel(schedule.id).status == "canceled"
    assert shop.read(subscription).status == "canceled"
    credit = round(5000 * 14.5 / 31)
    assert shop.totals() == [5000, -credit]
    assert shop.v1.customers.retrieve(shop.customer.id).balance == -credit


def test_a_schedule_may_end_its_subscription(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    schedule = scheduled(shop, subscription)
    shop.v1.subscription_schedules.update(schedule.id, {"end_behavior": "cancel"})
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    shop.advance("2026-02-16")
    assert shop.read(subscription).status == "canceled"
    assert shop.v1.subscription_schedules.retrieve(schedule.id).status == "completed"
    assert shop.totals() == [5000]


def test_a_subscription_that_ends_ends_its_schedule(shop: Shop) -> None:
    subscription = shop.subscribe(shop.team)
    schedule = scheduled(shop, subscription)
    shop.v1.subscriptions.cancel(subscription.id)
    assert shop.v1.subscription_schedules.retrieve(schedule.id).status == "canceled"


@pytest.mark.parametrize(
    ("phases", "param"),
    [
        ([{"start_date": 5}], "phases[0][items]"),
        ([{"items": [{"price": "pro"}]}], "phases[0][start_date]"),
        ([{"items": [{"price": "pro"}], "start_date": 5, "end_date": 4}], "phases[0][end_date]"),
        ([{"items": [{"price": "pro"}], "start_date": 5, "end_date": 6}], "phases"),
    ],
)
def test_wrong_phases_are_refused(shop: Shop, phases: Any, param: str) -> None:
    schedule = scheduled(shop, shop.subscribe(shop.pro))
    for phase in phases:
        for item in phase.get("items", []):
            item["price"] = shop.pro.id
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.subscription_schedules.update(schedule.id, {"phases": phases})
    assert error.value.param == param


def test_what_was_used_of_a_metered_price_is_billed_when_a_phase_drops_it(
    shop: Shop, client: stripe.StripeClient
) -> None:
    metered = shop.metered("0.5")
    wish: Any = {
        "customer": shop.customer.id,
        "items": [{"price": shop.team.id}, {"price": metered.id}],
    }
    subscription = shop.v1.subscriptions.create(wish)
    schedule = scheduled(shop, subscription)
    assert len(schedule.to_dict()["phases"][0]["items"]) == 2
    phases: Any = [
        {
            "start_date": at("2026-01-15"),
            "end_date": at("2026-02-15"),
            "items": [{"price": shop.team.id, "quantity": 1}, {"price": metered.id}],
        },
        {"items": [{"price": shop.pro.id, "quantity": 1}], "proration_behavior": "none"},
    ]
    shop.v1.subscription_schedules.update(schedule.id, {"phases": phases})
    shop.report("1000")
    shop.advance("2026-02-16")
    invoice = shop.v1.invoices.list({"customer": shop.customer.id}).data[0]
    assert sorted(one.amount for one in invoice.lines.data) == [500, 2000]
