"""A subscription as it begins."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import wished_tax

DAY_S = 86_400


def new_subscription(stripe: StripeEmulator, customer: Object, params: Object) -> Object:
    """A subscription without items, which nobody keeps yet."""
    now = stripe.now(customer["id"])
    trial_end = _trial_end(params, now)
    subscription_id = stripe.records.new_id("sub")
    settings = params.get("payment_settings") or {}
    return {
        "id": subscription_id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": wished_tax(False),
        "billing_cycle_anchor": trial_end or _anchor(params, now),
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": None, "type": _billing_mode(params)},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": params.get("collection_method", "charge_automatically"),
        "created": now,
        "currency": "",
        "customer": customer["id"],
        "customer_account": None,
        "days_until_due": _days_until_due(params),
        "default_payment_method": params.get("default_payment_method"),
        "default_source": None,
        "default_tax_rates": [],
        "description": params.get("description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "items": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={subscription_id}",
        },
        "latest_invoice": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": settings.get("payment_method_options"),
            "payment_method_types": settings.get("payment_method_types"),
            "save_default_payment_method": settings.get("save_default_payment_method", "off"),
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": now,
        "status": "trialing" if trial_end else "active",
        "test_clock": customer["test_clock"],
        "transfer_data": None,
        "trial_end": trial_end,
        "trial_settings": params.get("trial_settings")
        or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": now if trial_end else None,
    }


def _trial_end(params: Object, now: int) -> int | None:
    if params.get("trial_period_days"):
        if params.get("trial_end"):
            message = "You may only specify one of these parameters: trial_end, trial_period_days."
            raise StripeFailure(message, param="trial_end")
        return now + number(params["trial_period_days"]) * DAY_S
    if params.get("trial_end") in {None, "now"}:
        return None
    end = number(params["trial_end"])
    if end <= now:
        raise StripeFailure("Invalid timestamp: must be in the future.", param="trial_end")
    return end


def _anchor(params: Object, now: int) -> int:
    """When full periods begin; up to then the first one is prorated."""
    anchor = number(params.get("billing_cycle_anchor"), now)
    if anchor < now:
        message = "billing_cycle_anchor cannot be in the past."
        raise StripeFailure(message, param="billing_cycle_anchor")
    return anchor


def _billing_mode(params: Object) -> str:
    """Flexible unless asked otherwise (since API 2025-09-30)."""
    mode = str((params.get("billing_mode") or {}).get("type") or "flexible")
    if mode not in {"classic", "flexible"}:
        raise StripeFailure(f"Invalid billing mode: {mode}.", param="billing_mode[type]")
    return mode


def _days_until_due(params: Object) -> int | None:
    is_sent = params.get("collection_method") == "send_invoice"
    if is_sent and not params.get("days_until_due"):
        raise required("days_until_due")
    return number(params["days_until_due"]) if is_sent else None
