"""What the workspace chose: what happens at its limits and which mails it gets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from billing.alerts.alert import KINDS
from billing.limits import on_hold
from billing.limits.preferences import store_preferences
from billing.plans.plan import AtLimit
from billing.usage.meters import COUNTED_LIMITS
from functions.http.access import parts_of, require
from functions.http.billing.plans import granted
from functions.http.endpoint import group
from functions.http.shapes import In, Out
from functions.parts import Parts
from layers import jsontext
from layers.errors import FieldError, InvalidInput
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("billing", "/billing")

Cap = Annotated[int, Field(ge=0, le=10**12)]


class PreferencesIn(In):
    """What to choose; a part that is left out goes back to the plan's own."""

    at_limit: dict[str, AtLimit] = Field(
        default_factory=dict,
        description="By limit: `refuse`, `queue` until there is room, or pay `overage`.",
    )
    overage_caps: dict[str, Cap] = Field(
        default_factory=dict, description="By limit, how much beyond the plan at most."
    )
    mail: dict[str, bool] = Field(
        default_factory=dict, description="By kind of alert, whether it goes out by mail."
    )


class PreferencesOut(Out):
    """What holds."""

    at_limit: dict[str, AtLimit]
    overage_caps: dict[str, int]
    mail: dict[str, bool]
    overage_for: list[str] = Field(description="The limits beyond which the plan can be paid.")


@router.get("/preferences")
def read_preferences(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> PreferencesOut:
    """Read what the workspace chose."""
    return _preferences(parts_of(request), caller)


@router.put("/preferences")
def update_preferences(
    body: PreferencesIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> PreferencesOut:
    """Choose what happens at limits and which alerts go out by mail."""
    parts = parts_of(request)
    _check(parts, caller, body)
    parts.accounts.read(caller.workspace_id)
    chosen: dict[str, dict[str, Any]] = {
        "at_limit": dict(body.at_limit),
        "overage_caps": body.overage_caps,
        "alert_preferences": body.mail,
    }
    with parts.database.write() as session:
        connection = session.connection()
        store_preferences(connection, caller.workspace_id, chosen, parts.clock.now())
        target = f"workspace:{caller.workspace_id}"
        action = "billing.preferences_changed"
        record(session, caller.workspace_id, caller.actor, action, target, body.model_dump())
        released = on_hold.release(
            connection, parts.settings.billing, caller.workspace_id, parts.clock.now()
        )
    for execution_id in released[:1]:
        parts.notifier.notify(execution_id)
    return _preferences(parts, caller)


def _check(parts: Parts, caller: Caller, body: PreferencesIn) -> None:
    plan = granted(parts, caller).plan
    errors = [
        FieldError(f"/{member}/{name}", f"Choose from {', '.join(known)}.")
        for member, given, known in (
            ("at_limit", body.at_limit, COUNTED_LIMITS),
            ("overage_caps", body.overage_caps, COUNTED_LIMITS),
            ("mail", body.mail, tuple(KINDS)),
        )
        for name in given
        if name not in known
    ]
    errors += [
        FieldError(
            f"/at_limit/{name}",
            "Only executions can be kept for later: choose refuse or overage.",
        )
        for name, choice in body.at_limit.items()
        if choice == "queue" and name != "executions"
    ]
    errors += [
        FieldError(f"/at_limit/{name}", f"The plan {plan.name} cannot be paid beyond this limit.")
        for name, choice in body.at_limit.items()
        if choice == "overage" and name not in plan.overage
    ]
    if errors:
        raise InvalidInput(errors=errors)


def _preferences(parts: Parts, caller: Caller) -> PreferencesOut:
    entitlements = granted(parts, caller)
    account = parts.accounts.read(caller.workspace_id)
    mail = jsontext.loads(account.alert_preferences or "{}")
    monthly = account.interval == "month"
    return PreferencesOut(
        at_limit=dict(entitlements.at_limit),
        overage_caps=dict(entitlements.overage_caps),
        mail={kind: mail.get(kind, True) for kind in KINDS},
        overage_for=sorted(entitlements.plan.overage) if monthly else [],
    )
