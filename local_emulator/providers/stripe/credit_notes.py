"""Credit notes: what is taken back of an invoice, never more than is left of it.

https://docs.stripe.com/api/credit_notes/create
"""

from __future__ import annotations

from local_emulator.providers.stripe.balances import move
from local_emulator.providers.stripe.credit_note_lines import lines_of
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed, within
from local_emulator.providers.stripe.refunds import create_refund, intents_of, refunded_of

REASONS = frozenset(
    {None, "duplicate", "fraudulent", "order_change", "product_unsatisfactory"},
)
PAID_OUT = ("refund_amount", "credit_amount", "out_of_band_amount")


def create_credit_note(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/credit_notes``: less to pay first; what was paid is credited or paid back."""
    invoice = stripe.records.get("invoice", params.get("invoice"), "invoice")
    lines = lines_of(stripe, invoice, params)
    total = sum(one["amount"] for one in lines)
    before = min(total, invoice["amount_remaining"])
    after = total - before
    _check(stripe, invoice, params, total, after)
    customer = stripe.records.get("customer", invoice["customer"])
    note: Object = {
        "id": stripe.records.new_id("cn"),
        "object": "credit_note",
        "amount": total,
        "amount_shipping": 0,
        "created": stripe.now(customer["id"]),
        "currency": invoice["currency"],
        "customer": customer["id"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": number(params.get("effective_at"), stripe.now(customer["id"])),
        "invoice": invoice["id"],
        "lines": {"object": "list", "data": lines, "has_more": False, "url": ""},
        "livemode": False,
        "memo": params.get("memo"),
        "metadata": params.get("metadata") or {},
        "number": f"{invoice['number']}-CN-{_sequence(stripe, invoice):02d}",
        "out_of_band_amount": number(params.get("out_of_band_amount")) or None,
        "pdf": f"{stripe.url}/credit_notes/{invoice['id']}",
        "post_payment_amount": after,
        "pre_payment_amount": before,
        "pretax_credit_amounts": [],
        "reason": params.get("reason"),
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
        "total_taxes": [],
        "type": _type(before, after),
        "voided_at": None,
    }
    note["lines"]["url"] = f"/v1/credit_notes/{note['id']}/lines"
    _pay_out(stripe, invoice, note, params)
    stripe.records.add(note)
    _lessen(stripe, invoice, before, after)
    stripe.happened("credit_note.created", note)
    return note


def update_credit_note(stripe: StripeEmulator, params: Object, note_id: str) -> Object:
    """``POST /v1/credit_notes/{id}``: memo and metadata."""
    note = stripe.records.get("credit_note", note_id)
    if "memo" in params:
        note["memo"] = params["memo"]
    note["metadata"] |= params.get("metadata") or {}
    stripe.happened("credit_note.updated", note)
    return note


def void_credit_note(stripe: StripeEmulator, _params: Object, note_id: str) -> Object:
    """``POST /v1/credit_notes/{id}/void``: while its invoice is open, and nothing was paid out."""
    note = stripe.records.get("credit_note", note_id)
    invoice = stripe.records.get("invoice", note["invoice"])
    if note["status"] == "void":
        raise StripeFailure("This credit note is already void.")
    if invoice["status"] != "open" or note["post_payment_amount"]:
        raise StripeFailure("You can only void a credit note of an invoice that is open.")
    note["status"], note["voided_at"] = "void", stripe.now(invoice["customer"])
    _lessen(stripe, invoice, -note["pre_payment_amount"], 0)
    stripe.happened("credit_note.voided", note)
    return note


def list_credit_notes(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/credit_notes``, by customer, invoice and dates."""
    found = stripe.records.of(params.get("customer"), "credit_note")

    def wanted(note: Object) -> bool:
        return params.get("invoice") in {None, note["invoice"]} and within(
            note["created"], params.get("created")
        )

    return listed(found, params, "/v1/credit_notes", wanted)


def list_lines(stripe: StripeEmulator, params: Object, note_id: str) -> Object:
    """``GET /v1/credit_notes/{id}/lines``, in their order."""
    note = stripe.records.get("credit_note", note_id)
    return listed(list(reversed(note["lines"]["data"])), params, note["lines"]["url"])


def _check(stripe: StripeEmulator, invoice: Object, params: Object, total: int, after: int) -> None:
    if invoice["status"] not in {"open", "paid"}:
        message = f"You can't create a credit note for an invoice that is {invoice['status']}."
        raise StripeFailure(message, param="invoice")
    if params.get("reason") not in REASONS:
        raise StripeFailure("Invalid reason.", param="reason")
    if total <= 0:
        raise StripeFailure("A credit note must be for more than nothing.", param="amount")
    linked = _linked(stripe, invoice, params)
    left = invoice["amount_paid"] - invoice["post_payment_credit_notes_amount"]
    left -= max(0, _unlinked(stripe, invoice) - linked)
    if after > left:
        message = (
            f"The credit note's amount is {after - left} more than what is left of this invoice."
        )
        raise StripeFailure(message, param="amount")
    paid_out = linked + sum(number(params.get(name)) for name in PAID_OUT)
    if any(number(params.get(name)) < 0 for name in PAID_OUT) or paid_out != after:
        message = (
            "The sum of credit amount, refund amount and out of band amount"
            f" ({paid_out}) must equal the post-payment amount ({after})."
        )
        raise StripeFailure(message, param="credit_amount")


def _linked(stripe: StripeEmulator, invoice: Object, params: Object) -> int:
    """How much of refunds that there are is linked to a note."""
    own = {intent["id"] for intent in intents_of(stripe, invoice)}
    total = 0
    for at, given in enumerate(params.get("refunds") or []):
        name = f"refunds[{at}][refund]"
        refund = stripe.records.get("refund", given.get("refund"), name)
        if refund["payment_intent"] not in own:
            raise missing("refund", refund["id"], name)
        total += number(given.get("amount_refunded"), refund["amount"])
    return total


def _unlinked(stripe: StripeEmulator, invoice: Object) -> int:
    """What was paid back of an invoice without a credit note for it."""
    noted: int = sum(
        one["amount_refunded"]
        for note in stripe.records.of(invoice["customer"], "credit_note")
        if note["invoice"] == invoice["id"]
        for one in note["refunds"]
    )
    return refunded_of(stripe, invoice) - noted


def _pay_out(stripe: StripeEmulator, invoice: Object, note: Object, params: Object) -> None:
    for given in params.get("refunds") or []:
        refund = stripe.records.get("refund", given["refund"])
        amount = number(given.get("amount_refunded"), refund["amount"])
        note["refunds"].append(_refund(refund, amount))
    refunded = number(params.get("refund_amount"))
    if refunded:
        intent = intents_of(stripe, invoice)[0]
        wish = {"payment_intent": intent["id"], "amount": refunded}
        note["refunds"].append(_refund(create_refund(stripe, wish), refunded))
    credited = number(params.get("credit_amount"))
    if credited:
        customer = stripe.records.get("customer", invoice["customer"])
        about = {"currency": invoice["currency"], "credit_note": note["id"]}
        moved = move(stripe, customer, -credited, "credit_note", about)
        note["customer_balance_transaction"] = moved["id"]


def _refund(refund: Object, amount: int) -> Object:
    return {
        "amount_refunded": amount,
        "payment_record_refund": None,
        "refund": refund["id"],
        "type": "refund",
    }


def _lessen(stripe: StripeEmulator, invoice: Object, before: int, after: int) -> None:
    """Let an invoice know of a credit note; one of which nothing is left to pay is paid."""
    invoice["pre_payment_credit_notes_amount"] += before
    invoice["post_payment_credit_notes_amount"] += after
    invoice["amount_due"] -= before
    invoice["amount_remaining"] -= before
    if before and not invoice["amount_remaining"]:
        from local_emulator.providers.stripe.billing import collect

        collect(stripe, invoice)
    elif before or after:
        stripe.happened("invoice.updated", invoice)


def _sequence(stripe: StripeEmulator, invoice: Object) -> int:
    notes = stripe.records.of(invoice["customer"], "credit_note")
    return 1 + len([one for one in notes if one["invoice"] == invoice["id"]])


def _type(before: int, after: int) -> str:
    if before and after:
        return "mixed"
    return "pre_payment" if before else "post_payment"
