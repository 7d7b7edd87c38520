"""Invoices, and what is taken or paid back of them, at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from billing.failures import StripeRefused
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain


class InvoiceCalls(StripeClient):
    """What was billed."""

    def invoices(self, customer_id: str) -> Iterator[Object]:
        """All invoices of a customer, the newest first, with all lines and their discounts."""
        expand = ["data.total_discount_amounts.discount"]
        wish = cast("Any", {"customer": customer_id, "limit": MOST, "expand": expand})
        found = call(lambda: self._api.invoices.list(wish))
        pages = found.auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            yield self._whole(plain(one))

    def _whole(self, invoice: Object) -> Object:
        """With the lines that Stripe left out: it tells the first ten
        (https://docs.stripe.com/api/invoices/object, ``lines``)."""
        if not invoice["lines"].get("has_more"):
            return invoice
        wish = cast("Any", {"limit": MOST})
        found = call(lambda: self._api.invoices.line_items.list(invoice["id"], wish))
        lines: list[Object] = []
        pages = found.auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            lines.append(plain(one))
        return {**invoice, "lines": {**invoice["lines"], "data": lines, "has_more": False}}

    def pay_invoice(self, invoice_id: str) -> None:
        """Try to collect an open invoice now."""
        call(lambda: self._api.invoices.pay(invoice_id))

    def finalize_invoice(self, invoice_id: str) -> None:
        """Let nothing of a draft change any more; it is not collected by that."""
        wish = cast("Any", {"auto_advance": False})
        call(lambda: self._api.invoices.finalize_invoice(invoice_id, wish))

    def mark_uncollectible(self, invoice_id: str) -> None:
        """Collect an invoice no more; it stays owed, and can be paid."""
        call(lambda: self._api.invoices.mark_uncollectible(invoice_id))

    def void_invoice(self, invoice_id: str) -> None:
        """Take an invoice back that nobody paid: it is as if it had been for nothing."""
        call(lambda: self._api.invoices.void_invoice(invoice_id))

    def create_credit_note(self, invoice_id: str, amount: int, reason: str, key: str) -> Object:
        """Take back a part of an invoice: of what is open, then onto the customer's balance."""
        invoice = call(lambda: self._api.invoices.retrieve(invoice_id))
        wish: Object = {"invoice": invoice_id, "amount": amount, "memo": reason}
        if amount > invoice.amount_remaining:
            wish["credit_amount"] = amount - invoice.amount_remaining
        return plain(call(lambda: self._api.credit_notes.create(cast("Any", wish), key_of(key))))

    def refund(self, invoice_id: str, amount: int | None, key: str) -> Object:
        """Pay back what was paid for an invoice, or a part of it."""
        listing = cast("Any", {"invoice": invoice_id, "limit": 1})
        payments = call(lambda: self._api.invoice_payments.list(listing)).data
        if not payments or payments[0].payment.payment_intent is None:
            raise StripeRefused("Nothing was paid for this invoice, so nothing can be paid back.")
        intent = payments[0].payment.payment_intent
        wish: Object = {"payment_intent": intent if isinstance(intent, str) else intent.id}
        if amount is not None:
            wish["amount"] = amount
        return plain(call(lambda: self._api.refunds.create(cast("Any", wish), key_of(key))))
