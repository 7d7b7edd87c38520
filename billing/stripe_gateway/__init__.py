"""The one room that imports Stripe's SDK; everything it gives is plain JSON.

Amounts are in the minor unit of their currency, moments in Unix seconds. Every create carries an
idempotency key (https://docs.stripe.com/api/idempotent_requests), so that a lost answer makes
nothing twice.
"""

from __future__ import annotations

from billing.stripe_gateway.catalogue import CatalogueCalls
from billing.stripe_gateway.coupons import CouponCalls
from billing.stripe_gateway.credits import CreditCalls
from billing.stripe_gateway.customers import CustomerCalls
from billing.stripe_gateway.events import EventCalls
from billing.stripe_gateway.invoice_items import InvoiceItemCalls
from billing.stripe_gateway.invoice_references import InvoiceReferenceCalls
from billing.stripe_gateway.invoices import InvoiceCalls
from billing.stripe_gateway.pages import PageCalls
from billing.stripe_gateway.payments import PaymentCalls
from billing.stripe_gateway.schedules import ScheduleCalls
from billing.stripe_gateway.subscriptions import SubscriptionCalls
from billing.stripe_gateway.taxes import TaxCalls


class StripeGateway(
    CatalogueCalls,
    CustomerCalls,
    CouponCalls,
    TaxCalls,
    CreditCalls,
    PageCalls,
    SubscriptionCalls,
    ScheduleCalls,
    InvoiceCalls,
    InvoiceItemCalls,
    InvoiceReferenceCalls,
    PaymentCalls,
    EventCalls,
):
    """All calls of Stripe that Treadle makes, by what they are about."""
