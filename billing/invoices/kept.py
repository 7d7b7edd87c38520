"""What is kept of Stripe's invoices: pure, from what was read last.

Everything that a document says later is in here, as it was when the invoice was finalised
(https://docs.stripe.com/api/invoices/object): Stripe freezes the buyer, and the lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.invoices.kept_lines import kept_lines, supply_period
from billing.invoices.kept_taxes import discounts, taxes
from layers import jsontext

Object = Mapping[str, Any]
References = Mapping[str, Object]
"""Tax rates and coupons by their ids: an invoice names them by id alone."""
AS_STRIPE_SAYS = (
    *("subtotal", "subtotal_excluding_tax", "total_excluding_tax", "amount_remaining"),
    *("starting_balance", "ending_balance", "pre_payment_credit_notes_amount"),
    *("post_payment_credit_notes_amount", "billing_reason", "collection_method", "due_date"),
    *("effective_at", "description", "hosted_invoice_url", "invoice_pdf"),
    *("next_payment_attempt", "customer_name", "customer_email", "customer_address"),
    *("customer_tax_ids", "customer_tax_exempt", "account_name", "account_country", "footer"),
)


def invoice_columns(invoice: Object, references: References | None = None) -> dict[str, Any]:
    """An invoice as it is kept."""
    start, end = supply_period(invoice)
    return {
        "id": invoice["id"],
        "number": invoice["number"],
        "status": invoice["status"],
        "currency": invoice["currency"],
        "total": invoice["total"],
        "amount_due": invoice["amount_due"],
        "amount_paid": invoice["amount_paid"],
        "attempt_count": invoice["attempt_count"],
        "created_at": invoice["created"],
        "paid_at": (invoice.get("status_transitions") or {}).get("paid_at"),
        "period_start": start,
        "period_end": end,
        "data": jsontext.dumps(invoice_data(invoice, references or {})),
    }


def invoice_data(invoice: Object, references: References) -> dict[str, Any]:
    """What is shown of an invoice: amounts in its currency's minor unit, moments in seconds.

    ``taxes`` and each line's ``taxes`` are what ``billing.invoices.kept_taxes.taxes`` gives,
    ``discounts`` what its ``discounts`` gives; ``tax`` is the sum of all taxes.
    """
    moments = invoice.get("status_transitions") or {}
    found = taxes(invoice.get("total_taxes"), references)
    return {
        **{name: invoice.get(name) for name in AS_STRIPE_SAYS},
        "finalized_at": moments.get("finalized_at"),
        "voided_at": moments.get("voided_at"),
        "uncollectible_at": moments.get("marked_uncollectible_at"),
        "tax": sum(one["amount"] for one in found),
        "taxes": found,
        "discounts": discounts(invoice.get("total_discount_amounts"), references),
        "lines": kept_lines(invoice, references),
    }
