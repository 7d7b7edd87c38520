"""What a 402 says: whose limit it is, what of it is used at that moment, and where more is had."""

from __future__ import annotations

from billing.limits.entitlements import Entitlements, upgrade_url
from billing.plans.seats import with_seats
from layers.engine.metering import LimitExceeded

LARGER_PLAN = "An owner of the workspace can choose a larger plan or more seats."


def reached(
    held: Entitlements,
    limit: str,
    used: int,
    public_url: str,
    *,
    wanted: int = 1,
    reserved: int = 0,
) -> LimitExceeded:
    """A limit that fills up within a month and has no room for ``wanted`` more.

    ``reserved`` is what others that run now may use. The address leads to the remedy: to the plans,
    or where the cap of what is paid beyond the plan is set.
    """
    url = upgrade_url(public_url)
    whose, remedy = "that its plan includes", LARGER_PLAN
    if held.at_limit.get(limit) == "overage":
        url = f"{url}?tab=alerts"
        whose = "that its plan and its cap for what is paid beyond it allow"
        remedy = "An owner of the workspace can raise that cap, or choose a larger plan."
    elif is_overridden(held, limit):
        whose = "that the administrator of this instance granted it"
        remedy = "The administrator can grant more."
    elif held.interval == "month" and limit in held.plan.overage:
        remedy = f"{LARGER_PLAN[:-1]}, or agree to pay for what is beyond it."
    return LimitExceeded(
        meter=limit,
        limit=held.ceiling(limit) or 0,
        used=used,
        resets_at=held.period.end,
        upgrade_url=url,
        whose=whose,
        remedy=remedy,
        wanted=wanted,
        reserved=reserved,
    )


def is_overridden(held: Entitlements, limit: str) -> bool:
    """Whether the administrator set a limit for this workspace, whatever its plan says."""
    return held.limits[limit] != with_seats(held.plan.included[0], held.seats)[limit]
