"""Giving back: credit notes and refunds, never more than is left of an invoice.

A refund always comes with a credit note (``refund_amount``), so that the books balance: what was
taken in is less by as much as what was billed
(https://docs.stripe.com/invoicing/integration/programmatic-credit-notes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billing.invoices.money import written
from billing.payments.from_stripe import Object, id_of
from layers.errors import Conflict, FieldError, InvalidInput

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway


@dataclass(frozen=True)
class Refundable:
    """What can still be taken back of an invoice, in minor units of ``currency``.

    ``credit`` is what a credit note can be for, ``unpaid`` the part of it that was not paid yet;
    ``refund`` what can be paid back.
    """

    currency: str
    credit: int
    unpaid: int
    refund: int


def left_of(invoice: Object, intents: Sequence[Object], refunded: int, linked: int) -> Refundable:
    """What is left of an invoice.

    ``intents`` are the payments of it that came through, ``refunded`` what was paid back of them,
    and ``linked`` how much of that has a credit note.
    """
    if invoice["status"] not in {"open", "paid"}:
        return Refundable(invoice["currency"], 0, 0, 0)
    credited = invoice.get("post_payment_credit_notes_amount") or 0
    paid = invoice["amount_paid"] - credited - max(0, refunded - linked)
    unpaid = invoice["amount_remaining"]
    received = sum(one["amount_received"] for one in intents)
    refund = max(0, min(paid, received - refunded))
    return Refundable(invoice["currency"], max(0, paid) + unpaid, unpaid, refund)


class Settling:
    """Gives back what was billed or paid."""

    def __init__(self, gateway: StripeGateway) -> None:
        self._gateway = gateway

    def left(self, invoice_id: str) -> Refundable:
        """What can still be given back of an invoice, as Stripe has it now."""
        invoice = self._gateway.invoice(invoice_id)
        return left_of(invoice, *self._gateway.taken_back(invoice_id))

    def credit(self, invoice_id: str, amount: int, memo: str, key: str) -> Object:
        """Credit a part of an invoice: less to pay, else onto the balance; returns the note."""
        left = self.left(invoice_id)
        _check(amount, left.credit, left.currency, "be credited")
        amounts: dict[str, Any] = {"amount": amount}
        if amount > left.unpaid:
            amounts["credit_amount"] = amount - left.unpaid
        return self._gateway.take_back(invoice_id, amounts, memo, key)

    def refund(self, invoice_id: str, amount: int | None, memo: str | None, key: str) -> Object:
        """Pay back what was paid, with a credit note; returns the refund.

        Without an amount it is all that can be paid back.
        """
        left = self.left(invoice_id)
        wanted = left.refund if amount is None else amount
        if not left.refund and amount is None:
            raise Conflict("Nothing is left of this invoice that could be paid back.")
        _check(wanted, left.refund, left.currency, "be paid back")
        if left.unpaid:
            raise Conflict(
                "A part of this invoice is not paid yet: credit that first, or wait until it is."
            )
        amounts = {"amount": wanted, "refund_amount": wanted}
        note = self._gateway.take_back(invoice_id, amounts, memo, key)
        return self._gateway.refund(id_of(note["refunds"][0]["refund"]) or "")


def pay_rest_back(gateway: StripeGateway, invoice_id: str, key: str) -> None:
    """Pay back whatever can still be paid back of an invoice, with its credit note."""
    settling = Settling(gateway)
    left = settling.left(invoice_id)
    if left.refund:
        settling.refund(invoice_id, left.refund, None, key)


def _check(amount: int, left: int, currency: str, what: str) -> None:
    if amount > left:
        message = (
            f"At most {written(left, currency)} can {what}: that is left of this invoice"
            f" ({left} in minor units)."
        )
        raise InvalidInput(errors=[FieldError("/amount", message)])
