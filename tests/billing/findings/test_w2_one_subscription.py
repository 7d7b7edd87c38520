"""W2: one open checkout and one living subscription a workspace, however many ask at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from billing.accounts.accounts import Accounts, Person
from billing.accounts.checkouts import LEASE_S
from billing.accounts.subscriptions import PlanChoice, Subscriptions
from layers.database import Database
from layers.errors import Conflict
from local_emulator.providers.stripe.subscriptions import create_subscription
from tests.asgi_client import Answer
from tests.billing.dying import dying_at
from tests.billing.shop import BASE, Shop
from tests.waiting import PATIENCE_S

BACK = "http://127.0.0.1:8700/settings/billing"


def pay(session: Any, card: str = "pm_card_visa") -> int:
    """Pay on a page of Checkout, as a browser does."""
    return requests.post(
        session["url"], data={"card": card}, allow_redirects=False, timeout=PATIENCE_S
    ).status_code


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Do something so many times, all beginning together."""
    barrier = threading.Barrier(number)

    def begin(one: int) -> Any:
        barrier.wait(PATIENCE_S)
        return act(one)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))


def ask(shop: Shop, plan: str = "pro") -> Answer:
    return shop.person.program.post(f"{BASE}/billing/checkout", json={"plan": plan})


def sessions(shop: Shop, status: str = "open") -> list[Any]:
    return [one for one in shop.stripe.records.all("checkout.session") if one["status"] == status]


def begun(accounts: Accounts, shop: Shop, wish: PlanChoice) -> Any:
    person = Person(shop.person.workspace_id, "Ada", shop.person.email)
    return Subscriptions(accounts).checkout(person, wish, "usd", BACK)


def paid(shop: Shop) -> int:
    """What the customer paid in all, less what was paid back."""
    intents = shop.stripe.records.all("payment_intent")
    taken = sum(one["amount_received"] for one in intents if one["status"] == "succeeded")
    refunds = shop.stripe.records.all("refund")
    return taken - sum(one["amount"] for one in refunds)


@pytest.mark.parametrize("number", [2, 4])
def test_several_at_once_get_the_same_page(shop: Shop, number: int) -> None:
    answers = at_once(number, lambda _one: ask(shop))
    assert {one.status for one in answers} == {200}
    assert len({one.json()["id"] for one in answers}) == 1
    assert len(sessions(shop)) == 1
    assert [pay(one.json()) for one in answers] == [303, *[400] * (number - 1)]
    shop.deliver()
    assert (len(shop.living()), paid(shop)) == (1, 2000)
    shop.call("POST", "/billing/cancel")
    assert [one["cancel_at_period_end"] for one in shop.living()] == [True]


def test_different_plans_at_once_leave_one_page(shop: Shop) -> None:
    plans = ["pro", "team", "pro", "team"]
    answers = at_once(4, lambda one: ask(shop, plans[one]))
    assert {one.status for one in answers} <= {200, 409}
    assert len(sessions(shop)) <= 1
    made = [one.json() for one in answers if one.status == 200]
    assert sum(pay(one) == 303 for one in {one["id"]: one for one in made}.values()) <= 1
    shop.deliver()
    assert len(shop.living()) <= 1


@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_two_processes_get_the_same_page(shop: Shop, database_url: str) -> None:
    others = [Database(database_url) for _ in range(4)]
    try:
        made = at_once(
            4,
            lambda one: begun(
                Accounts(others[one], shop.clock, shop.parts.settings),
                shop,
                PlanChoice("pro", "month"),
            ),
        )
    finally:
        for one in others:
            one.close()
    assert len({one["id"] for one in made}) == 1
    assert len(sessions(shop)) == 1
    assert len({one["customer"] for one in sessions(shop)}) == 1


def test_the_open_page_is_handed_out_again_and_another_wish_closes_it(shop: Shop) -> None:
    first, again, other = ask(shop).json(), ask(shop).json(), ask(shop, "team").json()
    assert first["id"] == again["id"] != other["id"]
    assert [one["id"] for one in sessions(shop)] == [other["id"]]
    assert pay(first) == 400
    assert pay(other) == 303
    shop.deliver()
    assert ask(shop).status == 409


def test_a_page_that_is_over_is_not_handed_out(shop: Shop) -> None:
    first = ask(shop).json()
    shop.parts.accounts.gateway.expire_session(first["id"])
    assert ask(shop).json()["id"] != first["id"]


def test_a_page_that_is_paid_is_a_subscription_though_no_event_came(shop: Shop) -> None:
    assert pay(ask(shop).json()) == 303
    shop.stripe.deliveries.held.clear()
    answer = ask(shop)
    assert answer.status == 409
    assert "change it" in answer.json()["detail"]
    assert shop.subscription()["plan"] == "pro"


@pytest.mark.parametrize("place", ["customer.asked", "customer.answered"])
def test_a_death_leaves_no_second_customer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with dying_at(monkeypatch, place):
        begun(shop.parts.accounts, shop, PlanChoice("pro", "month"))
    assert ask(shop).status == 200
    assert len(shop.stripe.records.all("customer")) == 1


