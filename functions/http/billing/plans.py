"""The plans that there are, beside what the workspace has."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from billing.limits.entitlements import Entitlements
from billing.plans.plan import OPEN, AtLimit, Features, Interval, Limits, Plan, plans_in
from billing.plans.seats import PER_SEAT
from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Listing, Out
from functions.parts import Parts
from layers.identity import Caller, Permission
from layers.settings import BillingMode

router = group("billing", "/billing")


class PlanOut(Out):
    """A plan in its newest version; amounts in the currency's minor unit, for each seat."""

    plan: str
    number: int
    name: str
    summary: str
    prices: dict[Interval, dict[str, int]]
    trial_days: int
    limits: Limits
    features: Features
    at_limit: dict[str, AtLimit]
    overage: dict[str, dict[str, str]]
    per_seat: list[str] = Field(
        description="The limits that each seat includes once more; the others stay the same."
    )
    is_for_sale: bool
    is_current: bool

    @classmethod
    def of(cls, plan: Plan, current: str) -> PlanOut:
        """A plan as it goes out."""
        overage = {
            limit: {currency: str(amount) for currency, amount in prices.items()}
            for limit, prices in plan.overage.items()
        }
        shown = plan.model_dump(exclude={"overage"})
        is_current = plan.plan == current
        return cls(
            **shown,
            overage=overage,
            per_seat=list(PER_SEAT),
            is_for_sale=plan.is_for_sale,
            is_current=is_current,
        )


@router.get("/plans")
def list_plans(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> Listing[PlanOut]:
    """List the plans, the smallest first, with what each includes and costs."""
    parts = parts_of(request)
    current = granted(parts, caller).plan.plan
    plans = list(plans_in(parts.settings.billing.plans))
    if current == OPEN.plan and parts.settings.billing.mode is BillingMode.OFF:
        plans = [OPEN]
    return Listing(items=[PlanOut.of(one, current) for one in plans], next_cursor=None)


def granted(parts: Parts, caller: Caller) -> Entitlements:
    """What holds for the caller's workspace now."""
    with parts.database.reading() as connection:
        return parts.plan_limits.of(connection, caller.workspace_id, parts.clock.now())
