"""Payments that need the bank's consent: a change waits for it, an open invoice leads to it.

A change is sent with ``payment_behavior=pending_if_incomplete``
(https://docs.stripe.com/billing/subscriptions/pending-updates): Stripe changes nothing before it is
paid, and drops what nobody pays for 23 hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.failures import ConsentNeeded, PaymentRefused
from billing.payments.from_stripe import CONSENT, Object, id_of
from billing.payments.refusals import refused_by

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway


def settle_change(gateway: StripeGateway, subscription: Object) -> None:
    """Let a change wait for the bank's consent; one that was refused is dropped.

    ``subscription`` is what Stripe answered to the change. Raises PaymentRefused: then nothing was
    changed, and nothing is owed.
    """
    if not subscription.get("pending_update"):
        return
    invoice_id = id_of(subscription["latest_invoice"])
    if invoice_id is None:
        return
    intent = gateway.intent_of_invoice(invoice_id)
    if intent is not None and intent["status"] == CONSENT:
        return
    if gateway.invoice(invoice_id)["status"] == "open":
        gateway.void_invoice(invoice_id)
    raise refused_by(intent)


def drop_change(gateway: StripeGateway, subscription: Object) -> bool:
    """Drop the change that waits, by voiding its invoice; says whether one waited."""
    invoice_id = id_of(subscription["latest_invoice"])
    if not subscription.get("pending_update") or invoice_id is None:
        return False
    gateway.void_invoice(invoice_id)
    return True


def pay_invoice(
    gateway: StripeGateway, invoice_id: str, method_id: str | None, url: str | None
) -> None:
    """Try to collect an open invoice now; raises ConsentNeeded with ``url``, or PaymentRefused."""
    try:
        gateway.pay_invoice(invoice_id, method_id)
    except PaymentRefused as error:
        intent = gateway.intent_of_invoice(invoice_id)
        if intent is not None and intent["status"] == CONSENT:
            raise ConsentNeeded(url) from error
        raise
