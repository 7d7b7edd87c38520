"""W8: out of every status of a subscription leads a way, and the answer says which."""

from __future__ import annotations

from typing import Any

import pytest

from billing.accounts.statuses import ALIVE, GRANTS, HOWS, actions_of
from tests.billing.findings.test_w2_one_subscription import paid
from tests.billing.findings.test_w5_tried_again import choose
from tests.billing.shop import Shop

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
DAY_S = 86_400
BAD = "pm_card_chargeCustomerFail"


def until(shop: Shop, status: str, days: int = 120) -> Any:
    """Let time pass until the subscription has a status."""
    for _ in range(days):
        found = shop.subscription()
        if found["status"] == status:
            return found
        shop.go_on(DAY_S)
    raise AssertionError(f"never {status}, but {shop.subscription()['status']}")


def not_paid(shop: Shop, status: str = "past_due") -> Any:
    """A subscription to Pro whose renewal was refused."""
    shop.subscribe("pro")
    shop.use_card(BAD)
    return until(shop, status)


def paused(shop: Shop) -> Any:
    """A trial that ended without a card."""
    shop.subscribe("pro")
    (living,) = shop.living()
    living["status"] = "paused"
    living["default_payment_method"] = None
    customer = shop.stripe.records.all("customer")[0]
    customer["invoice_settings"]["default_payment_method"] = None
    for one in shop.stripe.records.all("payment_method"):
        one["customer"] = None
    shop.parts.accounts.refresh(shop.person.workspace_id)
    return shop.subscription()


def incomplete(shop: Shop) -> Any:
    """A first payment that is not made."""
    shop.subscribe("pro")
    (living,) = shop.living()
    invoice = shop.stripe.records.get("invoice", living["latest_invoice"])
    invoice |= {"status": "open", "amount_paid": 0, "amount_remaining": 2000}
    living["status"] = "incomplete"
    shop.parts.accounts.refresh(shop.person.workspace_id)
    return shop.subscription()


def statuses(shop: Shop) -> dict[str, int]:
    """How many invoices there are, by status."""
    found: dict[str, int] = {}
    for one in shop.call("GET", "/billing/invoices")["items"]:
        found[one["status"]] = found.get(one["status"], 0) + 1
    return found


def test_every_status_has_a_way() -> None:
    for status in GRANTS:
        for is_ending in (False, True):
            may = actions_of(status, is_ending)
            assert may, status
            assert set(may) <= set(HOWS)
            assert ("checkout" in may) is (status not in ALIVE)


@on_sqlite
def test_past_due_is_paid_before_it_is_changed(shop: Shop) -> None:
    found = not_paid(shop)
    assert found["actions"][0] == "pay"
    assert "change" not in found["actions"]
    for wish in ({"plan": "team"}, {"plan": "team", "preview": True}):
        problem = shop.call("POST", "/billing/change", wish, 409)
        assert problem["invoice_number"] in problem["detail"]
        assert problem["invoice_id"]
    shop.call("POST", "/billing/pay", status=402)
    choose(shop, "pm_card_visa")
    now = shop.call("POST", "/billing/pay")
    assert (now["status"], now["plan"]) == ("active", "pro")
    assert shop.call("POST", "/billing/change", {"plan": "team"})["plan"] == "team"


@on_sqlite
def test_unpaid_is_paid_and_goes_on(shop: Shop) -> None:
    found = not_paid(shop, "unpaid")
    assert (found["plan"], found["actions"][0]) == ("free", "pay")
    # Two more periods, in which the plan does not hold.
    shop.go_on(70 * DAY_S)
    before = paid(shop)
    choose(shop, "pm_card_visa")
    now = shop.call("POST", "/billing/pay")
    assert (now["status"], now["plan"]) == ("active", "pro")
    assert paid(shop) - before == 4000, "the period of the grace, and the one that runs"
    assert "open" not in statuses(shop)
    assert statuses(shop)["void"] >= 1, "what lies between was not delivered"


@on_sqlite
def test_unpaid_is_ended_and_another_is_begun(shop: Shop) -> None:
    not_paid(shop, "unpaid")
    shop.go_on(70 * DAY_S)
    shop.call("POST", "/billing/checkout", {"plan": "team"}, 409)
    now = shop.call("POST", "/billing/cancel", {"at": "now"})
    assert (now["status"], now["actions"]) == ("canceled", ["checkout"])
    found = statuses(shop)
    assert "open" not in found
    assert found["uncollectible"] == 1, "what was delivered stays owed"
    before = paid(shop)
    assert shop.subscribe("team")["plan"] == "team"
    assert paid(shop) - before == 8000


