"""Lines of credit notes: parts of the invoice's own lines, or what a person writes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.money import plain_text
from local_emulator.providers.stripe.records import Object


def lines_of(stripe: StripeEmulator, invoice: Object, params: Object) -> list[Object]:
    """The lines that a call asks for; an ``amount`` alone is one line."""
    if bool(params.get("lines")) is ("amount" in params):
        raise (
            required("amount")
            if "amount" not in params
            else StripeFailure(
                "You may only specify one of these parameters: amount, lines.", param="lines"
            )
        )
    if "amount" in params:
        amount = number(params["amount"])
        return [_line(stripe, amount, params.get("memo") or "Credit", 1, Decimal(amount), None)]
    return [
        _own(stripe, given, f"lines[{at}]")
        if given.get("type") == "custom_line_item"
        else _of_invoice(stripe, invoice, given, f"lines[{at}]")
        for at, given in enumerate(params["lines"])
    ]


def _own(stripe: StripeEmulator, given: Object, name: str) -> Object:
    unit = given.get("unit_amount_decimal") or given.get("unit_amount")
    if unit is None:
        raise required(f"{name}[unit_amount]")
    quantity, cost = number(given.get("quantity"), 1), Decimal(str(unit))
    amount = int((cost * quantity).quantize(Decimal(1), ROUND_HALF_UP))
    return _line(stripe, amount, given.get("description") or "Credit", quantity, cost, None)


def _of_invoice(stripe: StripeEmulator, invoice: Object, given: Object, name: str) -> Object:
    line_id = given.get("invoice_line_item")
    line = next((one for one in invoice["lines"]["data"] if one["id"] == line_id), None)
    if line is None:
        raise missing("invoice line item", str(line_id), f"{name}[invoice_line_item]")
    quantity = number(given["quantity"]) if given.get("quantity") else None
    if quantity is not None:
        part = Decimal(line["amount"]) * quantity / line["quantity"]
        amount = int(part.quantize(Decimal(1), ROUND_HALF_UP))
    else:
        amount = number(given.get("amount"), line["amount"])
    if not 0 < amount <= line["amount"] - _credited(stripe, invoice, line["id"]):
        message = "The amount is more than what is left of this line item."
        raise StripeFailure(message, param=f"{name}[amount]")
    return _line(stripe, amount, line["description"], quantity, None, line["id"])


def _credited(stripe: StripeEmulator, invoice: Object, line_id: str) -> int:
    """What earlier notes took back of a line."""
    return sum(
        line["amount"]
        for note in stripe.records.of(invoice["customer"], "credit_note")
        if note["status"] != "void"
        for line in note["lines"]["data"]
        if line["invoice_line_item"] == line_id
    )


def _line(
    stripe: StripeEmulator,
    amount: int,
    description: str | None,
    quantity: int | None,
    unit: Decimal | None,
    line_id: str | None,
) -> Object:
    is_whole = unit is not None and unit == unit.to_integral_value()
    return {
        "id": stripe.records.new_id("cnli"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": description,
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": line_id,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item" if line_id else "custom_line_item",
        "unit_amount": int(unit) if unit is not None and is_whole else None,
        "unit_amount_decimal": None if unit is None else plain_text(unit),
    }
