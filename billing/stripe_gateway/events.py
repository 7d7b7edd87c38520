"""Events that Stripe sends."""

from __future__ import annotations

import json
from typing import cast

import stripe

from billing.failures import BadSignature
from billing.stripe_gateway.client import Object, StripeClient

TOLERANCE_S = 300


class EventCalls(StripeClient):
    """What Stripe tells."""

    def read_event(self, payload: bytes, signature: str | None) -> Object:
        """An event that Stripe really sent; raises BadSignature.

        Any of the secrets may have signed it, so that they can be changed without a gap
        (https://docs.stripe.com/webhooks#roll-endpoint-secrets).
        """
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(
                    payload.decode(), signature or "", secret, TOLERANCE_S
                )
                return cast("Object", json.loads(payload))
            except (stripe.SignatureVerificationError, UnicodeDecodeError):
                continue
            except ValueError as error:
                raise BadSignature("The event's body is not JSON.") from error
        raise BadSignature
