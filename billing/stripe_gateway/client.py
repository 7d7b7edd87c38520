"""The client that all calls of Stripe share, and what its answers and errors become."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from billing.failures import StripeRefused, StripeUnavailable, StripeUncertain
from billing.payments.refusals import refused
from billing.stripe_gateway.transport import Transport, Unanswered
from layers.settings import BillingSettings

T = TypeVar("T")
Object = dict[str, Any]
MOST = 100


class StripeClient:
    """Stripe's API for one instance. Raises StripeUnavailable, StripeRefused or PaymentRefused."""

    def __init__(self, settings: BillingSettings) -> None:
        self.livemode = settings.livemode
        self._secrets = settings.webhook_secrets
        self._client = stripe.StripeClient(
            settings.stripe_key,
            base_addresses={"api": settings.stripe_base},
            max_network_retries=2,
            http_client=Transport(),
        )
        self._api = self._client.v1
        # It tells of each request, with the ids of customers.
        logging.getLogger("stripe").setLevel(logging.WARNING)


def key_of(key: str) -> stripe.RequestOptions:
    """What makes a call count once, however often it is sent."""
    return {"idempotency_key": f"treadle:{key}"}


def plain(value: stripe.StripeObject) -> Object:
    """One of the SDK's objects as JSON."""
    return value.to_dict()


def call(ask: Callable[[], T]) -> T:
    """What Stripe answers; raises StripeUnavailable (StripeUncertain where it may have changed
    something), StripeRefused or PaymentRefused."""
    try:
        return ask()
    except stripe.CardError as error:
        raise refused(error.user_message or str(error), _reason(error)) from error
    except Unanswered as error:
        raise StripeUncertain from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeUnavailable from error
    except stripe.AuthenticationError as error:
        raise StripeUnavailable("Stripe does not accept STRIPE_API_KEY; check it.") from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        if status >= 500:
            # https://docs.stripe.com/error-low-level#server-errors: what it did is not known.
            raise StripeUncertain from error
        raise StripeRefused(
            error.user_message or str(error),
            status_code=status,
            code=error.code or "",
            param=getattr(error, "param", None),
        ) from error


def _reason(error: stripe.CardError) -> str | None:
    """The decline code, which says more than the code, where there is one."""
    told = error.error
    return getattr(told, "decline_code", None) or error.code
