"""Events that Stripe sends."""

from __future__ import annotations

import stripe

from billing.failures import BadSignature
from billing.stripe_gateway.client import StripeClient
from layers import jsontext

TOLERANCE_S = 300


class EventCalls(StripeClient):
    """What Stripe tells."""

    def read_event(self, payload: bytes, signature: str | None) -> object:
        """What Stripe really sent, whatever JSON it is; raises BadSignature.

        Any of the secrets may have signed it, so that they can be changed without a gap
        (https://docs.stripe.com/webhooks#roll-endpoint-secrets).
        """
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(
                    payload.decode(), signature or "", secret, TOLERANCE_S
                )
            except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
                # Of a signature with other letters than ASCII the SDK raises TypeError.
                continue
            try:
                return jsontext.loads(payload)
            except jsontext.InvalidJson as error:
                raise BadSignature("The event's body is not JSON.") from error
        raise BadSignature