@on_sqlite
def test_past_due_is_ended_at_once(shop: Shop) -> None:
    not_paid(shop)
    now = shop.call("POST", "/billing/cancel", {"at": "now"})
    assert (now["status"], now["plan"]) == ("canceled", "free")
    assert statuses(shop) == {"paid": 1, "uncollectible": 1}


@on_sqlite
def test_paused_asks_for_a_card_and_goes_on(shop: Shop) -> None:
    found = paused(shop)
    assert (found["plan"], found["actions"][0]) == ("free", "add_payment_method")
    problem = shop.call("POST", "/billing/resume", status=409)
    assert "payment method" in problem["detail"]
    choose(shop, BAD)
    shop.call("POST", "/billing/resume", status=402)
    assert shop.subscription()["status"] == "paused"
    choose(shop, "pm_card_visa")
    now = shop.call("POST", "/billing/resume")
    assert (now["status"], now["plan"]) == ("active", "pro")
    assert "open" not in statuses(shop), "the attempt that failed is the one that was paid"


@on_sqlite
def test_paused_is_ended_and_another_is_begun(shop: Shop) -> None:
    paused(shop)
    problem = shop.call("POST", "/billing/change", {"plan": "team"}, 409)
    assert "/billing/resume" in problem["detail"]
    assert shop.call("POST", "/billing/cancel", {"at": "now"})["status"] == "canceled"
    assert shop.subscribe("team")["plan"] == "team"


@on_sqlite
def test_incomplete_is_paid(shop: Shop) -> None:
    assert incomplete(shop)["actions"] == ["pay", "end_now"]
    assert shop.call("POST", "/billing/pay")["status"] == "active"


@on_sqlite
def test_incomplete_is_given_up_and_begun_anew(shop: Shop) -> None:
    incomplete(shop)
    shop.call("POST", "/billing/checkout", {"plan": "team"}, 409)
    now = shop.call("POST", "/billing/cancel", {"at": "now"})
    assert now["actions"] == ["checkout"]
    assert statuses(shop) == {"void": 1}
    assert shop.subscribe("team")["plan"] == "team"


@on_sqlite
def test_what_is_well_is_not_ended_at_once(shop: Shop) -> None:
    assert shop.subscribe("pro")["actions"][:2] == ["change", "cancel"]
    problem = shop.call("POST", "/billing/cancel", {"at": "now"}, 409)
    assert "with its period" in problem["detail"]
    shop.call("POST", "/billing/pay", status=409)
    ends = shop.call("POST", "/billing/cancel")
    assert "resume" in ends["actions"]
    assert "cancel" not in ends["actions"]


@on_sqlite
def test_a_reason_goes_to_stripe_with_the_cancellation(shop: Shop) -> None:
    shop.subscribe("pro")
    why = {"feedback": "too_expensive", "comment": "A smaller plan would do."}
    shop.call("POST", "/billing/cancel", why)
    details = shop.living()[0]["cancellation_details"]
    assert {name: details[name] for name in why} == why
    problem = shop.call("POST", "/billing/cancel", {"feedback": "bored"}, 422)
    assert problem["errors"][0]["pointer"] == "/feedback"


def test_w8_an_invoice_of_what_has_ended_is_paid_with_the_card_that_is_chosen_now(
    shop: Shop,
) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(29 * DAY_S)
    assert shop.subscription()["status"] == "past_due"
    shop.call("POST", "/billing/cancel")
    shop.go_on(32 * DAY_S)
    assert shop.subscription()["status"] == "canceled"
    (owed,) = [
        one for one in shop.call("GET", "/billing/invoices")["items"] if one["status"] == "open"
    ]
    good = shop.call("GET", "/billing/payment-methods")["items"]
    (visa,) = [one for one in good if one["last4"] == "4242"]
    shop.call("PUT", f"/billing/payment-methods/{visa['id']}/default")
    assert shop.call("POST", f"/billing/invoices/{owed['id']}/pay")["status"] == "paid"
