"""Payment methods: listed, added on Stripe's page, chosen, removed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request

from billing.accounts.accounts import request_key
from functions.http.access import parts_of, require
from functions.http.billing.payer import STATE, UrlOut, person_of, put_on_record
from functions.http.endpoint import group
from functions.http.shapes import Listing, Out
from functions.parts import Parts
from layers import jsontext
from layers.errors import Conflict, NotFound
from layers.identity import Caller, Permission

router = group("billing", "/billing/payment-methods")

MethodId = Annotated[str, Path(max_length=100)]


class PaymentMethodOut(Out):
    """What may be shown of a payment method."""

    id: str
    type: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    is_default: bool


@router.get("")
def list_payment_methods(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> Listing[PaymentMethodOut]:
    """List the payment methods, the one that is charged first."""
    found = _methods(parts_of(request), caller)
    items = [PaymentMethodOut.model_validate(one) for one in found]
    return Listing(items=items, next_cursor=None)


@router.post("", responses=STATE)
def add_payment_method(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> UrlOut:
    """Have a payment method entered on Stripe's page, which leads back to the billing page."""
    parts = parts_of(request)
    accounts = parts.accounts
    back = f"{parts.settings.server.public_url}/settings/billing"
    key = request_key("setup")
    session = accounts.for_customer(
        person_of(parts, caller),
        lambda customer_id: accounts.gateway.setup(
            customer_id, f"{back}?setup=done", back, f"{key}:{customer_id}"
        ),
    )
    return UrlOut(url=session["url"])


@router.put("/{method_id}/default", responses=STATE)
def choose_payment_method(
    method_id: MethodId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> Listing[PaymentMethodOut]:
    """Charge this method from now on."""
    parts = parts_of(request)
    _own(parts, caller, method_id)
    account = parts.accounts.read(caller.workspace_id)
    subscription_id = account.subscription_id if account.ended_at is None else None
    parts.accounts.gateway.set_default_method(account.customer_id, subscription_id, method_id)
    parts.accounts.refresh(caller.workspace_id)
    put_on_record(parts, caller, "billing.payment_method_chosen", {"id": method_id})
    return list_payment_methods(request, caller)


@router.delete("/{method_id}", status_code=204, responses=STATE)
def remove_payment_method(
    method_id: MethodId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> None:
    """Forget a payment method; one that a subscription is paid with has to be replaced first."""
    parts = parts_of(request)
    method = _own(parts, caller, method_id)
    account = parts.accounts.read(caller.workspace_id)
    if method["is_default"] and account.status in {"active", "trialing", "past_due"}:
        raise Conflict("The subscription is paid with this method: choose another one first.")
    parts.accounts.gateway.detach_method(method_id)
    parts.accounts.refresh(caller.workspace_id)
    put_on_record(parts, caller, "billing.payment_method_removed", {"id": method_id})


def _methods(parts: Parts, caller: Caller) -> list[dict[str, Any]]:
    account = parts.accounts.read(caller.workspace_id)
    found: list[dict[str, Any]] = jsontext.loads(account.payment_methods or "[]")
    return found


def _own(parts: Parts, caller: Caller, method_id: str) -> dict[str, Any]:
    for one in _methods(parts, caller):
        if one["id"] == method_id:
            return one
    raise NotFound("This workspace has no such payment method.")
