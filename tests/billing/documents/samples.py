"""Documents as Stripe's data gives them, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from billing.invoices.document.facts import Document, Related
from billing.invoices.document.issued import issued_of, kept_of
from billing.invoices.document.of_credit_note import credit_note_document
from billing.invoices.document.of_invoice import document_of
from billing.invoices.kept import invoice_columns
from layers import jsontext
from layers.settings import SellerSettings

SELLER = SellerSettings(
    name="Łódź Software Spółka z o.o.",
    address=("ul. Święta 5", "90-001 Łódź"),
    country="PL",
    tax_ids=(("eu_vat", "PL1234567883"),),
    email="billing@example.org",
    registration="KRS 0000123456",
    bank=("IBAN PL61 1090 1014 0000 0712 1981 2874", "BIC WBKPPLPP"),
    footer=("Kapitał zakładowy 5.000 PLN",),
)
VAT_19 = {
    "txr_19": {
        "id": "txr_19",
        "percentage": 19.0,
        "effective_percentage": 19.0,
        "display_name": "VAT",
        "jurisdiction": "DE",
        "country": "DE",
    }
}


def moment(year: int, month: int, day: int) -> float:
    """Noon of a day, UTC."""
    return datetime(year, month, day, 12, tzinfo=UTC).timestamp()


def tax(amount: int, of: int, **more: Any) -> dict[str, Any]:
    """A tax as Stripe has it."""
    return {
        "amount": amount,
        "taxable_amount": of,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": "txr_19"},
        "taxability_reason": "standard_rated",
        "type": "tax_rate_details",
        **more,
    }


def line(description: str, amount: int, **more: Any) -> dict[str, Any]:
    """A line as Stripe has it: a seat of Pro from 28 February to 31 March."""
    return {
        "id": "il_1",
        "amount": amount,
        "currency": "eur",
        "description": description,
        "quantity": 1,
        "period": {"start": moment(2026, 2, 28), "end": moment(2026, 3, 31)},
        "pricing": {
            "price_details": {"product": more.pop("product", "treadle_pro")},
            "unit_amount_decimal": more.pop("unit", str(abs(amount))),
        },
        "parent": {"subscription_item_details": {"proration": more.pop("proration", False)}},
        "discount_amounts": [],
        "taxes": [],
        "metadata": {},
        **more,
    }


def invoice(lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An invoice as Stripe has it, paid on its day unless ``more`` says otherwise."""
    total = more.pop("total", sum(one["amount"] for one in lines))
    issued = moment(2026, 2, 28)
    found = {
        "id": "in_1",
        "number": "TRDL-0042",
        "status": "paid",
        "currency": "eur",
        "subtotal": sum(one["amount"] for one in lines),
        "total": total,
        "amount_due": max(0, total),
        "amount_paid": max(0, total),
        "amount_remaining": 0,
        "attempt_count": 1,
        "created": issued,
        "starting_balance": 0,
        "ending_balance": min(0, total),
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "customer_name": "株式会社テスト",
        "customer_email": "buyer@example.com",
        "customer_address": {
            "line1": "Hauptstraße 1",
            "line2": None,
            "postal_code": "10115",
            "city": "Berlin",
            "state": None,
            "country": "DE",
        },
        "customer_tax_ids": [{"type": "eu_vat", "value": "DE123456789"}],
        "customer_tax_exempt": "none",
        "status_transitions": {"finalized_at": issued, "paid_at": issued},
        "total_taxes": [],
        "total_discount_amounts": [],
        "period_start": issued,
        "period_end": issued,
        "lines": {"data": lines},
    }
    return {**found, **more}


def document(
    stripes: dict[str, Any],
    language: str = "en",
    seller: SellerSettings = SELLER,
    rates: dict[str, Any] = VAT_19,
    **more: Any,
) -> Document:
    """What its document says."""
    columns = invoice_columns(stripes, rates)
    data = jsontext.loads(columns["data"])
    issued = issued_of(kept_of(seller, language), seller, "")
    row: Any = SimpleNamespace(**columns)
    is_receipt = more.pop("is_receipt", False)
    return document_of(row, data, issued, Related(**more), is_receipt=is_receipt)


def credit_note(
    stripes: dict[str, Any], data: dict[str, Any], language: str = "en", **more: Any
) -> Document:
    """A credit note of 5.00 for an invoice."""
    columns = invoice_columns(stripes, VAT_19)
    note: Any = SimpleNamespace(
        **{
            "id": "cn_1",
            "number": "TRDL-0042-CN-01",
            "status": "issued",
            "currency": stripes["currency"],
            "amount": 500,
            "created_at": moment(2026, 3, 5),
            "voided_at": None,
            **more,
        }
    )
    row: Any = SimpleNamespace(**columns)
    issued = issued_of(kept_of(SELLER, language), SELLER, "")
    return credit_note_document(note, data, row, jsontext.loads(columns["data"]), issued)
