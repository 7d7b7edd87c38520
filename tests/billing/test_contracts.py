"""Contracts: invoices that are sent, and paid by bank transfer."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.billing.paying import DAY_S, stripe_call, told
from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

AGREED = {
    "plan": "enterprise",
    "interval": "year",
    "currency": "eur",
    "unit_amount": 1_200_000,
    "days_until_due": 14,
}


def begin(shop: Shop, status: int = 201, **more: Any) -> Any:
    """Begin a contract as the administrator."""
    wish = {"workspace_id": shop.person.workspace_id, **AGREED, **more}
    made = shop.call("POST", "/instance/contracts", wish, status)
    shop.deliver()
    return made


def transfer(shop: Shop, amount: int, reference: str = "") -> None:
    """Have money arrive from the customer."""
    path = f"test_helpers/customers/{shop.account().customer_id}/fund_cash_balance"
    stripe_call(shop, path, amount=amount, currency="eur", reference=reference)
    shop.deliver()


def invoice(shop: Shop) -> Any:
    """The newest invoice."""
    newest = shop.call("GET", "/billing/invoices")["items"][0]
    return shop.call("GET", f"/billing/invoices/{newest['id']}")


def test_a_contract_is_invoiced_and_paid_by_transfer(shop: Shop) -> None:
    made = begin(shop)
    assert (made["status"], made["amount"], made["days_until_due"]) == ("active", 1_200_000, 14)
    has = shop.subscription()
    assert (has["plan"], has["collection_method"]) == ("enterprise", "send_invoice")
    assert has["included"]["executions"] is None
    assert has["bank_transfer"]["details"]["iban"].startswith("DE")
    sent = invoice(shop)
    assert (sent["status"], sent["collection_method"]) == ("open", "send_invoice")
    assert sent["due_date"] is not None
    transfer(shop, 1_200_000, f"Invoice {sent['number']}")
    paid = invoice(shop)
    assert (paid["status"], paid["amount_paid"]) == ("paid", 1_200_000)
    (payment,) = paid["payments"]
    assert (payment["status"], payment["method"]["type"]) == ("succeeded", "customer_balance")


def test_parts_and_too_much(shop: Shop) -> None:
    begin(shop)
    transfer(shop, 1_000_000)
    part = invoice(shop)
    assert (part["status"], part["amount_remaining"]) == ("open", 200_000)
    transfer(shop, 300_000)
    assert invoice(shop)["status"] == "paid"
    assert shop.subscription()["bank_transfer"]["cash"] == {"eur": 100_000}


def test_overdue_is_told_and_ends_after_the_grace(shop: Shop) -> None:
    begin(shop)
    shop.go_on(10 * DAY_S)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert [one["overdue"] for one in told(shop, "invoice_due")] == [False]
    shop.go_on(5 * DAY_S)
    late = shop.subscription()
    assert (late["status"], late["banner"], late["plan"]) == ("past_due", "past_due", "enterprise")
    assert True in [one["overdue"] for one in told(shop, "invoice_due")]
    shop.go_on(14 * DAY_S)
    assert shop.subscription()["plan"] == "free"
    transfer(shop, 1_200_000)
    assert shop.subscription()["plan"] == "enterprise"


def test_the_document_says_where_to_transfer_to(shop: Shop) -> None:
    begin(shop)
    sent = invoice(shop)
    page = requests.get(sent["hosted_invoice_url"], timeout=PATIENCE_S).text
    assert shop.subscription()["bank_transfer"]["details"]["iban"] in page


def test_what_cannot_be_agreed(shop: Shop) -> None:
    refused = begin(shop, 422, plan="nothing")
    assert refused["errors"][0]["pointer"] == "/plan"
    begin(shop, 422, plan="free")
    begin(shop, 404, workspace_id="00000000-0000-7000-8000-000000000000")
    begin(shop)
    begin(shop, 409)


@pytest.mark.parametrize("when", ["now", "period_end"])
@pytest.mark.parametrize("preview", [True, False])
def test_who_has_a_contract_asks_the_administrator_for_another(
    shop: Shop, when: str, preview: bool
) -> None:
    begin(shop)
    before = shop.living()[0]["items"]["data"][0]["price"]["unit_amount"]
    actions = shop.subscription()["actions"]
    assert "change" not in actions
    assert "cancel" in actions
    for wish in ({"plan": "pro"}, {"plan": "enterprise", "interval": "year", "seats": 3}):
        wish |= {"when": when, "preview": preview}
        problem = shop.call("POST", "/billing/change", wish, 409)
        assert "ask the administrator of this instance" in problem["detail"]
    assert len(shop.call("GET", "/billing/invoices")["items"]) == 1
    (living,) = shop.living()
    assert living["items"]["data"][0]["price"]["unit_amount"] == before
    assert living["schedule"] is None
