"""Usage that is reported to Stripe's meters."""

from __future__ import annotations

from typing import Any, cast

from billing.failures import StripeRefused
from billing.stripe_gateway.client import Object, StripeClient, call


class UsageCalls(StripeClient):
    """What was used."""

    def send_usage(self, event: Object) -> None:
        """Report usage to a meter; ``identifier`` makes it count once."""
        try:
            call(lambda: self._api.billing.meter_events.create(cast("Any", event)))
        except StripeRefused as error:
            # It came through before, and only the answer was lost.
            if "already exists" not in error.detail:
                raise
