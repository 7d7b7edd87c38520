"""W12: an invoice's PDF has all letters, the seller, taxes, countries in words and right signs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.parts import Parts
from layers.settings import BillingSettings, Settings
from tests.billing.documents.reading import text_of
from tests.billing.documents.samples import SELLER
from tests.billing.shop import BASE, Shop

DAY = 86_400.0
BUYER = {
    "name": "株式会社テスト / Київ Ελλάδα Łódź",
    "email": "buyer@example.com",
    "address": {
        "line1": "Hauptstraße 1",
        "postal_code": "10115",
        "city": "Berlin",
        "country": "DE",
    },
    "tax_id": "DE123456789",
    "tax_id_type": "eu_vat",
}


@pytest.fixture
def billing(billing: BillingSettings) -> BillingSettings:
    return replace(billing, seller=SELLER)


def test_the_reproduction_of_w12(shop: Shop) -> None:
    shop.call("PUT", "/billing/buyer", BUYER, status=204)
    shop.subscribe("pro")
    said = _newest(shop)
    assert "株式会社テスト / Київ Ελλάδα Łódź" in said
    assert "Łódź Software Spółka z o.o." in said
    assert "ul. Święta 5 90-001 Łódź Poland VAT ID PL1234567883" in said
    assert "10115 Berlin Germany" in said
    assert "VAT ID DE123456789" in said


def test_a_negative_invoice_goes_to_the_balance(shop: Shop) -> None:
    shop.subscribe("team")
    shop.go_on(1)
    shop.call("POST", "/billing/change", {"plan": "pro", "interval": "month"})
    shop.deliver()
    said = _newest(shop)
    assert "Added to your balance" in said
    assert "From your balance" not in said
    assert "Thank you" not in said


def test_the_seller_and_the_language_stay_as_they_were_when_it_was_issued(
    shop: Shop, parts: Parts, settings: Settings
) -> None:
    shop.call("PUT", "/billing/buyer", {**BUYER, "language": "de"}, status=204)
    shop.subscribe("pro")
    before = _newest(shop)
    assert before.startswith("Rechnung")
    assert "Deutschland" in before
    shop.parts.accounts.settings = replace(
        shop.parts.accounts.settings, seller=replace(SELLER, name="Moved Ltd", country="GB")
    )
    shop.call("PUT", "/billing/buyer", {**BUYER, "name": "Moved too", "language": "fr"}, status=204)
    shop.go_on(29 * DAY)
    renewal, first = _documents(shop)
    assert first == before
    assert renewal.startswith("Facture")
    assert "Moved Ltd" in renewal
    assert "Royaume-Uni" in renewal
    assert "Moved too" in renewal


def test_stripes_own_pdf_is_not_given_out_beside_ours(shop: Shop) -> None:
    shop.subscribe("pro")
    for invoice in shop.stripe.records.all("invoice"):
        invoice["invoice_pdf"] = f"{shop.stripe.url}/another.pdf"
    shop.call("POST", "/billing/refresh", {}, status=204)
    assert _newest(shop).startswith("Invoice")


def test_a_receipt_is_for_what_was_paid(shop: Shop) -> None:
    shop.subscribe("pro")
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    said = _text(shop, f"/billing/invoices/{invoice['id']}/pdf?document=receipt")
    assert said.startswith("Receipt")
    assert f"For invoice {invoice['number']}" in said
    assert "Amount paid US$20.00" in said


def test_nobody_elses_documents_are_given(shop: Shop) -> None:
    for path in ("/billing/invoices/in_other/pdf", "/billing/credit-notes/cn_other/pdf"):
        shop.call("GET", path, status=404)


def _newest(shop: Shop) -> str:
    return _documents(shop)[0]


def _documents(shop: Shop) -> list[str]:
    items: list[Any] = shop.call("GET", "/billing/invoices")["items"]
    return [_text(shop, f"/billing/invoices/{one['id']}/pdf") for one in items]


def _text(shop: Shop, path: str) -> str:
    answer = shop.person.program.request("GET", f"{BASE}{path}")
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return text_of(answer.body)


def test_the_app_is_told_the_same_facts(shop: Shop) -> None:
    shop.call("PUT", "/billing/buyer", BUYER, status=204)
    shop.subscribe("team")
    shop.go_on(1)
    shop.call("POST", "/billing/change", {"plan": "pro", "interval": "month"})
    shop.deliver()
    newest = shop.call("GET", "/billing/invoices")["items"][0]
    found = shop.call("GET", f"/billing/invoices/{newest['id']}")
    facts = found["facts"]
    assert facts["state"] == "settled"
    assert facts["seller"]["name"] == SELLER.name
    assert facts["buyer"]["tax_ids"] == ["DE123456789"]
    assert facts["balance"] == [{"kind": "balance_added", "amount": -facts["total"]}]
    assert facts["remaining"] == 0
    assert [one["note"] for one in found["lines"]] == ["unused", "remaining"]
