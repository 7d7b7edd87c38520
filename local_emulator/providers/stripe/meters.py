"""Usage that is reported, and what it adds up to."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import OWNER, Object

OLDEST_S = 35 * 86_400
AHEAD_S = 300
UNIQUE_S = 86_400
LONGEST = 100


def create_meter_event(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/billing/meter_events``: an identifier counts once within a day."""
    for name in ("event_name", "payload"):
        if not params.get(name):
            raise required(name)
    names = {one["event_name"] for one in stripe.records.all("billing.meter")}
    if params["event_name"] not in names:
        raise missing("meter", str(params["event_name"]), "event_name")
    payload = params["payload"]
    customer_id = payload.get("stripe_customer_id")
    value = _value(payload)
    stripe.records.get("customer", customer_id, "payload[stripe_customer_id]")
    now = stripe.now(customer_id)
    moment = number(params.get("timestamp"), now)
    if not now - OLDEST_S <= moment <= now + AHEAD_S:
        raise StripeFailure("The timestamp is too old or in the future.", param="timestamp")
    identifier = params.get("identifier") or stripe.records.new_id("mid")
    if len(identifier) > LONGEST:
        raise StripeFailure(f"Invalid string: at most {LONGEST} characters.", param="identifier")
    created = _identifiers(stripe).get(identifier)
    if created is not None and now - created < UNIQUE_S:
        message = f"An event already exists with identifier {identifier}."
        raise StripeFailure(message, param="identifier")
    made: Object = {
        "id": stripe.records.new_id("mevt"),
        "object": "billing.meter_event",
        "created": now,
        "event_name": params["event_name"],
        "identifier": identifier,
        "livemode": False,
        "payload": {"stripe_customer_id": customer_id, "value": str(value)},
        "timestamp": moment,
        OWNER: customer_id,
    }
    _identifiers(stripe)[identifier] = now
    stripe.records.add(made)
    return {name: value for name, value in made.items() if name != "id"}


def _value(payload: Object) -> int:
    for name in ("stripe_customer_id", "value"):
        if payload.get(name) is None:
            raise required(f"payload[{name}]")
    try:
        return int(payload["value"])
    except ValueError:
        message = f"Invalid value: {payload['value']} is not a whole number."
        raise StripeFailure(message, param="payload[value]") from None


def _identifiers(stripe: StripeEmulator) -> dict[str, int]:
    """When each identifier came last; read once from what was kept."""
    known = stripe.meter_identifiers
    if not known:
        for one in stripe.records.all("billing.meter_event"):
            known[one["identifier"]] = one["created"]
    return known


def used(
    stripe: StripeEmulator, meter_id: str | None, customer_id: str, period: tuple[int, int]
) -> int:
    """What a customer used within a period, by a meter's formula."""
    meter = stripe.records.get("billing.meter", meter_id, "meter")
    values = [
        int(event["payload"]["value"])
        for event in stripe.records.of(customer_id, "billing.meter_event")
        if event["event_name"] == meter["event_name"]
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
