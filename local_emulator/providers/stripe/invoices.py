"""Invoices: their lines, their payment, and what is taken back of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from local_emulator.providers.stripe.customers import REFUSED, tax_ids_of
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed

ATTEMPTS_UNTIL_UNPAID = 4
RETRY_S = 3 * 86_400
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Charge:
    """What a line is for: so many of a price, and the subscription's item that it belongs to."""

    price: Object
    quantity: int
    item: Object | None = None
    unit: str | None = None
    """What one costs, in minor units, where that is not the price's own amount."""

    def named(self, stripe: StripeEmulator) -> str:
        """As Stripe words it: ``2 x Pro``, with the sign of multiplication."""
        product = stripe.records.get("product", self.price["product"])
        return f"{self.quantity} {TIMES} {product['name']}"


def line(
    stripe: StripeEmulator,
    charge: Charge,
    amount: int,
    period: tuple[int, int],
    description: str,
    *,
    is_proration: bool = False,
) -> Object:
    """One line of an invoice; amounts in the currency's minor unit, of either sign."""
    price, quantity, item = charge.price, charge.quantity, charge.item
    return {
        "id": stripe.records.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discountable": not is_proration,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "proration": is_proration,
                "subscription": item["subscription"] if item else None,
                "subscription_item": item["id"] if item else None,
            },
        },
        "period": {"start": period[0], "end": period[1]},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": charge.unit or str(price["unit_amount"] or 0),
        },
        "quantity": quantity,
        "subtotal": amount,
        "taxes": [],
    }


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


def pay(stripe: StripeEmulator, invoice: Object) -> bool:
    """Try to collect an open invoice; says whether it is paid."""
    now = stripe.now(invoice["customer"])
    if invoice["amount_due"] and refuses(stripe, invoice):
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
        is_last = invoice["attempt_count"] >= ATTEMPTS_UNTIL_UNPAID
        invoice["next_payment_attempt"] = None if is_last else now + RETRY_S
        stripe.happened("invoice.payment_failed", invoice)
        return False
    if invoice["amount_due"]:
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
        _charge(stripe, invoice)
    invoice["amount_paid"], invoice["amount_remaining"] = invoice["amount_due"], 0
    invoice["status"] = "paid"
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["paid_at"] = now
    stripe.happened("invoice.paid", invoice)
    stripe.happened("invoice.payment_succeeded", invoice)
    return True


def pay_by_hand(stripe: StripeEmulator, params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/pay``."""
    from local_emulator.providers.stripe.subscriptions import after_payment

    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] == "paid":
        raise StripeFailure("Invoice is already paid", code="invoice_already_paid")
    if params.get("payment_method"):
        invoice["default_payment_method"] = params["payment_method"]
    paid = pay(stripe, invoice)
    after_payment(stripe, invoice, paid)
    if not paid:
        raise declined("Your card was declined.")
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


def create_refund(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/refunds``, of a payment intent."""
    intent = stripe.records.get("payment_intent", params.get("payment_intent"), "payment_intent")
    left = intent["amount_received"] - intent["emulator_refunded"]
    amount = number(params.get("amount"), left)
    if not 0 < amount <= left:
        raise StripeFailure(f"Refund amount is greater than {left}.", param="amount")
    intent["emulator_refunded"] += amount
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("re"),
            "object": "refund",
            "amount": amount,
            "charge": None,
            "created": stripe.now(intent["customer"]),
            "currency": intent["currency"],
            "metadata": params.get("metadata") or {},
            "payment_intent": intent["id"],
            "reason": params.get("reason"),
            "status": "succeeded",
        }
    )
    stripe.happened("refund.created", made)
    return made


def create_credit_note(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/credit_notes``: what is credited goes to the customer's balance."""
    invoice = stripe.records.get("invoice", params.get("invoice"), "invoice")
    amount = number(params.get("amount"))
    if invoice["status"] not in {"open", "paid"} or not 0 < amount <= invoice["total"]:
        raise StripeFailure("The credit note amount is not valid for this invoice.", param="amount")
    customer = stripe.records.get("customer", invoice["customer"])
    if invoice["status"] == "open":
        invoice["amount_due"] = invoice["amount_remaining"] = max(0, invoice["amount_due"] - amount)
    else:
        customer["balance"] -= amount
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("cn"),
            "object": "credit_note",
            "amount": amount,
            "created": stripe.now(customer["id"]),
            "currency": invoice["currency"],
            "customer": customer["id"],
            "invoice": invoice["id"],
            "livemode": False,
            "memo": params.get("memo"),
            "metadata": params.get("metadata") or {},
            "number": f"{invoice['number']}-CN",
            "reason": params.get("reason"),
            "status": "issued",
            "total": amount,
            "type": "post_payment" if invoice["status"] == "paid" else "pre_payment",
        }
    )
    stripe.happened("credit_note.created", made)
    return made


def list_credit_notes(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/credit_notes``, of a customer."""

    def wanted(note: Object) -> bool:
        return params.get("customer") in {None, note["customer"]}

    return listed(stripe.records.all("credit_note"), params, "/v1/credit_notes", wanted)


def refuses(stripe: StripeEmulator, invoice: Object) -> bool:
    """Whether nothing can be collected for an invoice."""
    method = _method(stripe, invoice)
    return method is None or bool(method[REFUSED])


def _method(stripe: StripeEmulator, invoice: Object) -> Object | None:
    customer = stripe.records.get("customer", invoice["customer"])
    subscription = stripe.records.find(
        "subscription", invoice["parent"]["subscription_details"]["subscription"]
    )
    chosen = (
        invoice["default_payment_method"]
        or (subscription["default_payment_method"] if subscription else None)
        or customer["invoice_settings"]["default_payment_method"]
    )
    return stripe.records.find("payment_method", chosen)


def _charge(stripe: StripeEmulator, invoice: Object) -> None:
    method = _method(stripe, invoice)
    intent = stripe.records.add(
        {
            "id": stripe.records.new_id("pi"),
            "object": "payment_intent",
            "amount": invoice["amount_due"],
            "amount_received": invoice["amount_due"],
            "created": stripe.now(invoice["customer"]),
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "livemode": False,
            "metadata": {},
            "payment_method": method["id"] if method else None,
            "status": "succeeded",
            "emulator_refunded": 0,
        }
    )
    stripe.records.add(
        {
            "id": stripe.records.new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": invoice["amount_due"],
            "amount_requested": invoice["amount_due"],
            "created": intent["created"],
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
            "status": "paid",
            "status_transitions": {"canceled_at": None, "paid_at": intent["created"]},
        }
    )


def list_payments(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/invoice_payments``, of an invoice."""

    def wanted(payment: Object) -> bool:
        return params.get("invoice") in {None, payment["invoice"]}

    return listed(stripe.records.all("invoice_payment"), params, "/v1/invoice_payments", wanted)
