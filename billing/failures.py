"""What can go wrong with payments."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from layers.errors import Conflict, MalformedInput, TreadleError, Unavailable


class BillingIsOff(Conflict):
    """Billing is off on this instance: everything is open, and there is nothing to pay."""


class StripeUnavailable(Unavailable):
    """Stripe cannot be reached at the moment; nothing was changed, try again in a minute."""


class StripeUncertain(StripeUnavailable):
    """Stripe did not answer in time. What you asked for may have happened all the same: it is
    looked up by itself. Look at it here in a minute, and ask again if it did not."""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or " ".join((type(self).__doc__ or "").split()))


class StripeRefused(TreadleError):
    """Stripe refused that."""

    status = HTTPStatus.CONFLICT

    def __init__(
        self,
        detail: str | None = None,
        *,
        status_code: int = 0,
        code: str = "",
        param: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status_code = status_code
        self.code = code
        """Stripe's, such as ``resource_missing`` (https://docs.stripe.com/error-codes)."""
        self.param = param

    @property
    def is_missing(self) -> bool:
        """Whether Stripe does not know what was named."""
        return self.code == "resource_missing"


class PaymentRefused(TreadleError):
    """The payment was refused; choose another card."""

    status = HTTPStatus.PAYMENT_REQUIRED

    def __init__(self, detail: str | None = None, *, reason: str | None = None) -> None:
        super().__init__(detail)
        self.more = {"reason": reason}


class ConsentNeeded(PaymentRefused):
    """Your bank asks you to agree to this payment: go to confirm_url, and agree there."""

    def __init__(self, confirm_url: str | None) -> None:
        super().__init__()
        self.more = {"reason": "authentication_required", "confirm_url": confirm_url}


class BadSignature(MalformedInput):
    """The signature of the event does not fit: it is not from Stripe, or too old."""


class WebhookNotConfigured(Unavailable):
    """No secret is set for Stripe's webhook: set STRIPE_WEBHOOK_SECRET."""


class PayFirst(Conflict):
    """The last invoice is not paid: pay it (/billing/pay) or choose another card first, or end the
    subscription."""

    def __init__(self, invoice: Any) -> None:
        if invoice is None:
            super().__init__(" ".join((type(self).__doc__ or "").split()))
            return
        super().__init__(
            f"Invoice {invoice.number} is not paid: pay it (/billing/pay), or choose another card,"
            " before the plan is changed."
        )
        self.more = {"invoice_id": invoice.id, "invoice_number": invoice.number}
