"""Customers that were deleted: they stay to be read, as deleted, and take nothing any more."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.items import ALIVE
from local_emulator.providers.stripe.lifecycle import end
from local_emulator.providers.stripe.records import Object

DELETED = "emulator.deleted_customer"


def delete_customer(stripe: StripeEmulator, _params: Object, customer_id: str) -> Object:
    """``DELETE /v1/customers/{id}``: ends its subscriptions at once, and cannot be undone."""
    customer = stripe.records.get("customer", customer_id)
    for one in stripe.records.all("subscription"):
        if one["customer"] == customer_id and one["status"] in ALIVE:
            end(stripe, one, {"reason": "cancellation_requested"})
    for one in stripe.records.all("invoice"):
        if one["customer"] == customer_id:
            one["auto_advance"], one["next_payment_attempt"] = False, None
    for one in stripe.records.all("payment_method"):
        if one["customer"] == customer_id:
            one["customer"] = None
    stripe.happened("customer.deleted", customer)
    stripe.records.forget(customer_id)
    stripe.records.add({"id": customer_id, "object": DELETED})
    return _shown(customer_id)


def read_customer(stripe: StripeEmulator, _params: Object, customer_id: str) -> Object:
    """``GET /v1/customers/{id}``: of a deleted one no more than that it was."""
    if stripe.records.find(DELETED, customer_id) is not None:
        return _shown(customer_id)
    return stripe.records.get("customer", customer_id)


def _shown(customer_id: str) -> Object:
    return {"id": customer_id, "object": "customer", "deleted": True}
