"""What the workspace chose: what happens at its limits, which mails it gets, whom invoices name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field

from billing.accounts.accounts import request_key
from billing.alerts.alert import KINDS
from billing.limits import held
from billing.limits.preferences import store_preferences
from billing.plans.plan import AtLimit
from billing.usage.meters import COUNTED_LIMITS
from functions.http.access import parts_of, require
from functions.http.billing.plans import granted
from functions.http.billing.subscription import STATE, person_of, put_on_record
from functions.http.endpoint import group
from functions.http.shapes import In, Out
from functions.parts import Parts
from layers import jsontext
from layers.errors import FieldError, InvalidInput
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("billing", "/billing")

Cap = Annotated[int, Field(ge=0, le=10**12)]
Text = Annotated[str, Field(max_length=200)]


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


class AddressIn(In):
    """Where the buyer is."""

    line1: Text = ""
    line2: Text = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    city: Text = ""
    state: Text = ""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$", description="ISO 3166-1, as DE.")


class BuyerIn(In):
    """Whom invoices name."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)]
    address: AddressIn = AddressIn()
    tax_id: Annotated[str, Field(max_length=40)] = ""
    tax_id_type: str = Field(
        default="",
        pattern=r"^([a-z]{2}_[a-z0-9_]{2,20})?$",
        description="As Stripe names it, such as eu_vat.",
    )
    language: Literal["", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "zh"] | None = (
        Field(
            default=None,
            description="What the next documents are in; empty for the seller's own. "
            "Without it the language stays as it is.",
        )
    )


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
        released = held.release(
            connection, parts.settings.billing, caller.workspace_id, parts.clock.now()
        )
    for execution_id in released[:1]:
        parts.bell.ring(execution_id)
    return _preferences(parts, caller)


@router.put("/buyer", status_code=204, responses=STATE)
def update_buyer(
    body: BuyerIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> None:
    """Say whom the next invoices name; those that are issued stay as they are."""
    parts = parts_of(request)
    if bool(body.tax_id) != bool(body.tax_id_type):
        message = "Give the tax id and its type, or neither."
        raise InvalidInput(errors=[FieldError("/tax_id", message)])
    customer_id = parts.accounts.customer(person_of(parts, caller))
    gateway = parts.accounts.gateway
    address = body.address.model_dump()
    changes: dict[str, Any] = {"name": body.name, "email": body.email, "address": address}
    if body.language is not None:
        # Stripe's own pages and mails follow it, too.
        changes["preferred_locales"] = [body.language] if body.language else []
    gateway.update_customer(customer_id, changes)
    if body.tax_id:
        gateway.set_tax_id(customer_id, body.tax_id_type, body.tax_id, request_key("tax_id"))
    put_on_record(parts, caller, "billing.buyer_changed", body.model_dump())


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
        for name, wish in body.at_limit.items()
        if wish == "queue" and name != "executions"
    ]
    errors += [
        FieldError(f"/at_limit/{name}", f"The plan {plan.name} cannot be paid beyond this limit.")
        for name, wish in body.at_limit.items()
        if wish == "overage" and name not in plan.overage
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
