"""W7: refunds and credit notes are seen by the customer, and never more than is left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.billing.paying import stripe_call, subscribe, told
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def invoice(shop: Shop) -> Any:
    """The newest invoice as the customer sees it."""
    newest = shop.call("GET", "/billing/invoices")["items"][0]
    return shop.call("GET", f"/billing/invoices/{newest['id']}")


def give(shop: Shop, how: str, status: int = 201, **body: Any) -> Any:
    """Credit, or pay back, as the administrator."""
    path = f"/instance/invoices/{invoice(shop)['id']}/{how}"
    return shop.call("POST", path, body, status)


def balance(shop: Shop) -> int:
    """What the customer's balance is at Stripe."""
    (customer,) = shop.stripe.records.all("customer")
    return int(customer["balance"])


def test_a_refund_is_seen_and_comes_with_a_credit_note(shop: Shop) -> None:
    shop.subscribe("pro")
    made = give(shop, "refund", amount=500, reason="An hour's outage")
    assert (made["amount"], made["status"]) == (500, "succeeded")
    shown = invoice(shop)
    (refund,) = shown["refunds"]
    assert (refund["amount"], refund["status"]) == (500, "succeeded")
    (note,) = shown["credit_notes"]
    assert (note["amount"], note["refunded"], note["to_balance"]) == (500, 500, 0)
    assert note["memo"] == "An hour's outage"
    (payment,) = shown["payments"]
    assert (payment["amount"], payment["amount_refunded"]) == (2000, 500)
    assert payment["method"] == {"type": "card", "brand": "visa", "last4": "4242"}
    (alert,) = told(shop, "refund")
    assert (alert["what"], alert["amount"], alert["number"]) == ("refunded", 500, shown["number"])
    history = shop.call("GET", "/billing/payments")["items"]
    assert sorted((one["kind"], one["amount"]) for one in history) == [
        ("payment", 2000),
        ("refund", 500),
    ]
    assert {one["invoice_number"] for one in history} == {shown["number"]}


def test_a_credit_note_is_seen(shop: Shop) -> None:
    shop.subscribe("pro")
    give(shop, "credit", amount=700, reason="Sorry")
    (note,) = invoice(shop)["credit_notes"]
    assert (note["amount"], note["refunded"], note["to_balance"]) == (700, 0, 700)
    assert balance(shop) == -700
    (alert,) = told(shop, "refund")
    assert (alert["what"], alert["amount"]) == ("credited", 700)


def test_no_more_is_given_back_than_is_left(shop: Shop) -> None:
    """The finding: 5 + 18 + 20 were credited of 20.00, and 20.00 paid back as well."""
    shop.subscribe("pro")
    give(shop, "credit", amount=500, reason="One")
    refused = give(shop, "credit", 422, amount=1800, reason="Two")
    (error,) = refused["errors"]
    assert error["pointer"] == "/amount"
    assert "15.00 USD" in error["message"]
    give(shop, "credit", amount=1000, reason="Three")
    refused = give(shop, "refund", 422, amount=2000)
    (error,) = refused["errors"]
    assert error["pointer"] == "/amount"
    assert "5.00 USD" in error["message"]
    assert give(shop, "refund")["amount"] == 500
    give(shop, "refund", 409)
    give(shop, "credit", 422, amount=1, reason="Four")
    assert balance(shop) == -1500
    numbers = [one["number"] for one in invoice(shop)["credit_notes"]]
    assert len(set(numbers)) == 3


def test_the_books_balance_after_everything_is_given_back(shop: Shop) -> None:
    shop.subscribe("pro")
    give(shop, "refund")
    shown = invoice(shop)
    credited = sum(one["amount"] for one in shown["credit_notes"])
    refunded = sum(one["amount"] for one in shown["refunds"])
    assert (shown["total"] - credited, shown["amount_paid"] - refunded) == (0, 0)
    assert balance(shop) == 0


def test_what_was_refunded_without_a_note_counts_as_well(shop: Shop) -> None:
    """Somebody refunds in Stripe's dashboard, which makes no credit note."""
    shop.subscribe("pro")
    (intent,) = shop.stripe.records.all("payment_intent")
    stripe_call(shop, "refunds", payment_intent=intent["id"], amount=1200)
    shop.deliver()
    (refund,) = invoice(shop)["refunds"]
    assert refund["amount"] == 1200
    found = shop.call("GET", f"/instance/invoices/{invoice(shop)['id']}")
    assert found["left"] == {"credit": 800, "unpaid": 0, "refund": 800}
    give(shop, "refund", 422, amount=801)


def test_an_open_invoice_is_credited_but_not_paid_back(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(28 * 86_400 + 7_200)
    give(shop, "refund", 409)
    give(shop, "credit", amount=600, reason="Less")
    shown = invoice(shop)
    assert (shown["status"], shown["amount_remaining"]) == ("open", 1400)
    (note,) = shown["credit_notes"]
    assert (note["pre_payment"], note["to_balance"]) == (600, 0)


def test_failed_attempts_are_kept(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(28 * 86_400 + 7_200)
    shop.go_on(3 * 86_400)
    attempts = invoice(shop)["payments"]
    assert [one["status"] for one in attempts] == ["failed", "failed"]
    assert {one["reason"] for one in attempts} == {"generic_decline"}
    assert {one["method"]["last4"] for one in attempts} == {"0341"}


def test_a_dispute_is_shown_and_told_to_the_administrator(shop: Shop) -> None:
    subscribe(shop, "pro", "pm_card_createDispute")
    (payment,) = invoice(shop)["payments"]
    assert payment["dispute"]["status"] == "needs_response"
    alerts = shop.call("GET", "/instance/alerts")["items"]
    assert [one["kind"] for one in alerts] == ["payment_disputed"]
    (dispute,) = shop.stripe.records.all("dispute")
    stripe_call(
        shop,
        f"disputes/{dispute['id']}",
        **{"evidence[uncategorized_text]": "losing_evidence"},
    )
    shop.deliver()
    assert invoice(shop)["payments"][0]["dispute"]["status"] == "lost"


def test_the_administrator_finds_invoices(shop: Shop) -> None:
    shop.subscribe("pro")
    number = invoice(shop)["number"]
    (found,) = shop.call("GET", f"/instance/invoices?query={number[:4].lower()}")["items"]
    assert (found["number"], found["workspace_id"]) == (number, shop.person.workspace_id)
    assert shop.call("GET", "/instance/invoices?query=%25")["items"] == []
    assert shop.call("GET", "/instance/invoices?query=nothing-like-that")["items"] == []
