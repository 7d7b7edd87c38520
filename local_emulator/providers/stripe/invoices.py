"""Invoices: made, finalised, voided and listed."""

from __future__ import annotations

from collections.abc import Sequence

from local_emulator.providers.stripe.customers import tax_ids_of
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.records import Object, listed


def make_invoice(
    stripe: StripeEmulator,
    customer: Object,
    lines: Sequence[Object],
    reason: str,
    subscription: Object | None,
) -> Object:
    """A draft of an invoice with these lines; a total below nothing goes to the balance."""
    total = sum(one["amount"] for one in lines)
    currency = lines[0]["currency"] if lines else customer["currency"] or "usd"
    now = stripe.now(customer["id"])
    invoice_id = stripe.records.new_id("in")
    periods = [one["period"] for one in lines]
    return {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "amount_due": max(0, total),
        "amount_paid": 0,
        "amount_remaining": max(0, total),
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_ids": [
            {"type": one["type"], "value": one["value"]}
            for one in tax_ids_of(stripe, customer["id"])
        ],
        "default_payment_method": None,
        "due_date": None,
        "ending_balance": None,
        "hosted_invoice_url": f"{stripe.url}/invoices/{invoice_id}",
        # None, so that whoever asks sets a PDF of his own.
        "invoice_pdf": None,
        "lines": {
            "object": "list",
            "data": list(lines),
            "has_more": False,
            "url": f"/v1/invoices/{invoice_id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "parent": {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"] if subscription else {},
                "subscription": subscription["id"] if subscription else None,
            },
        },
        "period_end": max((one["end"] for one in periods), default=now),
        "period_start": min((one["start"] for one in periods), default=now),
        "starting_balance": customer["balance"],
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": total,
        "total": total,
        "total_taxes": [],
    }


def finalize(stripe: StripeEmulator, invoice: Object) -> Object:
    """Number an invoice, take the customer's balance into account, and open it."""
    customer = stripe.records.get("customer", invoice["customer"])
    stripe.records.add(invoice)
    stripe.happened("invoice.created", invoice)
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    invoice["number"] = f"{customer['invoice_prefix']}-{sequence:04d}"
    due = invoice["total"] + customer["balance"]
    customer["balance"] = min(0, due)
    invoice["ending_balance"] = customer["balance"]
    invoice["amount_due"] = invoice["amount_remaining"] = max(0, due)
    invoice["status"] = "open"
    invoice["status_transitions"]["finalized_at"] = stripe.now(customer["id"])
    stripe.happened("invoice.finalized", invoice)
    return invoice


def void(stripe: StripeEmulator, _params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/void``."""
    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] != "open":
        raise StripeFailure("You can only void open invoices.")
    invoice["status"], invoice["amount_remaining"] = "void", 0
    invoice["status_transitions"]["voided_at"] = stripe.now(invoice["customer"])
    stripe.happened("invoice.voided", invoice)
    return invoice


def list_invoices(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/invoices``, by customer, subscription and status."""

    def wanted(invoice: Object) -> bool:
        own = invoice["parent"]["subscription_details"]["subscription"]
        return (
            params.get("customer") in {None, invoice["customer"]}
            and params.get("subscription") in {None, own}
            and params.get("status") in {None, invoice["status"]}
        )

    return listed(stripe.records.all("invoice"), params, "/v1/invoices", wanted)
