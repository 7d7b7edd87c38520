"""Webhook endpoints, events, and what of everything can be read."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import required
from local_emulator.providers.stripe.records import Object, listed, within


def create_endpoint(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/webhook_endpoints``; its secret is shown this once."""
    for name in ("url", "enabled_events"):
        if not params.get(name):
            raise required(name)
    return stripe.records.add(
        {
            "id": stripe.records.new_id("we"),
            "object": "webhook_endpoint",
            "created": stripe.now(),
            "description": params.get("description"),
            "enabled_events": params["enabled_events"],
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "secret": stripe.records.new_id("whsec"),
            "status": "enabled",
            "url": params["url"],
        }
    )


def list_events(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/events``, by type and date."""
    types = params.get("types")

    def wanted(event: Object) -> bool:
        return (
            params.get("type") in {None, event["type"]}
            and (types is None or event["type"] in types)
            and within(event["created"], params.get("created"))
        )

    return listed(stripe.records.all("event"), params, "/v1/events", wanted)
