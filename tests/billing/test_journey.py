"""From Free to Team and back, as a customer lives through it."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
import requests

from billing.accounts.account_row import want
from billing.accounts.statuses import DAY_S
from billing.limits.on_hold import number_on_hold
from billing.overage.sending import OverageBilling
from tests.billing.conftest import JANUARY_31
from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

MONTH_S = 28 * DAY_S
"""From 31 January, 10:00, to 28 February, 10:00."""


def ended(shop: Shop) -> int:
    """How many executions have succeeded, once all that can run has run."""
    shop.client._portal.call(drain, shop)  # type: ignore[union-attr]
    (row,) = shop.rows("SELECT count(*) AS n FROM executions WHERE status = 'succeeded'")
    return int(row.n)


async def drain(shop: Shop) -> None:
    engine = shop.parts.engine
    async with asyncio.timeout(PATIENCE_S):
        while await engine.lease_due(50) or engine.running:
            await asyncio.sleep(0.01)


def test_free_to_pro_to_the_limit_to_team(shop: Shop) -> None:
    assert shop.subscription()["plan"] == "free"
    now = shop.subscribe("pro")
    assert (now["plan"], now["status"], now["amount"]) == ("pro", "active", 2000)
    workflow_id = shop.listen()
    assert [shop.order().status for _ in range(8)] == [202] * 8
    refused = shop.person.program.post(f"/api/v1/workflows/{workflow_id}/run", json={})
    assert refused.status == 402
    problem = refused.json()
    assert refused.headers["content-type"] == "application/problem+json"
    assert (problem["meter"], problem["limit"], problem["used"]) == ("executions", 5, 5)
    assert problem["resets_at"].startswith("2026-02-28T10:00")
    assert problem["upgrade_url"].endswith("/settings/billing")
    assert ended(shop) == 5
    assert shop.subscription()["held_executions"] == 3
    kept = shop.call("GET", "/executions?status=queued")["items"]
    assert {one["held_for"] for one in kept} == {"executions"}

    preview = shop.call("POST", "/billing/change", {"plan": "team", "preview": True})
    assert preview["amount_due"] == 6000
    moment = preview["proration_date"]
    shop.call("POST", "/billing/change", {"plan": "team", "proration_date": moment})
    shop.deliver()
    assert shop.subscription()["plan"] == "team"
    assert ended(shop) == 8
    assert shop.subscription()["held_executions"] == 0
    assert shop.subscription()["limits"][0]["used"] == 8


def test_lines_of_an_invoice_are_the_ledger(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.listen()
    wish = {"at_limit": {"executions": "overage"}, "overage_caps": {"executions": 4}}
    shop.call("PUT", "/billing/preferences", wish)
    assert [shop.order().status for _ in range(12)] == [202] * 12
    assert ended(shop) == 9, "five that are included and four that are paid for"
    assert OverageBilling(shop.parts.accounts).bill() == 1
    assert OverageBilling(shop.parts.accounts).bill() == 0
    shop.go_on(MONTH_S + 3_660)
    newest = shop.call("GET", "/billing/invoices")["items"][0]
    invoice = shop.call("GET", f"/billing/invoices/{newest['id']}")
    lines = [one for one in invoice["lines"] if one["limit"] == "executions"]
    assert [one["quantity"] for one in lines] == [4]
    assert sum(one["amount"] for one in lines) == 1, "four at 0.2 cents"
    behind = lines[0]["usage"]
    assert [(one["name"], one["quantity"]) for one in behind] == [("Orders", 4)]
    (used,) = shop.rows(
        "SELECT sum(quantity) AS n FROM usage_ledger WHERE meter = 'executions'"
        " AND occurred_at < :end",
        end=JANUARY_31 + MONTH_S,
    )
    assert used.n == 5 + sum(one["quantity"] for one in lines)
    pdf = shop.person.program.get(f"/api/v1/billing/invoices/{newest['id']}/pdf")
    assert pdf.status == 200
    assert pdf.body.startswith(b"%PDF")
    shop.jobs().release_held()
    assert ended(shop) == 12, "a new month has room again"


def test_cancelling_keeps_the_plan_to_the_end_of_the_period(shop: Shop) -> None:
    shop.subscribe("pro")
    ends = shop.call("POST", "/billing/cancel")
    assert ends["cancel_at_period_end"]
    assert shop.call("POST", "/billing/resume")["cancel_at_period_end"] is False
    shop.call("POST", "/billing/cancel")
    shop.go_on(MONTH_S - 60)
    assert shop.subscription()["plan"] == "pro"
    shop.go_on(120)
    now = shop.subscription()
    assert (now["plan"], now["status"]) == ("free", "canceled")
    again = shop.subscribe("team")
    assert (again["plan"], again["status"]) == ("team", "active")


def test_a_second_subscription_is_refused(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.call("POST", "/billing/checkout", {"plan": "team"}, 409)
    assert len(shop.living()) == 1


def test_a_second_checkout_closes_the_first(shop: Shop) -> None:
    first = shop.call("POST", "/billing/checkout", {"plan": "pro"})
    second = shop.call("POST", "/billing/checkout", {"plan": "team"})
    answers = [
        requests.post(
            one["url"], data={"card": "pm_card_visa"}, allow_redirects=False, timeout=PATIENCE_S
        )
        for one in (first, second)
    ]
    assert [one.status_code for one in answers] == [400, 303]
    assert len(shop.living()) == 1


def test_a_failed_card_has_grace_and_then_falls_back(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(MONTH_S + 3_660)
    now = shop.subscription()
    assert (now["plan"], now["status"], now["banner"]) == ("pro", "past_due", "past_due")
    assert now["grace_until"].startswith("2026-03-14T10:00")
    alerts = shop.call("GET", "/billing/alerts")["items"]
    assert [one["detail"]["attempt"] for one in alerts if one["kind"] == "payment_failed"] == [1]
    shop.go_on(8 * DAY_S)
    assert shop.subscription()["status"] == "past_due"
    shop.go_on(7 * DAY_S)
    now = shop.subscription()
    assert (now["plan"], now["status"]) == ("free", "unpaid")


def test_a_failed_payment_is_made_good(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(MONTH_S + 3_660)
    (open_one,) = [
        one for one in shop.call("GET", "/billing/invoices")["items"] if one["status"] == "open"
    ]
    shop.call("POST", f"/billing/invoices/{open_one['id']}/pay", status=402)
    shop.use_card("pm_card_mastercard")
    assert shop.call("POST", f"/billing/invoices/{open_one['id']}/pay")["status"] == "paid"
    assert shop.subscription()["status"] == "active"


def test_a_refused_card_changes_nothing(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    before = shop.living()[0]["items"]["data"][0]["price"]["id"]
    answer = shop.person.program.post("/api/v1/billing/change", json={"plan": "team"})
    assert answer.status == 402, answer.text
    assert shop.subscription()["plan"] == "pro"
    assert shop.living()[0]["items"]["data"][0]["price"]["id"] == before


@pytest.mark.parametrize(("currency", "amount"), [("eur", 1900), ("jpy", 3000)])
def test_other_currencies(shop: Shop, currency: str, amount: int) -> None:
    now = shop.subscribe("pro", currency=currency)
    assert (now["currency"], now["amount"]) == (currency, amount)
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    assert (invoice["currency"], invoice["total"]) == (currency, amount)


def test_a_year_has_months_of_usage(shop: Shop) -> None:
    now = shop.subscribe("pro", "year")
    assert now["current_period_end"].startswith("2027-01-31")
    assert now["usage_period_end"].startswith("2026-02-28")
    shop.go_on(29 * DAY_S)
    assert shop.subscription()["usage_period_end"].startswith("2026-03-31")


def test_seats_are_paid_each(shop: Shop) -> None:
    shop.subscribe("team", seats=2)
    assert shop.subscription()["amount"] == 16_000
    wish = {"plan": "team", "seats": 3, "preview": True}
    assert shop.call("POST", "/billing/change", wish)["amount_due"] == 8000


def test_payment_methods(shop: Shop) -> None:
    shop.subscribe("pro")
    (first,) = shop.call("GET", "/billing/payment-methods")["items"]
    assert (first["brand"], first["last4"], first["is_default"]) == ("visa", "4242", True)
    url = shop.call("POST", "/billing/payment-methods")["url"]
    requests.post(
        url, data={"card": "pm_card_mastercard"}, allow_redirects=False, timeout=PATIENCE_S
    )
    shop.deliver()
    methods = {one["last4"]: one for one in shop.call("GET", "/billing/payment-methods")["items"]}
    other = methods["4444"]["id"]
    shop.call("PUT", f"/billing/payment-methods/{other}/default")
    shop.call("DELETE", f"/billing/payment-methods/{other}", status=409)
    shop.call("DELETE", f"/billing/payment-methods/{first['id']}", status=204)
    left = shop.call("GET", "/billing/payment-methods")["items"]
    assert [(one["last4"], one["is_default"]) for one in left] == [("4444", True)]
    shop.call("PUT", "/billing/payment-methods/pm_of_others/default", status=404)


def test_the_portal_leads_to_stripe(shop: Shop) -> None:
    shop.subscribe("pro")
    url = shop.call("POST", "/billing/portal")["url"]
    assert "Cancel at the end" in requests.get(url, timeout=PATIENCE_S).text
    (living,) = shop.living()
    requests.post(url, data={"do": "cancel", "on": living["id"]}, timeout=PATIENCE_S)
    shop.deliver()
    assert shop.subscription()["cancel_at_period_end"]


def test_a_price_change_leaves_those_who_subscribed(shop: Shop, plans_file: object) -> None:
    shop.subscribe("pro")
    held = shop.account().plan_version_id
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert shop.account().plan_version_id == held
    with shop.parts.database.reading() as connection:
        assert number_on_hold(connection, shop.person.workspace_id) == 0


def test_from_monthly_to_yearly(shop: Shop) -> None:
    shop.subscribe("pro")
    wish = {"plan": "pro", "interval": "year"}
    preview = shop.call("POST", "/billing/change", {**wish, "preview": True})
    assert preview["total"] == 19_200 - 2000
    shop.call("POST", "/billing/change", {**wish, "proration_date": preview["proration_date"]})
    now = shop.subscription()
    assert (now["interval"], now["amount"]) == ("year", 19_200)
    newest = shop.call("GET", "/billing/invoices")["items"]
    assert 17_200 in {one["total"] for one in newest}


def test_an_old_preview_is_not_agreed_to(shop: Shop) -> None:
    shop.subscribe("pro")
    preview = shop.call("POST", "/billing/change", {"plan": "team", "preview": True})
    shop.clock.advance(3601)
    wish = {"plan": "team", "proration_date": preview["proration_date"]}
    problem = shop.call("POST", "/billing/change", wish, 422)
    assert problem["errors"][0]["pointer"] == "/proration_date"


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"plan": "free"}, "/plan"),
        ({"plan": "enterprise"}, "/plan"),
        ({"plan": "gold"}, "/plan"),
        ({"plan": "pro", "currency": "gbp"}, "/currency"),
        ({"plan": "pro", "interval": "week"}, "/interval"),
        ({"plan": "pro", "seats": 0}, "/seats"),
    ],
)
def test_what_cannot_be_bought(shop: Shop, wish: dict[str, object], pointer: str) -> None:
    problem = shop.call("POST", "/billing/checkout", wish, 422)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_what_is_credited_and_what_is_paid_back(shop: Shop) -> None:
    shop.subscribe("pro")
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    path = f"/instance/invoices/{invoice['id']}"
    credit = shop.call("POST", f"{path}/credit", {"amount": 500, "reason": "an outage"}, 201)
    assert (credit["amount"], credit["status"]) == (500, "issued")
    back = shop.call("POST", f"{path}/refund", {"amount": 300}, 201)
    assert (back["amount"], back["status"]) == (300, "succeeded")
    assert shop.call("POST", f"{path}/refund", {}, 201)["amount"] == 1200
    shop.call("POST", f"{path}/refund", {"amount": 1}, 422)
    preview = shop.call("POST", "/billing/change", {"plan": "team", "preview": True})
    assert preview["amount_due"] == 5500, "the credit is taken into account"


def test_invoices_name_the_buyer_with_tax_id_and_address(shop: Shop) -> None:
    buyer = {
        "name": "Müller & Söhne GmbH",
        "email": "books@example.com",
        "address": {"line1": "Hauptstraße 1", "postal_code": "10115", "city": "Berlin"},
        "tax_id": "DE123456789",
        "tax_id_type": "eu_vat",
    }
    for number in ("DE000000000", "DE123456789", "DE123456789"):
        shop.call("PUT", "/billing/buyer", {**buyer, "tax_id": number}, 204)
    shop.subscribe("pro")
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    whole = shop.call("GET", f"/billing/invoices/{invoice['id']}")
    assert whole["customer_name"] == "Müller & Söhne GmbH"
    assert whole["customer_address"]["city"] == "Berlin"
    (row,) = shop.rows("SELECT data FROM invoices")
    assert json.loads(row.data)["customer_tax_ids"] == [{"type": "eu_vat", "value": "DE123456789"}]
    pdf = shop.person.program.get(f"/api/v1/billing/invoices/{invoice['id']}/pdf")
    assert pdf.body.startswith(b"%PDF")
    half = {**buyer, "tax_id_type": ""}
    problem = shop.call("PUT", "/billing/buyer", half, 422)
    assert problem["errors"][0]["pointer"] == "/tax_id"


def test_who_asks_while_another_reads_waits_for_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.subscribe("pro")
    accounts = shop.parts.accounts
    gateway: Any = accounts.gateway
    read = gateway.subscriptions
    reading, go_on = threading.Event(), threading.Event()

    def slowly(customer_id: str) -> Any:
        found = read(customer_id)
        if not reading.is_set():
            reading.set()
            assert go_on.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(gateway, "subscriptions", slowly)
    with accounts.database.writing() as connection:
        want(connection, shop.person.workspace_id)
    other = threading.Thread(target=accounts.synchronize, args=(shop.person.workspace_id,))
    other.start()
    assert reading.wait(PATIENCE_S)
    claim = accounts._claim

    def claiming(workspace_id: str) -> Any:
        claimed = claim(workspace_id)
        if claimed is None:
            # Who asks has found that the other one is reading, and waits.
            go_on.set()
        return claimed

    monkeypatch.setattr(accounts, "_claim", claiming)
    monkeypatch.setattr("billing.accounts.accounts.OTHERS_WITHIN_S", PATIENCE_S)
    assert shop.call("POST", "/billing/cancel")["cancel_at_period_end"]
    other.join()
