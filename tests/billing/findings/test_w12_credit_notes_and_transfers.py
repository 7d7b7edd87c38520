"""W12: credit notes are documents of their own; who pays by transfer is told where to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layers.settings import BillingSettings
from tests.billing.documents.reading import text_of
from tests.billing.documents.samples import SELLER
from tests.billing.shop import BASE, Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def billing(billing: BillingSettings) -> BillingSettings:
    return replace(billing, seller=SELLER)


def test_a_credit_note_has_its_own_number_and_names_its_invoice(shop: Shop) -> None:
    shop.subscribe("pro")
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    path = f"/instance/invoices/{invoice['id']}"
    wish = {"amount": 500, "reason": "An hour's outage"}
    shop.call("POST", f"{path}/refund", wish, 201)
    shop.call("POST", f"{path}/credit", {"amount": 700, "reason": "Sorry"}, 201)
    shop.deliver()
    found = shop.call("GET", f"/billing/invoices/{invoice['id']}")["credit_notes"]
    said = [_text(shop, f"/billing/credit-notes/{one['id']}/pdf") for one in found]
    refunded = next(one for one in said if "An hour's outage" in one)
    credited = next(one for one in said if "Sorry" in one)
    for one in said:
        assert one.startswith("Credit note Number")
        assert f"For invoice {invoice['number']}" in one
        assert SELLER.name in one
    assert "Paid back to your payment method US$5.00" in refunded
    assert "Added to your balance US$7.00" in credited
    assert len({one["number"] for one in found}) == 2
    on_invoice = _text(shop, f"/billing/invoices/{invoice['id']}/pdf")
    for one in found:
        assert f"Credit note {one['number']}" in on_invoice
    assert "US$20.00 paid on 31 January 2026 by Visa •••• 4242" in on_invoice


def _text(shop: Shop, path: str) -> str:
    answer = shop.person.program.request("GET", f"{BASE}{path}")
    assert answer.status == 200, answer.text
    return text_of(answer.body)


def test_lines_that_stripe_leaves_out_of_an_invoice_are_read(shop: Shop) -> None:
    shop.subscribe("pro")
    gateway = shop.parts.accounts.gateway
    (invoice,) = gateway.invoices(shop.account().customer_id)
    cut = {**invoice, "lines": {"data": [], "has_more": True}}
    whole = gateway._whole(cut)
    assert [one["id"] for one in whole["lines"]["data"]] == [
        one["id"] for one in invoice["lines"]["data"]
    ]
