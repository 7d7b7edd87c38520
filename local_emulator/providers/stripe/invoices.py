"""Invoices: made as drafts, changed, finalised, voided and given up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_emulator.providers.stripe import balances
from local_emulator.providers.stripe.discounts import consume
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.invoice_payments import give_up
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import inherit
from local_emulator.providers.stripe.tax_ids import tax_ids_of
from local_emulator.providers.stripe.taxes import locate
from local_emulator.providers.stripe.totals import ending_balance, settle

DAY_S = 86_400
DRAFT_S = 3_600
"""How long a renewal stays a draft
(https://docs.stripe.com/invoicing/integration/workflow-transitions)."""


def make_invoice(
    stripe: StripeEmulator,
    customer: Object,
    lines: Sequence[Object],
    reason: str,
    subscription: Object | None,
    period: tuple[int, int] | None = None,
) -> Object:
    """A draft of an invoice with these lines, which nobody keeps yet.

    ``period`` is when items could be added to it: for a renewal the period that ended.
    """
    now = stripe.now(customer["id"])
    invoice_id = stripe.records.new_id("in")
    by_charge = subscription is None or subscription["collection_method"] != "send_invoice"
    invoice: Object = {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": None,
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": "charge_automatically" if by_charge else "send_invoice",
        "created": now,
        "currency": _currency(customer, lines, subscription),
        "custom_fields": None,
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": None,
        "customer_email": None,
        "customer_name": None,
        "customer_phone": None,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        # None, so that whoever asks sets a PDF of his own.
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/invoices/{invoice_id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": _parent(subscription),
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": period[1] if period else now,
        "period_start": period[0] if period else now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": customer["balance"],
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": customer["test_clock"],
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": now,
    }
    if not by_charge and subscription is not None:
        days = subscription["days_until_due"] or 30
        invoice["due_date"] = now + days * DAY_S
    inherit(stripe, invoice, customer, subscription)
    add_lines(stripe, invoice, lines)
    return invoice


def add_lines(stripe: StripeEmulator, invoice: Object, lines: Sequence[Object]) -> None:
    """Put more lines on a draft."""
    for one in lines:
        one["invoice"] = invoice["id"]
    invoice["lines"]["data"].extend(lines)
    copy_customer(stripe, invoice)
    settle(stripe, invoice)


def copy_customer(stripe: StripeEmulator, invoice: Object) -> None:
    """Whom an invoice is for: of drafts as the customer is now, of others as it was."""
    customer = stripe.records.get("customer", invoice["customer"])
    for name in ("address", "email", "name", "phone", "shipping"):
        invoice[f"customer_{name}"] = customer[name]
    invoice["customer_tax_exempt"] = customer["tax_exempt"]
    invoice["customer_tax_ids"] = [
        {"type": one["type"], "value": one["value"]} for one in tax_ids_of(stripe, customer["id"])
    ]


def keep_draft(stripe: StripeEmulator, invoice: Object) -> Object:
    """Keep a draft; it is finalised by itself after its hour."""
    if invoice["auto_advance"]:
        finalizes_at = invoice["created"] + DRAFT_S
        invoice["automatically_finalizes_at"] = finalizes_at
        by_charge = invoice["collection_method"] == "charge_automatically"
        invoice["next_payment_attempt"] = finalizes_at if by_charge else None
    stripe.records.add(invoice)
    stripe.happened("invoice.created", invoice)
    return invoice


def finalize(stripe: StripeEmulator, invoice: Object) -> Object:
    """Number a draft, take the customer's balance into account, and open it."""
    customer = stripe.records.get("customer", invoice["customer"])
    copy_customer(stripe, invoice)
    settle(stripe, invoice)
    locate(invoice)
    consume(stripe, invoice, subscription_of(stripe, invoice))
    now = stripe.now(customer["id"])
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    invoice["number"] = f"{customer['invoice_prefix']}-{sequence:04d}"
    invoice["ending_balance"] = ending_balance(invoice)
    change = invoice["ending_balance"] - customer["balance"]
    if change:
        kind = "invoice_too_small" if invoice["ending_balance"] > 0 else "applied_to_invoice"
        balances.move(stripe, customer, change, kind, _about(invoice))
    invoice["hosted_invoice_url"] = f"{stripe.url}/invoices/{invoice['id']}"
    invoice["automatically_finalizes_at"] = invoice["next_payment_attempt"] = None
    invoice["status"] = "open"
    invoice["effective_at"] = invoice["status_transitions"]["finalized_at"] = now
    stripe.happened("invoice.finalized", invoice)
    return invoice


def void(stripe: StripeEmulator, invoice: Object) -> None:
    """Void an invoice; what was taken from the customer's balance goes back there.

    Nobody pays it any more, and a change that waited for its payment is dropped.
    """
    if invoice["status"] not in {"open", "uncollectible"}:
        raise StripeFailure(f"You can't void an invoice that is {invoice['status']}.")
    customer = stripe.records.get("customer", invoice["customer"])
    taken = invoice["ending_balance"] - invoice["starting_balance"]
    if taken:
        balances.move(stripe, customer, -taken, "unapplied_from_invoice", _about(invoice))
    invoice["status"], invoice["amount_remaining"] = "void", 0
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["voided_at"] = stripe.now(invoice["customer"])
    stripe.happened("invoice.voided", invoice)
    give_up(stripe, invoice)
    forget_update(stripe, invoice)


def forget_update(stripe: StripeEmulator, invoice: Object) -> None:
    """Drop the change of a subscription that waited for an invoice to be paid."""
    subscription = subscription_of(stripe, invoice)
    if subscription is None or not subscription.get("pending_update"):
        return
    if subscription["latest_invoice"] == invoice["id"]:
        subscription.pop("emulator_pending_state")
        subscription["pending_update"] = None
        stripe.happened("customer.subscription.pending_update_expired", subscription)


def subscription_of(stripe: StripeEmulator, invoice: Object) -> Object | None:
    """The subscription that an invoice is for, if any."""
    details: dict[str, Any] = (invoice["parent"] or {}).get("subscription_details") or {}
    return stripe.records.find("subscription", details.get("subscription"))


def _about(invoice: Object) -> Object:
    return {"currency": invoice["currency"], "invoice": invoice["id"]}


def _currency(customer: Object, lines: Sequence[Object], subscription: Object | None) -> str:
    if subscription is not None:
        return str(subscription["currency"])
    return str(lines[0]["currency"] if lines else customer["currency"] or "usd")


def _parent(subscription: Object | None) -> Object | None:
    if subscription is None:
        return None
    return {
        "type": "subscription_details",
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription["metadata"]),
            "subscription": subscription["id"],
        },
    }
