"""Subscription schedules: what a subscription will be, phase by phase.

https://docs.stripe.com/billing/subscriptions/subscription-schedules
"""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.endings import cancel_now
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import truth
from local_emulator.providers.stripe.items import ALIVE
from local_emulator.providers.stripe.records import Object, listed, within
from local_emulator.providers.stripe.schedule_dates import current, enter, let_go, set_current
from local_emulator.providers.stripe.schedule_phases import phase_of, read_phases

BEHAVIOURS = frozenset({"release", "cancel"})


def create_schedule(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/subscription_schedules``, of a subscription that there is."""
    if not params.get("from_subscription"):
        raise required("from_subscription")
    others = set(params) - {"from_subscription"}
    if others:
        message = f"You cannot set {min(others)} together with from_subscription."
        raise StripeFailure(message, param=min(others))
    subscription_id = params["from_subscription"]
    subscription = stripe.records.get("subscription", subscription_id, "from_subscription")
    if subscription["status"] not in ALIVE:
        message = "You cannot migrate a subscription that has ended to a subscription schedule."
        raise StripeFailure(message, param="from_subscription")
    if subscription["schedule"] is not None:
        message = (
            "You cannot migrate a subscription that is already attached to a schedule:"
            f" {subscription['schedule']}."
        )
        raise StripeFailure(message, param="from_subscription")
    phase = phase_of(subscription)
    made: Object = {
        "id": stripe.records.new_id("sub_sched"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": dict(subscription["billing_mode"]),
        "canceled_at": None,
        "completed_at": None,
        "created": stripe.now(subscription["customer"]),
        "current_phase": None,
        "customer": subscription["customer"],
        "customer_account": None,
        "default_settings": _settings(subscription),
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": [phase],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    }
    if subscription["cancel_at_period_end"]:
        made["end_behavior"] = "cancel"
    set_current(made, phase)
    subscription["schedule"] = made["id"]
    stripe.records.add(made)
    stripe.happened("subscription_schedule.created", made)
    stripe.happened("customer.subscription.updated", subscription, {"schedule": None})
    return made


def update_schedule(stripe: StripeEmulator, params: Object, schedule_id: str) -> Object:
    """``POST /v1/subscription_schedules/{id}``: the phase that it is in must be among them."""
    schedule = _active(stripe, schedule_id)
    now = stripe.now(schedule["customer"])
    if params.get("end_behavior"):
        if params["end_behavior"] not in BEHAVIOURS:
            raise StripeFailure("Invalid end_behavior.", param="end_behavior")
        schedule["end_behavior"] = params["end_behavior"]
    if params.get("phases"):
        _set_phases(stripe, schedule, params, now)
    schedule["metadata"] |= params.get("metadata") or {}
    stripe.happened("subscription_schedule.updated", schedule)
    return schedule


def release_schedule(stripe: StripeEmulator, _params: Object, schedule_id: str) -> Object:
    """``POST /v1/subscription_schedules/{id}/release``: the subscription goes on as it is."""
    schedule = _active(stripe, schedule_id)
    let_go(stripe, schedule)
    return schedule


def cancel_schedule(stripe: StripeEmulator, params: Object, schedule_id: str) -> Object:
    """``POST /v1/subscription_schedules/{id}/cancel``: and the subscription with it, at once."""
    schedule = _active(stripe, schedule_id)
    subscription = stripe.records.get("subscription", schedule["subscription"])
    wish = {
        "invoice_now": truth(params.get("invoice_now"), True),
        "prorate": truth(params.get("prorate"), True),
    }
    cancel_now(stripe, subscription, wish)
    return schedule


def list_schedules(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/subscription_schedules``, by customer, state and dates."""

    def wanted(one: Object) -> bool:
        return (
            params.get("customer") in {None, one["customer"]}
            and (not truth(params.get("scheduled")) or one["status"] == "not_started")
            and within(one["created"], params.get("created"))
            and within(one["canceled_at"], params.get("canceled_at"))
            and within(one["completed_at"], params.get("completed_at"))
            and within(one["released_at"], params.get("released_at"))
        )

    found = stripe.records.of(params.get("customer"), "subscription_schedule")
    return listed(found, params, "/v1/subscription_schedules", wanted)


def _active(stripe: StripeEmulator, schedule_id: str) -> Object:
    schedule = stripe.records.get("subscription_schedule", schedule_id)
    if schedule["status"] != "active":
        message = f"You cannot change a subscription schedule that is {schedule['status']}."
        raise StripeFailure(message)
    return schedule


def _set_phases(stripe: StripeEmulator, schedule: Object, params: Object, now: int) -> None:
    phases = read_phases(stripe, params["phases"], now)
    if any(one["currency"] != schedule["phases"][0]["currency"] for one in phases):
        message = "The phases must be in the currency of the subscription."
        raise StripeFailure(message, param="phases")
    before = current(schedule)
    is_in = next((one for one in phases if one["start_date"] <= now < one["end_date"]), None)
    if is_in is None:
        message = "One of the phases must be the one that the schedule is in now."
        raise StripeFailure(message, param="phases")
    starts = {one["start_date"] for one in schedule["phases"]}
    if is_in["start_date"] != now and is_in["start_date"] not in starts:
        message = "You can not modify the start date of the current phase."
        raise StripeFailure(message, param="phases[0][start_date]")
    if is_in["items"] != before["items"]:
        behaviour = params.get("proration_behavior", "create_prorations")
        enter(stripe, schedule, {**is_in, "proration_behavior": behaviour}, now)
    schedule["phases"] = phases
    set_current(schedule, is_in)


def _settings(subscription: Object) -> Object:
    return {
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": subscription["collection_method"],
        "default_payment_method": subscription["default_payment_method"],
        "description": subscription["description"],
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "days_until_due": subscription["days_until_due"],
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "on_behalf_of": None,
        "transfer_data": None,
    }
