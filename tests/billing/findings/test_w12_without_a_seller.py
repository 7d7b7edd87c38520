"""W12: an instance that has not set up its seller still speaks the buyer's language."""

from __future__ import annotations

from tests.billing.documents.reading import text_of
from tests.billing.findings.test_w12_invoice_pdf import BUYER
from tests.billing.shop import BASE, Shop


def test_w12_the_document_is_in_the_buyers_language_without_a_seller(shop: Shop) -> None:
    shop.call("PUT", "/billing/buyer", {**BUYER, "language": "de"}, status=204)
    shop.subscribe("pro")
    (invoice,) = shop.call("GET", "/billing/invoices")["items"]
    answer = shop.person.program.get(f"{BASE}/billing/invoices/{invoice['id']}/pdf")
    said = text_of(answer.body)
    assert "Rechnung" in said
    assert "Deutschland" in said
