"""W5: what failed can be tried again, and a key never brings an old answer for a new intention."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from billing.accounts.subscriptions import PlanChoice, Subscriptions
from billing.failures import StripeUncertain
from billing.plans.catalogue import synchronize
from billing.plans.plan import plans_in
from tests.billing.dying import dying_at
from tests.billing.findings.test_w2_one_subscription import at_once, paid
from tests.billing.shop import BASE, Shop
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def preview(shop: Shop, plan: str = "team") -> int:
    """The moment that a preview was for, to be confirmed."""
    asked = shop.call("POST", "/billing/change", {"plan": plan, "preview": True})
    return int(asked["proration_date"])


def change(shop: Shop, plan: str, moment: int | None = None, status: int = 200) -> Any:
    wish = {"plan": plan} if moment is None else {"plan": plan, "proration_date": moment}
    return shop.call("POST", "/billing/change", wish, status)


def choose(shop: Shop, card: str) -> None:
    """Add a card and pay with it from now on, through the API."""
    requests.post(
        f"{shop.stripe.url}/v1/payment_methods/{card}/attach",
        data={"customer": shop.account().customer_id},
        auth=(shop.stripe.api_key, ""),
        timeout=PATIENCE_S,
    ).raise_for_status()
    shop.deliver()
    method = shop.stripe.records.all("payment_method")[-1]["id"]
    shop.call("PUT", f"/billing/payment-methods/{method}/default")


def test_the_same_preview_is_confirmed_with_a_good_card(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    moment = preview(shop)
    change(shop, "team", moment, 402)
    choose(shop, "pm_card_visa")
    assert change(shop, "team", moment)["subscribed_plan"] == "team"
    assert paid(shop) == 8000


def test_refused_twice_with_the_same_card_is_tried_twice(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    moment = preview(shop)
    for _ in range(2):
        change(shop, "team", moment, 402)
    rows = shop.rows("SELECT state FROM stripe_requests WHERE kind = 'change'")
    assert [row.state for row in rows] == ["refused", "refused"]


def test_up_down_and_up_again_changes_each_time(shop: Shop) -> None:
    shop.subscribe("pro")
    moment = preview(shop)
    for plan in ("team", "pro", "team", "pro"):
        assert change(shop, plan, moment)["subscribed_plan"] == plan


def test_confirmed_twice_at_once_it_is_charged_once(shop: Shop) -> None:
    shop.subscribe("pro")
    wish = {"plan": "team", "proration_date": preview(shop)}
    answers = at_once(2, lambda _one: shop.person.program.post(f"{BASE}/billing/change", json=wish))
    assert {one.status for one in answers} <= {200, 409}
    assert 200 in {one.status for one in answers}
    assert paid(shop) == 8000


@pytest.mark.parametrize("moment_is_given", [True, False])
def test_a_lost_answer_is_asked_for_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, moment_is_given: bool
) -> None:
    shop.subscribe("pro")
    moment = preview(shop) if moment_is_given else None
    gateway: Any = shop.parts.accounts.gateway
    right = gateway.change

    def lost(*given: Any) -> None:
        right(*given)
        raise StripeUncertain

    monkeypatch.setattr(gateway, "change", lost)
    assert "may have happened" in change(shop, "team", moment, 503)["detail"]
    monkeypatch.setattr(gateway, "change", right)
    shop.clock.advance(30)
    assert change(shop, "team", moment)["subscribed_plan"] == "team"
    assert paid(shop) == 8000
    assert change(shop, "pro")["subscribed_plan"] == "pro"
    assert change(shop, "team")["subscribed_plan"] == "team"


def test_a_lost_request_is_sent_again_with_its_key(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.subscribe("pro")
    gateway: Any = shop.parts.accounts.gateway
    right, keys = gateway.change, []

    def never(_change: Any, key: str) -> None:
        keys.append(key)
        raise StripeUncertain

    monkeypatch.setattr(gateway, "change", never)
    change(shop, "team", status=503)
    shop.clock.advance(30)
    change(shop, "team", status=503)
    assert len(set(keys)) == 1
    shop.clock.advance(86_400)
    change(shop, "team", status=503)
    assert len(set(keys)) == 2, "Stripe has forgotten the first by now"
    monkeypatch.setattr(gateway, "change", right)
    assert change(shop, "team")["subscribed_plan"] == "team"


@pytest.mark.parametrize("place", ["change.asked", "change.answered"])
def test_a_death_in_a_change_is_found_by_a_job(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    shop.subscribe("pro")
    with dying_at(monkeypatch, place):
        Subscriptions(shop.parts.accounts).change(
            shop.person.workspace_id, PlanChoice("team", "month"), None
        )
    shop.stripe.deliveries.held.clear()
    shop.parts.accounts.synchronize(shop.person.workspace_id)
    shop.clock.advance(61)
    jobs = shop.jobs()
    jobs.find_lost()
    assert shop.parts.accounts.due() == [shop.person.workspace_id]
    jobs.synchronize()
    held = shop.subscription()["subscribed_plan"]
    assert held == ("team" if place == "change.answered" else "pro")
    assert change(shop, "team")["subscribed_plan"] == "team"
    assert paid(shop) == 8000


def test_a_lost_refund_is_not_made_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.subscribe("pro")
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    path = f"/instance/invoices/{invoice['id']}/refund"
    gateway: Any = shop.parts.accounts.gateway
    right = gateway.refund

    def lost(*given: Any) -> None:
        right(*given)
        raise StripeUncertain

    monkeypatch.setattr(gateway, "refund", lost)
    shop.call("POST", path, {"amount": 300}, 503)
    monkeypatch.setattr(gateway, "refund", right)
    shop.call("POST", path, {"amount": 300}, 201)
    assert paid(shop) == 1700
    shop.call("POST", path, {"amount": 300}, 201)
    assert paid(shop) == 1400, "another one of the same amount is another one"


def delete_customer(shop: Shop) -> str:
    customer = str(shop.account().customer_id)
    requests.delete(
        f"{shop.stripe.url}/v1/customers/{customer}",
        auth=(shop.stripe.api_key, ""),
        timeout=PATIENCE_S,
    ).raise_for_status()
    return customer


@pytest.mark.parametrize("is_told", [True, False])
def test_a_customer_that_was_deleted_is_made_anew(shop: Shop, is_told: bool) -> None:
    shop.subscribe("pro")
    former = delete_customer(shop)
    if is_told:
        shop.deliver()
        now = shop.subscription()
        assert (now["plan"], now["status"]) == ("free", None)
    else:
        shop.stripe.deliveries.held.clear()
        shop.call("POST", "/billing/payment-methods")
    assert shop.subscribe("team")["plan"] == "team"
    assert shop.account().customer_id != former
    told = shop.call("GET", "/instance/alerts")["items"]
    assert [one["kind"] for one in told] == ["customer_deleted"]


def test_a_product_that_was_deleted_is_made_anew(shop: Shop) -> None:
    accounts = shop.parts.accounts
    plans = plans_in(shop.parts.settings.billing.plans)
    shop.stripe.records.forget("treadle_pro")
    synchronize(shop.parts.database, shop.clock, accounts.gateway, plans)
    assert shop.stripe.records.find("product", "treadle_pro") is not None
