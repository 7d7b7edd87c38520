"""Invoices, and what is taken or paid back of them, at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from billing.stripe_gateway.client import MOST, Object, StripeClient, call, plain


class InvoiceCalls(StripeClient):
    """What was billed."""

    def invoices(self, customer_id: str) -> Iterator[Object]:
        """All invoices of a customer, the newest first, with all lines, their discounts, and what
        pays them."""
        expand = ["data.total_discount_amounts.discount", "data.payments"]
        params = cast("Any", {"customer": customer_id, "limit": MOST, "expand": expand})
        found = call(lambda: self._api.invoices.list(params))
        pages = found.auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            yield self._whole(plain(one))

    def _whole(self, invoice: Object) -> Object:
        """With the lines that Stripe left out: it tells the first ten
        (https://docs.stripe.com/api/invoices/object, ``lines``)."""
        if not invoice["lines"].get("has_more"):
            return invoice
        params = cast("Any", {"limit": MOST})
        found = call(lambda: self._api.invoices.line_items.list(invoice["id"], params))
        lines: list[Object] = []
        pages = found.auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            lines.append(plain(one))
        return {**invoice, "lines": {**invoice["lines"], "data": lines, "has_more": False}}

    def pay_invoice(self, invoice_id: str, method_id: str | None = None) -> None:
        """Try to collect an open invoice now, with this method or the one that it would be."""
        params = cast("Any", {} if method_id is None else {"payment_method": method_id})
        call(lambda: self._api.invoices.pay(invoice_id, params))

    def finalize_invoice(self, invoice_id: str) -> None:
        """Let nothing of a draft change any more; it is not collected by that."""
        params = cast("Any", {"auto_advance": False})
        call(lambda: self._api.invoices.finalize_invoice(invoice_id, params))

    def mark_uncollectible(self, invoice_id: str) -> None:
        """Collect an invoice no more; it stays owed, and can be paid."""
        call(lambda: self._api.invoices.mark_uncollectible(invoice_id))

    def void_invoice(self, invoice_id: str) -> None:
        """Take an invoice back that nobody paid: it is as if it had been for nothing."""
        call(lambda: self._api.invoices.void_invoice(invoice_id))
