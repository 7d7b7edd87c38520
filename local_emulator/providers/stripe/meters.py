"""Usage that is reported, and what it adds up to."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object

OLDEST_S = 35 * 86_400
AHEAD_S = 300
UNIQUE_S = 86_400


def create_meter_event(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/billing/meter_events``: an identifier counts once within a day."""
    names = {one["event_name"] for one in stripe.records.all("billing.meter")}
    if params.get("event_name") not in names:
        raise missing("meter", str(params.get("event_name")), "event_name")
    payload = params.get("payload") or {}
    customer_id = payload.get("stripe_customer_id")
    stripe.records.get("customer", customer_id, "payload[stripe_customer_id]")
    now = stripe.now(customer_id)
    moment = number(params.get("timestamp"), now)
    if not now - OLDEST_S <= moment <= now + AHEAD_S:
        raise StripeFailure("The timestamp is too old or in the future.", param="timestamp")
    identifier = params.get("identifier") or stripe.records.new_id("mid")
    for other in stripe.records.all("billing.meter_event"):
        if other["identifier"] == identifier and now - other["created"] < UNIQUE_S:
            message = f"An event already exists with identifier {identifier}."
            raise StripeFailure(message, param="identifier")
    made: Object = {
        "id": stripe.records.new_id("mevt"),
        "object": "billing.meter_event",
        "created": now,
        "event_name": params["event_name"],
        "identifier": identifier,
        "livemode": False,
        "payload": {"stripe_customer_id": customer_id, "value": str(payload.get("value", "0"))},
        "timestamp": moment,
    }
    return stripe.records.add(made)


def used(
    stripe: StripeEmulator, meter_id: str | None, customer_id: str, period: tuple[int, int]
) -> int:
    """What a customer used within a period, by a meter's formula."""
    meter = stripe.records.get("billing.meter", meter_id, "meter")
    values = [
        int(event["payload"]["value"])
        for event in stripe.records.all("billing.meter_event")
        if event["event_name"] == meter["event_name"]
        and event["payload"]["stripe_customer_id"] == customer_id
        and period[0] <= event["timestamp"] < period[1]
    ]
    formula = meter["default_aggregation"]["formula"]
    if formula == "count":
        return len(values)
    return values[-1] if formula == "last" and values else sum(values)


def summarize(stripe: StripeEmulator, params: Object, meter_id: str) -> Object:
    """``GET /v1/billing/meters/{id}/event_summaries``: one for the whole of the time."""
    period = number(params.get("start_time")), number(params.get("end_time"))
    value = used(stripe, meter_id, params.get("customer") or "", period)
    summary = {
        "id": stripe.records.new_id("mtrusg"),
        "object": "billing.meter_event_summary",
        "aggregated_value": value,
        "end_time": period[1],
        "livemode": False,
        "meter": meter_id,
        "start_time": period[0],
    }
    url = f"/v1/billing/meters/{meter_id}/event_summaries"
    return {"object": "list", "url": url, "has_more": False, "data": [summary]}