@pytest.mark.parametrize("place", ["checkout.claimed", "checkout.made"])
def test_a_death_leaves_no_page_that_can_be_paid_beside_another(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with dying_at(monkeypatch, place):
        begun(shop.parts.accounts, shop, PlanChoice("pro", "month"))
    assert ask(shop, "team").status == 409, "whoever makes one may still be at it"
    shop.clock.advance(LEASE_S + 1)
    assert ask(shop, "team").status == 200
    assert len(sessions(shop)) == 1
    assert len(sessions(shop, "expired")) == (1 if place == "checkout.made" else 0)


def test_after_a_death_the_same_wish_gets_the_page_that_was_made(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dying_at(monkeypatch, "checkout.made"):
        begun(shop.parts.accounts, shop, PlanChoice("pro", "month"))
    (made,) = sessions(shop)
    assert begun(shop.parts.accounts, shop, PlanChoice("pro", "month"))["id"] == made["id"]


def second(shop: Shop, **more: Any) -> Any:
    """A second subscription at Stripe, as of a page that nobody knew of."""
    first = shop.living()[0]
    price = first["items"]["data"][0]["price"]["id"]
    shop.clock.advance(1)
    made = create_subscription(
        shop.stripe,
        {
            "customer": first["customer"],
            "items": [{"price": price, "quantity": "1"}],
            "default_payment_method": first["default_payment_method"],
            **more,
        },
    )
    assert made["status"] == "active"
    return made


def test_a_second_one_is_ended_paid_back_and_told(shop: Shop) -> None:
    shop.subscribe("pro")
    first = shop.living()[0]
    made = second(shop)
    assert paid(shop) == 4000
    shop.deliver()
    assert [one["id"] for one in shop.living()] == [first["id"]]
    assert made["status"] == "canceled"
    assert paid(shop) == 2000
    (told,) = shop.call("GET", "/instance/alerts")["items"]
    assert told["kind"] == "second_subscription"
    assert told["detail"]["subscription"] == made["id"]
    changes = [
        one["detail"].get("change")
        for one in shop.call("GET", "/billing/alerts")["items"]
        if one["kind"] == "subscription"
    ]
    assert "second" in changes
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert paid(shop) == 2000, "once"


def test_what_was_paid_beside_it_is_paid_back_with_a_credit_note(shop: Shop) -> None:
    shop.subscribe("pro")
    made = second(shop)
    shop.deliver()
    invoice = shop.call("GET", f"/billing/invoices/{made['latest_invoice']}")
    (refund,) = invoice["refunds"]
    assert (refund["amount"], refund["status"]) == (2000, "succeeded")
    (note,) = invoice["credit_notes"]
    assert (note["amount"], note["status"]) == (2000, "issued")
    receipts = shop.call("GET", "/instance/revenue")["receipts"]
    assert receipts["gross"] == {"usd": 4000}
    assert receipts["refunded"] == {"usd": 2000}
    assert receipts["net"] == {"usd": 2000}


def test_cancelling_ends_all(shop: Shop) -> None:
    shop.subscribe("pro")
    second(shop)
    shop.stripe.deliveries.held.clear()
    assert shop.call("POST", "/billing/cancel")["cancel_at_period_end"]
    assert [one["cancel_at_period_end"] for one in shop.living()] == [True]
    shop.go_on(30 * 86_400)
    assert shop.living() == []
    assert paid(shop) == 2000


@pytest.mark.parametrize(
    "place",
    ["surplus.found", "surplus.cancelled", "surplus.paid_back", "billing.before_store"],
)
def test_a_death_in_between_is_made_good(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    shop.subscribe("pro")
    second(shop)
    shop.stripe.deliveries.held.clear()
    with dying_at(monkeypatch, place):
        shop.parts.accounts.refresh(shop.person.workspace_id)
    # Whoever died held the lease.
    shop.clock.advance(61)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert (len(shop.living()), paid(shop)) == (1, 2000)
    assert shop.rows("SELECT 1 FROM surplus_subscriptions WHERE settled_at IS NULL") == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("end", ["asked", "answered"])
def test_a_death_while_paying_back_pays_back_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    shop.subscribe("pro")
    made = second(shop)
    shop.stripe.deliveries.held.clear()
    with dying_at(monkeypatch, f"refund_surplus:{made['latest_invoice']}.{end}"):
        shop.parts.accounts.refresh(shop.person.workspace_id)
    shop.clock.advance(61)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert len(shop.stripe.records.all("refund")) == 1
    assert paid(shop) == 2000


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_treadle_did_not_make_is_told_and_left(shop: Shop) -> None:
    shop.subscribe("pro")
    customer = shop.living()[0]["customer"]
    price = shop.stripe.records.add(
        {
            **shop.living()[0]["items"]["data"][0]["price"],
            "id": "price_of_others",
            "lookup_key": None,
            "metadata": {},
        }
    )
    wish = {"customer": customer, "items": [{"price": price["id"], "quantity": "1"}]}
    create_subscription(shop.stripe, wish)
    shop.deliver()
    assert len(shop.living()) == 2
    assert shop.subscription()["plan"] == "pro"
    (told,) = shop.call("GET", "/instance/alerts")["items"]
    assert told["kind"] == "foreign_subscription"


def test_a_second_is_refused_where_one_lives(shop: Shop) -> None:
    shop.subscribe("pro")
    with pytest.raises(Conflict):
        begun(shop.parts.accounts, shop, PlanChoice("team", "month"))
