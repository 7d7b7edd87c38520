"""Payments and what is taken back of them at Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import stripe

from billing.payments.from_stripe import Collected, id_of
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain

UNDONE = frozenset({"failed", "canceled"})
"""Refunds that were not paid back after all."""


class PaymentCalls(StripeClient):
    """What was collected, tried and paid back."""

    def collected(self, customer_id: str) -> Collected:
        """All payments, refunds, disputes and credit notes of a customer."""
        params = {"customer": customer_id, "limit": MOST}
        api = self._api
        charges = _all(
            lambda: api.charges.list(cast("Any", {**params, "expand": ["data.refunds"]}))
        )
        return Collected(
            intents=_all(lambda: api.payment_intents.list(cast("Any", params))),
            charges=charges,
            credit_notes=_all(lambda: api.credit_notes.list(cast("Any", params))),
            disputes={one["id"]: self._dispute(one) for one in charges if one["disputed"]},
        )

    def _dispute(self, charge: Object) -> Object:
        params = cast("Any", {"charge": charge["id"], "limit": 1})
        return plain(call(lambda: self._api.disputes.list(params)).data[0])

    def intent_of_invoice(self, invoice_id: str) -> Object | None:
        """The payment intent that an invoice is collected by; None where nothing was tried."""
        for one in self._payments_of(invoice_id):
            if one["is_default"]:
                return self._intent(one)
        return None

    def taken_back(self, invoice_id: str) -> tuple[list[Object], int, int]:
        """The payments of an invoice that came through, what was paid back of them, and how much
        of that has a credit note."""
        intents = [self._intent(one) for one in self._payments_of(invoice_id)]
        paid = [one for one in intents if one["amount_received"]]
        refunded = 0
        for intent in paid:
            params = cast("Any", {"payment_intent": intent["id"], "limit": MOST})
            found = _all(partial(self._api.refunds.list, params))
            refunded += sum(one["amount"] for one in found if one["status"] not in UNDONE)
        params = cast("Any", {"invoice": invoice_id, "limit": MOST})
        notes = _all(partial(self._api.credit_notes.list, params))
        linked = sum(
            one.get("amount_refunded") or 0
            for note in notes
            if note["status"] == "issued"
            for one in note["refunds"]
        )
        return paid, refunded, linked

    def refund(self, refund_id: str) -> Object:
        """Read a refund."""
        return plain(call(lambda: self._api.refunds.retrieve(refund_id)))

    def _payments_of(self, invoice_id: str) -> list[Object]:
        params = cast("Any", {"invoice": invoice_id, "limit": MOST})
        found = _all(partial(self._api.invoice_payments.list, params))
        return [one for one in found if one["payment"].get("payment_intent")]

    def _intent(self, payment: Object) -> Object:
        intent_id = id_of(payment["payment"]["payment_intent"]) or ""
        return plain(call(lambda: self._api.payment_intents.retrieve(intent_id)))

    def invoice(self, invoice_id: str) -> Object:
        """Read an invoice."""
        return plain(call(lambda: self._api.invoices.retrieve(invoice_id)))

    def take_back(self, invoice_id: str, amounts: Object, memo: str | None, key: str) -> Object:
        """Make a credit note; ``amounts`` has its ``amount``, and what of it is paid back
        (``refund_amount``) or credited (``credit_amount``)."""
        params: Object = {"invoice": invoice_id, **amounts}
        if memo:
            params["memo"] = memo
        return plain(call(lambda: self._api.credit_notes.create(cast("Any", params), key_of(key))))


def _all(ask: Callable[[], stripe.ListObject[Any]]) -> list[Object]:
    pages: Iterable[stripe.StripeObject] = call(lambda: list(call(ask).auto_paging_iter()))
    return [plain(one) for one in pages]
