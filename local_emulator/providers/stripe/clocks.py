"""Test clocks: time that is moved by hand, with everything that falls due meanwhile."""

from __future__ import annotations

from local_emulator.providers.stripe.agenda import happen
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.tax_ids import verify


def create_clock(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/test_helpers/test_clocks``."""
    if not params.get("frozen_time"):
        raise required("frozen_time")
    return stripe.records.add(
        {
            "id": stripe.records.new_id("clock"),
            "object": "test_helpers.test_clock",
            "created": stripe.now(),
            "deletes_after": stripe.now() + 30 * 86_400,
            "frozen_time": number(params["frozen_time"]),
            "livemode": False,
            "name": params.get("name"),
            "status": "ready",
            "status_details": {},
        }
    )


def advance_clock(stripe: StripeEmulator, params: Object, clock_id: str) -> Object:
    """``POST /v1/test_helpers/test_clocks/{id}/advance``."""
    clock = stripe.records.get("test_helpers.test_clock", clock_id)
    goal = number(params.get("frozen_time"))
    if goal <= clock["frozen_time"]:
        raise StripeFailure("The clock can only be moved ahead.", param="frozen_time")
    for moment in happen(stripe, clock_id, goal):
        clock["frozen_time"] = max(clock["frozen_time"], moment)
    clock["frozen_time"] = goal
    verify(stripe)
    return clock


def tick(stripe: StripeEmulator) -> bool:
    """Let happen what is due in real time; says whether anything was."""
    happened = False
    try:
        for moment in happen(stripe, None, stripe.now()):
            stripe.happening_at = moment
            happened = True
    finally:
        stripe.happening_at = None
    return verify(stripe) or happened
