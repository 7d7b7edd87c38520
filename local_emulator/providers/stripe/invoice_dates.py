"""Dates of invoices: a draft is finalised after its hour, and a payment that failed tried again."""

from __future__ import annotations

from local_emulator.providers.stripe.billing import after_payment, collect
from local_emulator.providers.stripe.cash_balances import become_overdue, overdue_at
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.invoices import finalize
from local_emulator.providers.stripe.payments import pay
from local_emulator.providers.stripe.records import Object


def due(_stripe: StripeEmulator, invoice: Object) -> int | None:
    """When next something happens to an invoice by itself."""
    moment: int | None = None
    if invoice["status"] == "draft" and invoice["auto_advance"]:
        moment = invoice["automatically_finalizes_at"]
    if invoice["status"] == "open" and invoice["auto_advance"]:
        moment = invoice["next_payment_attempt"]
    if invoice["status"] == "open" and invoice["collection_method"] == "send_invoice":
        moment = overdue_at(invoice)
    return moment


def act(stripe: StripeEmulator, invoice: Object, _moment: int) -> None:
    """Finalise a draft and collect it; try a payment again; or note that it came too late."""
    if invoice["status"] == "draft":
        finalize(stripe, invoice)
        collect(stripe, invoice)
        return
    if invoice["collection_method"] == "send_invoice":
        become_overdue(stripe, invoice)
        return
    after_payment(stripe, invoice, pay(stripe, invoice))
