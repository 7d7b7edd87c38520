"""What is kept of Stripe's payments, refunds and credit notes: pure, from what was read last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.invoices.kept_taxes import taxes
from layers import jsontext

Object = Mapping[str, Any]
CONSENT = "requires_action"


@dataclass(frozen=True)
class Collected:
    """All that Stripe said of a customer's payments; ``disputes`` by their charge."""

    intents: Sequence[Object] = ()
    charges: Sequence[Object] = ()
    credit_notes: Sequence[Object] = ()
    disputes: Mapping[str, Object] = field(default_factory=dict)


def invoices_paid_by(invoices: Sequence[Object]) -> dict[str, str]:
    """The invoice of each payment intent."""
    found = {}
    for invoice in invoices:
        for one in (invoice.get("payments") or {}).get("data") or ():
            intent = id_of((one.get("payment") or {}).get("payment_intent"))
            if intent is not None:
                found[intent] = invoice["id"]
    return found


def payment_rows(found: Collected, invoice_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every attempt: each charge, and an intent that has none because the bank is asked."""
    rows = [_charge(one, invoice_of, found.disputes) for one in found.charges]
    rows += [
        _intent(one, invoice_of)
        for one in found.intents
        if (one["status"] == CONSENT and one["id"] in invoice_of)
        or (one["last_payment_error"] and not one["last_payment_error"].get("charge"))
    ]
    return rows


def refund_rows(found: Collected, invoice_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every refund of the charges."""
    return [
        {
            "id": one["id"],
            "payment_id": charge["id"],
            "invoice_id": invoice_of.get(id_of(charge["payment_intent"]) or ""),
            "status": one["status"],
            "currency": one["currency"],
            "amount": one["amount"],
            "reason": one.get("reason"),
            "failure_reason": one.get("failure_reason"),
            "created_at": one["created"],
        }
        for charge in found.charges
        for one in (charge.get("refunds") or {}).get("data") or ()
    ]


def credit_note_rows(found: Collected, references: Mapping[str, Object]) -> list[dict[str, Any]]:
    """Every credit note; ``references`` are tax rates by id."""
    return [_credit_note(one, references) for one in found.credit_notes]


def payment_action(
    intents: Sequence[Object], invoices: Sequence[Object], invoice_of: Mapping[str, str]
) -> dict[str, Any] | None:
    """The oldest open invoice whose payment waits for the bank's consent."""
    waiting = {invoice_of.get(one["id"]) for one in intents if one["status"] == CONSENT}
    found = [one for one in invoices if one["status"] == "open" and one["id"] in waiting]
    if not found:
        return None
    invoice = min(found, key=lambda one: int(one["created"]))
    return {
        "invoice_id": invoice["id"],
        "number": invoice["number"],
        "amount": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "url": invoice["hosted_invoice_url"],
    }


def id_of(found: Object | str | None) -> str | None:
    """The id of what Stripe gives as an id, or whole."""
    return str(found["id"]) if isinstance(found, Mapping) else found


def _charge(
    charge: Object, invoice_of: Mapping[str, str], disputes: Mapping[str, Object]
) -> dict[str, Any]:
    intent = id_of(charge["payment_intent"])
    dispute = disputes.get(charge["id"])
    shown = ("id", "amount", "status", "reason")
    return {
        "id": charge["id"],
        "payment_intent_id": intent,
        "invoice_id": invoice_of.get(intent or ""),
        "status": charge["status"],
        "currency": charge["currency"],
        "amount": charge["amount"],
        "amount_refunded": charge["amount_refunded"],
        "method": _method(charge.get("payment_method_details") or {}),
        "failure_code": (charge.get("outcome") or {}).get("reason") or charge["failure_code"],
        "failure_message": charge["failure_message"],
        "dispute": dispute and jsontext.dumps({name: dispute[name] for name in shown}),
        "created_at": charge["created"],
    }


def _intent(intent: Object, invoice_of: Mapping[str, str]) -> dict[str, Any]:
    error = intent["last_payment_error"] or {}
    method = error.get("payment_method") or intent["payment_method"]
    return {
        "id": intent["id"],
        "payment_intent_id": intent["id"],
        "invoice_id": invoice_of.get(intent["id"]),
        "status": CONSENT if intent["status"] == CONSENT else "failed",
        "currency": intent["currency"],
        "amount": intent["amount"],
        "amount_refunded": 0,
        "method": _method(method if isinstance(method, Mapping) else {}),
        "failure_code": error.get("decline_code") or error.get("code"),
        "failure_message": error.get("message"),
        "dispute": None,
        "created_at": intent["created"],
    }


def _method(details: Object) -> str:
    kind = details.get("type")
    own = details.get(kind or "") or {}
    brand = own.get("brand") or own.get("bank_name")
    return jsontext.dumps({"type": kind, "brand": brand, "last4": own.get("last4")})


def _credit_note(note: Object, references: Mapping[str, Object]) -> dict[str, Any]:
    refunded = sum(one.get("amount_refunded") or 0 for one in note.get("refunds") or ())
    out_of_band = note.get("out_of_band_amount") or 0
    post = note.get("post_payment_amount") or 0
    data = {
        "subtotal": note["subtotal"],
        "taxes": taxes(note.get("total_taxes"), references),
        "lines": [_credit_line(one, references) for one in note["lines"]["data"]],
        "memo": note.get("memo"),
        "effective_at": note.get("effective_at"),
        "refunded": refunded,
        "to_balance": post - refunded - out_of_band,
        "out_of_band": out_of_band,
        "pre_payment": note.get("pre_payment_amount") or 0,
    }
    return {
        "id": note["id"],
        "invoice_id": id_of(note["invoice"]),
        "number": note["number"],
        "status": note["status"],
        "type": note["type"],
        "currency": note["currency"],
        "amount": note["total"],
        "reason": note.get("reason"),
        "created_at": note["created"],
        "voided_at": note.get("voided_at"),
        "data": jsontext.dumps(data),
    }


def _credit_line(line: Object, references: Mapping[str, Object]) -> dict[str, Any]:
    unit = line.get("unit_amount_decimal")
    return {
        "description": line["description"],
        "quantity": line["quantity"],
        "unit_amount": None if unit is None else str(unit),
        "amount": line["amount"],
        "taxes": taxes(line.get("taxes"), references),
    }
