"""The case plan-change-needs-consent: payments that end later than the request."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.billing.paying import (
    CONSENT,
    DAY_S,
    HOUR_S,
    agree,
    press,
    stripe_call,
    subscribe,
    told,
)
from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def change(shop: Shop, plan: str = "team", status: int = 200, **more: Any) -> Any:
    shop.go_on(1)
    answer = shop.call("POST", "/billing/change", {"plan": plan, **more}, status)
    shop.deliver()
    return answer


@pytest.mark.parametrize(
    "card",
    [
        CONSENT,
        "pm_card_authenticationRequiredOnSetup",
        "pm_card_authenticationRequiredSetupForOffSession",
    ],
)
def test_plan_change_needs_consent(shop: Shop, card: str) -> None:
    assert subscribe(shop, "pro", card)["plan"] == "pro"
    waiting = change(shop)
    assert (waiting["plan"], waiting["subscribed_plan"]) == ("pro", "pro")
    pending = waiting["pending_change"]
    assert (pending["plan"], pending["interval"], pending["seats"]) == ("team", "month", 1)
    assert not told(shop, "payment_failed")
    assert 5990 <= pending["amount"] <= 6000
    page = requests.get(pending["confirm_url"], timeout=PATIENCE_S).text
    assert "Confirm with your bank" in page
    agree(shop)
    held = shop.subscription()
    assert (held["plan"], held["pending_change"]) == ("team", None)
    invoice = shop.call("GET", "/billing/invoices")["items"][0]
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", pending["amount"])
    assert not told(shop, "change_dropped")


def test_who_does_not_agree_keeps_the_plan_and_owes_nothing(shop: Shop) -> None:
    subscribe(shop, "pro")
    change(shop)
    agree(shop, "fail")
    assert shop.subscription()["plan"] == "pro"
    shop.go_on(DAY_S)
    shop.jobs().synchronize()
    after = shop.subscription()
    assert (after["plan"], after["pending_change"], after["status"]) == ("pro", None, "active")
    assert [one["plan"] for one in told(shop, "change_dropped")] == ["team"]
    first = shop.call("GET", "/billing/invoices")["items"][0]
    assert (first["status"], first["amount_paid"]) == ("void", 0)
    shown = shop.call("GET", f"/billing/invoices/{first['id']}")
    (failed,) = shown["payments"]
    assert failed["status"] == "failed"
    assert failed["reason"] == "payment_intent_authentication_failure"


def test_a_change_that_nobody_confirms_is_dropped_after_23_hours(shop: Shop) -> None:
    subscribe(shop, "pro")
    change(shop)
    shop.go_on(22 * HOUR_S)
    assert shop.subscription()["pending_change"] is not None
    shop.go_on(2 * HOUR_S)
    assert shop.subscription()["pending_change"] is None
    assert shop.subscription()["plan"] == "pro"


def test_a_change_that_waits_can_be_dropped_and_asked_for_again(shop: Shop) -> None:
    subscribe(shop, "pro")
    change(shop)
    dropped = shop.call("DELETE", "/billing/pending-change")
    assert dropped["pending_change"] is None
    shop.call("DELETE", "/billing/pending-change", status=409)
    change(shop)
    agree(shop)
    assert shop.subscription()["plan"] == "team"


def test_another_change_takes_the_place_of_one_that_waits(shop: Shop) -> None:
    subscribe(shop, "pro")
    change(shop)
    waiting = change(shop, "pro", seats=2)
    assert waiting["pending_change"]["seats"] == 2
    agree(shop)
    assert (shop.subscription()["plan"], shop.subscription()["seats"]) == ("pro", 2)


@pytest.mark.parametrize(
    ("card", "reason", "remedy"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline", "ask your bank"),
        (None, "expired_card", "Add a card that is valid"),
    ],
)
def test_a_refused_change_says_why_and_what_to_do(
    shop: Shop, card: str | None, reason: str, remedy: str
) -> None:
    shop.subscribe("pro")
    if card is None:
        (method,) = shop.stripe.records.all("payment_method")
        form = {"card[exp_month]": 1, "card[exp_year]": 2025}
        stripe_call(shop, f"payment_methods/{method['id']}", **form)
    else:
        shop.use_card(card)
    answer = change(shop, status=402)
    assert answer["reason"] == reason
    assert remedy in answer["detail"]
    after = shop.subscription()
    assert (after["plan"], after["pending_change"]) == ("pro", None)
    assert shop.call("GET", "/billing/invoices")["items"][0]["status"] == "void"
    attempts = shop.call("GET", "/billing/payments")["items"]
    assert [one["status"] for one in attempts] == ["failed", "succeeded"]
    assert attempts[0]["reason"] == reason


def test_a_card_refused_after_the_consent_changes_nothing(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_threeDSecureRequiredChargeDeclined")
    change(shop)
    agree(shop)
    assert shop.subscription()["plan"] == "pro"


def test_nothing_is_granted_before_the_first_payment(shop: Shop) -> None:
    session = shop.call("POST", "/billing/checkout", {"plan": "pro"})
    bank = press(session["url"], card=CONSENT).headers["location"]
    shop.deliver()
    assert shop.subscription()["plan"] == "free"
    assert press(bank, do="fail").headers["location"] == session["url"]
    shop.deliver()
    assert shop.subscription()["plan"] == "free"
    again = press(session["url"], card=CONSENT).headers["location"]
    press(again, do="complete")
    shop.deliver()
    assert shop.subscription()["plan"] == "pro"


def test_a_renewal_that_needs_consent_is_told_and_paid_on_its_page(shop: Shop) -> None:
    subscribe(shop, "pro")
    shop.go_on(28 * DAY_S + 2 * HOUR_S)
    due = shop.subscription()
    assert (due["status"], due["plan"], due["banner"]) == ("past_due", "pro", "past_due")
    action = due["payment_action"]
    assert action["amount"] == 2000
    (alert,) = told(shop, "payment_action_required")
    assert alert["url"] == action["url"]
    assert not told(shop, "payment_failed")
    refused = shop.call("POST", f"/billing/invoices/{action['invoice_id']}/pay", status=402)
    assert (refused["reason"], refused["confirm_url"]) == ("authentication_required", action["url"])
    agree(shop)
    after = shop.subscription()
    assert (after["status"], after["payment_action"]) == ("active", None)
    assert not [
        one
        for one in shop.call("GET", "/billing/alerts")["items"]
        if one["kind"] == "payment_action_required" and one.get("resolved_at") is None
    ]


def test_a_renewal_that_nobody_confirms_ends_in_free(shop: Shop) -> None:
    subscribe(shop, "pro")
    shop.go_on(28 * DAY_S + 2 * HOUR_S)
    shop.go_on(15 * DAY_S)
    assert shop.subscription()["plan"] == "free"


def test_a_bank_debit_that_fails_later_is_told(shop: Shop) -> None:
    subscribe(shop, "pro", "pm_usBankAccount_insufficientFunds")
    (attempt,) = shop.call("GET", "/billing/payments")["items"]
    assert attempt["status"] == "pending"
    shop.go_on(4 * DAY_S + HOUR_S)
    (attempt,) = shop.call("GET", "/billing/payments")["items"]
    assert (attempt["status"], attempt["reason"]) == ("failed", "insufficient_funds")
    assert shop.subscription()["status"] == "past_due"


def test_a_card_that_is_added_is_charged_where_there_was_none(shop: Shop) -> None:
    shop.call("POST", "/billing/portal")
    page = shop.call("POST", "/billing/payment-methods")
    bank = press(page["url"], card=CONSENT).headers["location"]
    assert press(bank, do="complete").headers["location"].endswith("setup=done")
    shop.call("POST", "/billing/refresh", status=204)
    (method,) = shop.call("GET", "/billing/payment-methods")["items"]
    assert method["is_default"]
    (customer,) = shop.stripe.records.all("customer")
    assert customer["invoice_settings"]["default_payment_method"] == method["id"]
